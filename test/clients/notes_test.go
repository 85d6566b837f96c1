//go:build clients

package clients_test

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/test/client"
	"github.com/latchkey-auth/latchkey/test/localrun"
)

// notes is a local run with a backend of examples/ attached to it.
type notes struct {
	t    *testing.T
	run  *localrun.Process
	http *http.Client
	url  string // of the backend's API
}

func startNotes(t *testing.T, binary, language string) notes {
	t.Helper()
	folder := "examples/notes-" + language
	id := map[string]string{"node": "NotesNodeFunction", "python": "NotesPythonFunction"}[language]
	address := freeAddress(t)
	p := localrun.Launch(t, binary, "-template", folder+"/template.yaml", "-invoke", id+"=http://"+address)
	serve(t, language, "../../"+folder, address, signing(p.URL, "us-east-1", p.Key.AccessKeyID, p.Key.SecretAccessKey)...)
	u, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	// Not every resolver knows the names below localhost.
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, u.Host)
	}
	return notes{t, p, &http.Client{Transport: &http.Transport{DialContext: dial}}, "http://notesapi.localhost:" + u.Port()}
}

// freeAddress returns an address of this machine on which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// at returns the client as it calls the backend's API.
func (n notes) at(c client.Client) client.Client {
	c.URL, c.HTTP = n.url, n.http
	return c
}

// says fails the test unless the answer has the status and the text.
func (n notes) says(a client.Answer, status int, text string) client.Answer {
	n.t.Helper()
	if err := a.Check(status); err != nil || !strings.Contains(string(a.Body), text) {
		n.t.Errorf("%s = %d %s, want %d and %s", a.Call, a.Status, a.Body, status, text)
	}
	return a
}

// The backends of examples/ behind the authorizer of a local run, by the
// frontend's tokens in headers and in cookies.
func TestNotes(t *testing.T) {
	binary := localrun.Build(t)
	for _, language := range []string{"node", "python"} {
		n := startNotes(t, binary, language)
		for _, inCookies := range []bool{false, true} {
			n.t = t
			stranger := n.run.Client(t)
			stranger.InCookies = inCookies
			email := map[bool]string{false: "ada", true: "grace"}[inCookies] + "@example.com"
			signedUp := stranger.Post("/auth/signup", client.Form(email, client.Password)).Want(200)
			t.Run(language, func(t *testing.T) {
				n.t = t
				n.walk(n.at(stranger), n.at(stranger.With(signedUp)))
			})
			if !slices.ContainsFunc(n.run.Banner, func(line string) bool { return strings.Contains(line, "/admin/sessions/{handle}/token") }) {
				continue // an API that gives backends no tokens
			}
			t.Run(language+" with sessions in its hands", func(t *testing.T) {
				n.t = t
				n.hold(n.at(stranger), n.at(stranger.With(signedUp)))
			})
		}
	}
}

// walk reads and writes notes, and is refused.
func (n notes) walk(stranger, user client.Client) {
	n.says(user.Get("/notes"), 200, `[]`)
	n.says(user.Post("/notes", `{"text":"buy milk"}`), 201, `buy milk`)
	n.says(user.Get("/notes"), 200, `buy milk`)
	for _, bad := range []string{``, `{`, `[]`, `null`, `{"text":7}`, `{"text":""}`, `{"text":"` + strings.Repeat("é", 501) + `"}`} {
		n.says(user.Post("/notes", bad), 400, `at most`)
	}
	n.says(user.Get("/reports"), 403, `"claimValidationErrors"`)
	n.says(user.Get("/greeting"), 200, `Hello, `)
	n.says(stranger.Get("/greeting"), 200, `Hello, stranger`)
	n.says(stranger.Get("/notes"), 401, ``)
	n.says(stranger.Post("/notes", `{"text":"x"}`), 401, ``)
	n.says(user.Get("/nothing"), 404, ``)
}

// hold has the backend change its caller's session, end it, and start another.
func (n notes) hold(stranger, user client.Client) {
	planned := n.says(user.Post("/plan", `{}`), 200, `pro`)
	if front := planned.Header.Get("Front-Token"); front == "" {
		n.t.Error("the page is not told of its new claim")
	}
	user = user.With(planned)
	n.says(user.Get("/notes"), 200, `buy milk`)
	left := n.says(user.Post("/leave", `{}`), 200, `OK`)
	if front := left.Header.Get("Front-Token"); front != "remove" {
		n.t.Errorf("the page is told %q of the session's end, want remove", front)
	}
	n.says(user.Post("/notes", `{"text":"x"}`), 401, ``)
	guest := stranger.With(n.says(stranger.Post("/guest", `{}`), 201, `guest:`))
	n.says(guest.Post("/notes", `{"text":"tea"}`), 201, `tea`)
	n.says(guest.Get("/notes"), 200, `tea`)
}
