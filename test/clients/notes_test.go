//go:build clients

package clients_test

import (
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/gateway/sigv4"
	"github.com/latchkey-auth/latchkey/internal/template"
	"github.com/latchkey-auth/latchkey/test/client"
	"github.com/latchkey-auth/latchkey/test/localrun"
)

// freePort returns a port of this machine on which nobody listens.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// The backends of examples/ behind the authorizer of a local run. What a page
// sees of its session there is a test of test/browser.
func TestNotes(t *testing.T) {
	binary := localrun.Build(t)
	for _, l := range languages() {
		t.Run(l.name, func(t *testing.T) {
			port := freePort(t)
			id := map[string]string{"node": "NotesNodeFunction", "python": "NotesPythonFunction"}[l.name]
			run := localrun.Launch(t, binary, "-template", l.example()+"/template.yaml", "-invoke", id+"=http://127.0.0.1:"+port)
			key := sigv4.Key{ID: run.Key.AccessKeyID, Secret: run.Key.SecretAccessKey, Region: template.Region}
			l.serve(t, "../../"+l.example(), port, signing(run.URL, key))
			stranger := run.Attached(run.Client(t), "notesapi")
			access, _ := run.Client(t).Post("/auth/signup", client.Form("ada@example.com", client.Password)).Want(200).Tokens()
			user := stranger
			user.Bearer = access
			user.Get("/notes").Want(200).Saying(`[]`)
			user.Post("/notes", `{"text":"buy milk"}`).Want(201).Saying(`buy milk`)
			user.Get("/notes").Want(200).Saying(`buy milk`)
			for _, bad := range []string{``, `{`, `[]`, `null`, `{"text":7}`, `{"text":""}`, `{"text":"` + strings.Repeat("é", 501) + `"}`} {
				user.Post("/notes", bad).Want(400).Saying(`at most`)
			}
			user.Get("/nothing").Want(404)
			stranger.Get("/notes").Want(401)
			stranger.Post("/notes", `{"text":"x"}`).Want(401)
			testOddUsers(t, l.driver(t, signing(run.URL, key)))
			testLines(t, l, run.URL, access)
		})
	}
}

// testOddUsers asks the admin API for users of ids that no path could have.
func testOddUsers(t *testing.T, d driver) {
	for _, odd := range []string{"a/../b%2F?c#d", "..", "~é 😀", "auth0|7:x"} {
		result, failure := d.make(t, text(object{"node": "user", "python": "user", "args": []string{odd}}))
		if found, ok := result.(object); !ok || found["userId"] != odd || found["account"] != nil {
			t.Errorf("the user %q is %v, %v", odd, result, failure)
		}
	}
}

// testLines runs what the example's page tells to type on this machine.
func testLines(t *testing.T, l language, url, access string) {
	page, err := os.ReadFile("../../" + l.example() + "/README.md")
	lines := regexp.MustCompile(`(?m)^curl .*/notes .*$`).FindAllString(string(page), -1)
	if len(lines) == 0 {
		t.Fatalf("the page has no lines: %v", err)
	}
	_, port, _ := strings.Cut(strings.TrimPrefix(url, "http://"), ":")
	for _, line := range lines {
		shell := exec.Command("sh", "-c", strings.ReplaceAll(line, ":8787", ":"+port))
		shell.Env = append(os.Environ(), "TOKEN="+access)
		out, err := shell.CombinedOutput()
		if err != nil || !regexp.MustCompile(`(?m)^HTTP/1.1 201 `).Match(out) {
			t.Errorf("%s = %v, want 201\n%s", line, err, out)
		}
	}
}
