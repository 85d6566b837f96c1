//go:build clients

package clients_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/test/runbook"
)

// answerOf runs the code as a function, with one event, and returns the status
// of its answer, nil if there is none, and what it asked the API for.
func (l language) answerOf(t *testing.T, code string, event object) (status any, sent []string) {
	t.Helper()
	dir, a := t.TempDir(), newAPI(t)
	a.answers = session{}.answers
	if err := os.WriteFile(filepath.Join(dir, l.handler), []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	answer, failed := l.serve(t, dir, "0", signing(a.URL, key)).invoke(t, event)
	if failed {
		t.Errorf("the function failed: %v", answer)
	}
	for _, line := range a.asked {
		call, _, _ := strings.Cut(line, " {")
		sent = append(sent, call)
	}
	return answer["statusCode"], sent
}

// The lines of each client's page do what the page says.
func TestLinesOfThePages(t *testing.T) {
	signedIn := httpEvent("Bearer "+token(handle), "")
	admins := decision()
	admins["payload"] = `{"st-role":{"v":["admin"],"t":1},"st-ev":{"v":true,"t":1}}`
	adminIn := with(signedIn, object{"requestContext": object{"http": object{"method": "POST"}, "authorizer": object{"lambda": admins}}})
	for _, row := range []struct {
		heading string
		event   object
		status  any
		sent    []string
	}{
		{"End the session", signedIn, 204.0, []string{"DELETE /admin/sessions/H"}},
		{"Claims", adminIn, 200.0, []string{"PATCH /admin/sessions/H/claims", "POST /admin/sessions/H/token"}},
		{"Claims", signedIn, 403.0, nil},
		{"Data", signedIn, 204.0, []string{"GET /admin/sessions/H/data", "PUT /admin/sessions/H/data \"1\""}},
		{"Your own login", object{"version": "2.0"}, 204.0, []string{"GET /admin/users/u1", "POST /admin/sessions"}},
		{"Only who is calling", signedIn, 200.0, nil},
		{"Without an event", object{}, nil, []string{"DELETE /admin/users/u1/sessions", "PATCH /admin/users/u1/claims"}},
	} {
		for _, l := range languages() {
			t.Run(row.heading+"/"+l.name, func(t *testing.T) {
				code := runbook.Block(t, "../../clients/"+l.name+"/README.md", row.heading, l.block)
				status, sent := l.answerOf(t, code, row.event)
				if status != row.status || !slices.Equal(sent, row.sent) {
					t.Errorf("it answers %v and asks for %q, want %v and %q", status, sent, row.status, row.sent)
				}
			})
		}
	}
}

// In each language a function that ends its caller's session and clears the
// frontend takes five lines and what it imports.
func TestLinesOfTheReadme(t *testing.T) {
	for _, l := range languages() {
		code := runbook.Block(t, "../../README.md", "In your backend", l.block)
		if lines := strings.Count(strings.TrimSuffix(code, "});\n"), "\n"); lines > 6 {
			t.Errorf("%s: %d lines, want six at most\n%s", l.name, lines, code)
		}
		status, sent := l.answerOf(t, code, httpEvent("Bearer "+token(handle), ""))
		if status != 204.0 || !slices.Equal(sent, []string{"DELETE /admin/sessions/H"}) {
			t.Errorf("%s: it answers %v and asks for %q", l.name, status, sent)
		}
	}
}
