package endpoints_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

// TestOutcomesAreLogged has a line for each attempt to sign in or up, for each
// request for a mail, and for each use of a link: how it ended, for whom where
// that is known, and nothing of the form.
func TestOutcomesAreLogged(t *testing.T) {
	c, changing := signedUp(t, "header"), signedUp(t, "header") // of two stacks: a change voids the link
	guest, user := c.stack.client("header"), c.account(alice).ID
	reset, verify := c.link(accounts.ResetPassword, c.account(alice)), c.link(accounts.VerifyEmail, c.account(alice))
	if !strings.Contains(c.log.String(), fmt.Sprintf(`"msg":"sign-up ok","tenant":"public","user":%q`, user)) {
		t.Errorf("a sign-up is logged as %s", c.log)
	}
	wrong := request{route: signInRoute, body: form(alice, "wrong horse")}
	for _, step := range []struct {
		by    *client
		r     request
		times int
		line  string
		names bool // the user
	}{
		{guest, request{route: signUpRoute, body: form(alice, password)}, 1, "sign-up refused", false},
		{guest, request{route: signInRoute, body: form(alice, password)}, 1, "sign-in ok", true},
		{guest, request{route: askResetRoute, body: forgotten(alice)}, 1, "password reset request ok", false},
		{c, request{route: askVerifyRoute}, 1, "email verification request ok", true},
		{guest, request{route: verifyRoute, body: verifying(reset)}, 1, "email verification refused", false},
		{guest, request{route: verifyRoute, body: verifying(verify)}, 1, "email verification ok", true},
		{changing, request{route: changeRoute, body: change("wrong horse", newPassword)}, 1, "password change refused", false},
		{changing, request{route: changeRoute, body: change(password, newPassword)}, 1, "password change ok", true},
		{guest, request{route: resetRoute, body: resetting(verify, password)}, 1, "password reset refused", false},
		{guest, request{route: resetRoute, body: resetting(reset, password)}, 1, "password reset ok", true},
		{guest, wrong, 10, "sign-in refused", false},
		{guest, wrong, 1, "sign-in throttled", false},
	} {
		log, user := step.by.log, step.by.account(alice).ID
		for range step.times {
			log.Reset()
			step.by.expect(200, step.r)
		}
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
