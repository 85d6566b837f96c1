package endpoints_test

import (
	"testing"
)

// verified are the claims of a user who has verified the address, of one who
// has not, and of one who was never asked.
func verified() map[string]string {
	return map[string]string{
		"verified": `{"st-ev":{"v":true,"t":1}}`, "unverified": `{"st-ev":{"v":false,"t":1}}`, "never asked": "",
	}
}

// TestVerificationRequired: where it is required, a user whose address is not
// verified reaches nothing that a session is needed for, by a read or a write,
// with a token of before that became known or after; but what no session is
// needed for, and what ends one. Elsewhere nobody is asked.
func TestVerificationRequired(t *testing.T) {
	for _, verifies := range []string{"off", "optional", "required"} {
		for name, claims := range verified() {
			c := newStack(t).client("header")
			c.verifies = verifies
			c.start()
			user := decoded(t, c.signUp("alice@example.com"))["user"].(map[string]any)["id"].(string)
			if claims != "" {
				c.asks(request{route: patchRoles, params: map[string]string{"userId": user}, body: claims})
				c.expect(200, request{route: refreshRoute})
			}
			open := verifies != "required" || name == "verified"
			for _, r := range []request{
				{route: "GET /notes"}, {route: "POST /notes", body: aNote}, {route: "GET /auth/sessions"}, {route: "GET /greeting"},
				{route: changeRoute, body: change(password, newPassword)}, {route: "DELETE /auth/sessions"},
			} {
				if a := c.send(r); (a.StatusCode != 403) != open || open && a.StatusCode >= 300 {
					t.Errorf("%s of a user who is %s, verification %s, = %d %s", r.route, name, verifies, a.StatusCode, a.Body)
				}
			}
			c.expect(200, request{route: refreshRoute})
			c.expect(200, request{route: signOutRoute})
		}
	}
}

// What verifies an address is open to a user whose address is not verified, of
// any tenant's path, on this API: on another one a route of the same name is not.
func TestVerificationItselfIsOpen(t *testing.T) {
	c := newStack(t).client("header")
	c.verifies = "required"
	c.start()
	c.signUp(alice)
	another := c.entranceOf("another")
	for _, path := range []string{"/auth", "/auth/{tenantId}"} {
		for _, r := range []request{
			{route: "GET " + path + "/user/email/verify"}, {route: "POST " + path + "/user/email/verify/token"},
			{route: "POST " + path + "/user/email/verify", body: verifying("x")},
		} {
			r.params = map[string]string{"tenantId": "public"}
			c.expect(200, r)
			if a := answered(another, c.request(t.Context(), r)); a.StatusCode != 403 {
				t.Errorf("%s of another API = %d, want 403", r.route, a.StatusCode)
			}
		}
	}
}

// A token of before addresses were verified says nothing, and one of after says
// no. Who asks is given the latter, and goes on to be asked to verify.
func TestTokensOfBeforeVerification(t *testing.T) {
	eachMode(t, func(t *testing.T, c *client) {
		expectNothing(t, c.send(request{route: isVerified}), 200, `{"isVerified":false,"status":"OK"}`)
		c.verifies = "optional"
		c.start()
		if a := c.expect(200, request{route: isVerified}); a.Body != `{"isVerified":false,"status":"OK"}` || a.Headers["front-token"] == "" {
			t.Errorf("by a token that says nothing: %s with front-token %q, want a new one", a.Body, a.Headers["front-token"])
		}
		expectNothing(t, c.send(request{route: isVerified}), 200, `{"isVerified":false,"status":"OK"}`)
	})
}
