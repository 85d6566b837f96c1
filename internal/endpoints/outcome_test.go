package endpoints_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/accounts"
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

// TestOutcomesOfMailsAreLogged has a line for each request for a mail, and for
// each use of a link: how it ended, and for whom where that is known.
func TestOutcomesOfMailsAreLogged(t *testing.T) {
	c, changing := signedUp(t, "header"), signedUp(t, "header") // of two stacks: a change voids the link
	guest := c.stack.client("header")
	reset, verify := c.link(accounts.ResetPassword, c.account(alice)), c.link(accounts.VerifyEmail, c.account(alice))
	for _, step := range []struct {
		by    *client
		r     request
		line  string
		names bool // the user
	}{
		{guest, request{route: askResetRoute, body: forgotten(alice)}, "password reset request ok", false},
		{c, request{route: askVerifyRoute}, "email verification request ok", true},
		{guest, request{route: verifyRoute, body: verifying(reset)}, "email verification refused", false},
		{guest, request{route: verifyRoute, body: verifying(verify)}, "email verification ok", true},
		{changing, request{route: changeRoute, body: change("wrong horse", newPassword)}, "password change refused", false},
		{changing, request{route: changeRoute, body: change(password, newPassword)}, "password change ok", true},
		{guest, request{route: resetRoute, body: resetting(verify, password)}, "password reset refused", false},
		{guest, request{route: resetRoute, body: resetting(reset, password)}, "password reset ok", true},
	} {
		log, user := step.by.log, step.by.account(alice).ID
		log.Reset()
		step.by.expect(200, step.r)
		var line string
		var entry struct{ Msg, Tenant, User string }
		for line = range strings.Lines(log.String()) {
			if err := json.Unmarshal([]byte(line), &entry); err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(entry.Msg, "session ") { // those are of what followed from it
				break
			}
		}
		if entry.Msg != step.line || entry.Tenant != "public" || (entry.User == user) != step.names || (entry.User != "") != step.names {
			t.Errorf("%s is logged as %s, want %q, and the user's id: %t", step.r.route, line, step.line, step.names)
		}
		for _, secret := range []string{"alice", "horse", "wombat", reset, verify} {
			if strings.Contains(log.String(), secret) {
				t.Errorf("%s: the log holds %.8s", step.r.route, secret)
			}
		}
	}
}
