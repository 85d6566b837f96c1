//go:build clients

package clients_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/template"
	"github.com/latchkey-auth/latchkey/test/client"
	"github.com/latchkey-auth/latchkey/test/localrun"
)

// notes is a local run with a backend of examples/ attached to it.
type notes struct {
	t      *testing.T
	run    *localrun.Process
	driver driver // calls the admin API
	http   *http.Client
	url    string // of the backend's API
}

func startNotes(t *testing.T, binary, language string) notes {
	t.Helper()
	folder := "examples/notes-" + language
	id := map[string]string{"node": "NotesNodeFunction", "python": "NotesPythonFunction"}[language]
	address := freeAddress(t)
	p := localrun.Launch(t, binary, "-template", folder+"/template.yaml", "-invoke", id+"=http://"+address)
	environment := signing(p.URL, template.Region, p.Key.AccessKeyID, p.Key.SecretAccessKey)
	serve(t, language, "../../"+folder, address, environment...)
	u, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	// Not every resolver knows the names below localhost.
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, u.Host)
	}
	return notes{t, p, startDriver(t, language, environment...), &http.Client{Transport: &http.Transport{DialContext: dial}}, "http://notesapi.localhost:" + u.Port()}
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
		for carried, email := range map[string]string{"headers": "ada@example.com", "cookies": "grace@example.com"} {
			t.Run(language+", tokens in "+carried, func(t *testing.T) {
				n.t = t
				stranger := n.run.Client(t)
				stranger.InCookies = carried == "cookies"
				signedUp := stranger.Post("/auth/signup", client.Form(email, client.Password)).Want(200)
				user := stranger.With(signedUp)
				n.walk(n.at(stranger), n.at(user))
				n.powers(user, signedUp)
				n.hold(n.at(stranger), n.at(user))
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

// powers gives a user a role by the admin API. The token has it after a refresh.
func (n notes) powers(user client.Client, signedUp client.Answer) {
	n.t.Helper()
	id := n.idOf(user)
	n.call("mergeUserClaims", "merge_user_claims", id, object{"st-role": object{"v": []string{"admin"}, "t": 1}})
	n.says(n.at(user).Get("/reports"), 403, `"claimValidationErrors"`)
	refresher := user
	if !user.InCookies {
		_, refresher.Bearer = signedUp.Tokens()
	}
	n.says(n.at(user.With(refresher.Post("/auth/session/refresh", "").Want(200))).Get("/reports"), 200, `reports`)
	for _, odd := range []string{"a/../b%2F?c#d", "..", "~é 😀", "auth0|7:x"} {
		if found := n.call("user", "user", odd).(object); found["userId"] != odd || found["account"] != nil {
			n.t.Errorf("the user %q is %v", odd, found)
		}
	}
}

// idOf returns the id of a user, which the backend says.
func (n notes) idOf(user client.Client) string {
	var greeting struct{ Message string }
	if err := json.Unmarshal(n.at(user).Get("/greeting").Want(200).Body, &greeting); err != nil {
		n.t.Fatal(err)
	}
	return strings.TrimPrefix(greeting.Message, "Hello, ")
}

// call makes a call of the admin API by the client of the language.
func (n notes) call(node, python string, args ...any) any {
	n.t.Helper()
	line, _ := json.Marshal(object{"node": node, "python": python, "args": args})
	result, failure := n.driver.make(n.t, string(line))
	if failure != nil {
		n.t.Errorf("%s%v = %v, want no error", node, args, failure)
	}
	return result
}

// hold has the backend change its caller's session, end it, and start another.
func (n notes) hold(stranger, user client.Client) {
	planned := n.says(user.Post("/plan", `{}`), 200, `pro`)
	if front, _ := base64.StdEncoding.DecodeString(planned.Header.Get("Front-Token")); !strings.Contains(string(front), `"plan":{`) {
		n.t.Errorf("the page is told %s, want its new claim", front)
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
	n.call("revokeAll", "revoke_all", n.idOf(guest))
	n.says(guest.Post("/notes", `{"text":"x"}`), 401, ``)
}

// What the examples' pages tell to type on this machine answers as they say.
func TestLinesOfTheExamples(t *testing.T) {
	binary := localrun.Build(t)
	for _, language := range []string{"node", "python"} {
		n := startNotes(t, binary, language)
		u, err := url.Parse(n.run.URL)
		if err != nil {
			t.Fatal(err)
		}
		access, _ := n.run.Client(t).Post("/auth/signup", client.Form("ada@example.com", client.Password)).Want(200).Tokens()
		data, err := os.ReadFile("../../examples/notes-" + language + "/README.md")
		if err != nil {
			t.Fatal(err)
		}
		lines := regexp.MustCompile(`(?m)^curl .*/notes .*$`).FindAllString(string(data), -1)
		if len(lines) == 0 {
			t.Fatalf("%s: the page has no lines", language)
		}
		for _, line := range lines {
			shell := exec.Command("sh", "-c", strings.ReplaceAll(line, ":8787", ":"+u.Port()))
			shell.Env = append(os.Environ(), "TOKEN="+access)
			out, err := shell.CombinedOutput()
			if err != nil || !regexp.MustCompile(`(?m)^HTTP/1.1 201 `).Match(out) {
				t.Errorf("%s: %s = %v, want 201\n%s", language, line, err, out)
			}
		}
	}
}
