package endpoints_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/test/provider"
)

// Logins that prove nothing are bounded by source and provider, and ask the
// provider nothing beyond the bound. Those that succeed, that the provider did
// not answer and that its user gave up do not count, nor do those at another
// provider. Each has a line of the log.
func TestLoginsAreBoundedBySource(t *testing.T) {
	const throttled = `{"message":"Too many attempts. Please try again later.","status":"GENERAL_ERROR"}`
	p := newByProvider(t)
	fine := p.stack.provider("fine", nil)
	c := p.client("header")
	_, verifier := c.toProvider("corp")
	back := func(query map[string]string) answer {
		return c.send(request{route: signInUpRoute, body: returning("corp", verifier, query)})
	}
	wrong := map[string]string{"code": "made up", "iss": p.URL}
	for range 99 {
		expectNothing(t, back(wrong), 200, notCompleted)
	}
	p.log.Reset()
	for range 3 {
		c.loggedIn(c.login(p.Provider, "corp"))
		expectNothing(t, back(map[string]string{"error": "access_denied", "iss": p.URL}), 200, notSignedIn)
	}
	p.IDToken = func(c provider.Claims) { c["email"] = "ada" }
	expectNothing(t, c.login(p.Provider, "corp"), 200, noEmail)
	p.IDToken = nil
	expectNothing(t, back(wrong), 200, notCompleted)
	asked := p.Asked("")
	expectNothing(t, back(wrong), 200, throttled)
	expectNothing(t, c.login(p.Provider, "corp"), 200, throttled)
	if n := p.Asked("") - asked; n > 0 {
		t.Errorf("beyond the bound the provider was asked %d times", n)
	}
	c.loggedIn(c.login(fine, "fine"))
	elsewhere := p.client("header")
	elsewhere.source = "198.51.100.7"
	elsewhere.loggedIn(elsewhere.login(p.Provider, "corp"))
	p.advance(15 * time.Minute)
	c.loggedIn(c.login(p.Provider, "corp"))

	var lines []string
	for line := range strings.Lines(p.log.String()) {
		var entry struct{ Msg string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(entry.Msg, "login ") {
			lines = append(lines, entry.Msg)
		}
	}
	want := slices.Concat(slices.Repeat([]string{"login ok", "login refused"}, 3), []string{"login refused", "login refused"},
		slices.Repeat([]string{"login throttled"}, 2), slices.Repeat([]string{"login ok"}, 3))
	if !slices.Equal(lines, want) {
		t.Errorf("the log has %q, want %q", lines, want)
	}
	p.told(t, append(p.Given(), verifier))
}
