package endpoints_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// TestOutcomesAreLogged has one line for each attempt to sign in or up: how it
// ended, for whom if the password was right, and nothing of the form.
func TestOutcomesAreLogged(t *testing.T) {
	c := newStack(t).client("header")
	c.signUp("alice@example.com")
	c.send(request{route: "POST /auth/signup", body: form("alice@example.com", password)})
	c.send(request{route: signInRoute, body: form("alice@example.com", password)})
	for range 10 {
		expectNothing(t, c.send(request{route: signInRoute, body: form("alice@example.com", "wrong horse")}), 200, `{"status":"WRONG_CREDENTIALS_ERROR"}`)
	}
	expectNothing(t, c.send(request{route: signInRoute, body: form("alice@example.com", "wrong horse")}), 200,
		`{"message":"Too many attempts. Please try again later.","status":"GENERAL_ERROR"}`)

	var got []string
	for line := range strings.Lines(c.log.String()) {
		var entry struct{ Msg, Tenant, User string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(entry.Msg, "sign-") {
			continue
		}
		got = append(got, entry.Msg)
		if known := strings.HasSuffix(entry.Msg, " ok"); entry.Tenant != "public" || (entry.User != "") != known {
			t.Errorf("%q names tenant %q and user %q, want public, and a user only if it is known", entry.Msg, entry.Tenant, entry.User)
		}
		if strings.Contains(line, "alice") || strings.Contains(line, "horse") {
			t.Errorf("the line holds something of the form: %s", line)
		}
	}
	want := slices.Concat([]string{"sign-up ok", "sign-up refused", "sign-in ok"},
		slices.Repeat([]string{"sign-in refused"}, 10), []string{"sign-in throttled"})
	if !slices.Equal(got, want) {
		t.Errorf("the log has %q, want %q", got, want)
	}
}
