package endpoints_test

import (
	"encoding/base64"
	"net/http"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

// mess is how a browser comes to have several cookies of one name, which is
// never its user's fault.
type mess struct {
	name string
	make func(alice *client) // who is signed in, or was
	from string              // CookieDomain before
	kept bool                // some of the cookies are not ours to clear
}

func messes() []mess {
	return []mess{
		{name: "none", make: func(*client) {}},
		{name: "a proxy doubles the header", make: func(alice *client) { alice.doubled = true }, kept: true},
		{name: "cookies have got a domain", make: func(alice *client) { alice.moveTo("example.com") }},
		{name: "cookies have the API's own host as their domain", make: func(alice *client) { alice.moveTo("api.example.com") }},
		{name: "cookies have lost their domain", from: "example.com", make: func(alice *client) { alice.moveTo("") }},
		{name: "cookies have got another domain", from: "example.com", make: func(alice *client) { alice.moveTo("api.example.com") }},
		{name: "cookies have lost the domain before the last", from: "example.com", make: func(alice *client) {
			alice.moveTo("api.example.com")
			alice.moveTo("")
		}},
		{name: "cookies have had a domain for a while", make: func(alice *client) {
			alice.moveTo("example.com")
			alice.advance(2 * time.Minute)
			alice.expect(200, request{route: refreshRoute})
			alice.moveTo("")
		}},
		{name: "cookies have got a domain and are set for both", make: func(alice *client) {
			alice.advance(2 * time.Minute)
			before := alice.cookies()
			alice.moveTo("example.com")
			alice.expect(200, request{route: refreshRoute})
			alice.set(before, "", "")
		}},
		{name: "another user is signed in for the host", make: func(alice *client) {
			bob := alice.stack.client("cookie")
			bob.signUp("bob@example.com")
			alice.moveTo("example.com")
			alice.expect(200, request{route: signInRoute, body: form("alice@example.com", password)})
			alice.set(bob.cookies(), "", "")
		}},
		{name: "garbage at longer paths", kept: true, make: func(alice *client) {
			for _, path := range []string{"/notes", "/auth", "/auth/session/refresh"} {
				alice.set(map[string]string{"sAccessToken": "garbage", "sRefreshToken": "v1.m1.AAAA"}, "example.com", path)
			}
		}},
		{name: "a staging stack is on the parent domain", kept: true, make: func(alice *client) {
			staging := newStack(alice.t)
			staging.domain = "example.com"
			staging.start()
			tester := staging.client("cookie")
			tester.jar, tester.host = alice.jar, "staging.example.com"
			tester.signUp("alice@example.com")
			staging.advance(2 * time.Minute)
			tester.expect(200, request{route: refreshRoute})
		}},
	}
}

// moveTo gives cookies another domain.
func (c *client) moveTo(domain string) {
	c.t.Helper()
	c.stack.domain = domain
	if err := c.stack.bootstrap(); err != nil {
		c.t.Fatal(err)
	}
	c.stack.start()
}

// cookies returns the values of ours.
func (c *client) cookies() map[string]string {
	access, refresh := c.tokens()
	return map[string]string{"sAccessToken": access, "sRefreshToken": refresh}
}

// set puts cookies into the browser, for a domain and a path that nobody knows
// of; by default those of ours.
func (c *client) set(values map[string]string, domain, path string) {
	for name, value := range values {
		at := path
		if at == "" {
			at = map[string]string{"sAccessToken": "/", "sRefreshToken": "/auth/session/refresh"}[name]
		}
		c.jar.SetCookies(c.url("/"), []*http.Cookie{{Name: name, Value: value, Domain: domain, Path: at}})
	}
}

// Whatever cookies a browser has of our names, at most one refresh or one
// sign-in later its user is well, and at no time somebody else.
func TestSeveralCookiesOfOneName(t *testing.T) {
	for _, first := range []struct {
		name string
		do   func(*client)
	}{
		{"who goes on", func(*client) {}},
		{"who signs in again", func(c *client) {
			c.expect(200, request{route: signInRoute, body: form("alice@example.com", password)})
		}},
		{"who signs out", func(c *client) {
			if a := c.send(request{route: signOutRoute}); a.StatusCode == 401 {
				c.send(request{route: refreshRoute})
			}
			c.expect(401, request{route: "POST /notes", body: aNote})
		}},
		{"who comes back a day later", func(c *client) { c.advance(24 * time.Hour) }},
	} {
		for _, m := range messes() {
			t.Run(first.name+", "+m.name, func(t *testing.T) {
				c := newStack(t).client("cookie")
				c.moveTo(m.from)
				c.signUp("alice@example.com")
				m.make(c)
				first.do(c)
				c.recovers()
				c.advance(2 * time.Minute)
				c.expect(200, request{route: refreshRoute})
				c.isAlice()
				if left := c.cookieHeader("/auth/session/refresh"); len(left) > 2 && !m.kept {
					t.Errorf("%d cookies left, want one of each name", len(left))
				}
				c.expect(200, request{route: signOutRoute})
				c.expect(401, request{route: "POST /notes", body: aNote})
				c.expect(401, request{route: refreshRoute})
			})
		}
	}
}

// recovers does what a frontend does: call, refresh at a 401, and send its user
// to sign in where that is a 401 too. Nothing more may be needed.
func (c *client) recovers() {
	c.t.Helper()
	if c.send(request{route: "POST /notes", body: aNote}).StatusCode == 401 &&
		c.send(request{route: refreshRoute}).StatusCode == 401 {
		c.expect(200, request{route: signInRoute, body: form("alice@example.com", password)})
	}
	c.isAlice()
}

// isAlice asserts that the client may write, as alice and in her only session.
func (c *client) isAlice() {
	c.t.Helper()
	c.expect(201, request{route: "POST /notes", body: aNote})
	handle, err := sessions.ParseHandle(c.handle())
	if err != nil {
		c.t.Fatal(err)
	}
	user, err := c.accounts.ByEmail(c.t.Context(), "public", "alice@example.com")
	if err != nil || handle.User() != sessions.KeyOf("public", user.ID) {
		c.t.Fatalf("the session is another user's, or %v", err)
	}
}

// What was signed in with the browser before a sign-in is over after it,
// however many sessions there were.
func TestSignInEndsAllThatCameWithIt(t *testing.T) {
	c := signedUp(t, "cookie")
	var old []*client
	for _, mode := range []string{"cookie", "header"} {
		other := c.stack.client(mode)
		other.signUp(mode + "@example.com")
		old = append(old, other)
	}
	first := c.stack.client("header")
	first.access, first.refresh = c.tokens()
	c.set(old[0].cookies(), "example.com", "")
	c.access = old[1].access
	c.expect(200, request{route: signInRoute, body: form("alice@example.com", password)})
	for _, gone := range append(old, first) {
		gone.expect(401, request{route: "POST /notes", body: aNote})
	}
}

// Another provider's access token in Authorization, of the same form as ours,
// keeps nobody from signing out.
func TestSignOutBesideABearerOfAnotherProvider(t *testing.T) {
	c := signedUp(t, "cookie")
	encode := base64.RawURLEncoding.EncodeToString
	theirs := encode([]byte(`{"alg":"ES256","kid":"theirs","typ":"at+jwt"}`)) + "." + encode([]byte(`{"iss":"https://theirs.example"}`)) + "." + encode([]byte("x"))
	c.expect(200, request{route: signOutRoute, headers: map[string]string{"authorization": "Bearer " + theirs}})
	c.expect(401, request{route: "POST /notes", body: aNote})
}

// Tokens of two sessions: neither is given, nothing is asked, all is cleared.
func TestRefreshWithTokensOfTwoSessions(t *testing.T) {
	c := signedUp(t, "cookie")
	bob := c.stack.client("cookie")
	bob.signUp("bob@example.com")
	c.stack.domain = "example.com"
	c.stack.start()
	c.set(bob.cookies(), "example.com", "")
	calls := c.sessions.calls
	expectOver(t, c.send(request{route: refreshRoute}), "unauthorised", "sAccessToken", "sAccessToken", "sRefreshToken", "sRefreshToken")
	if n := c.sessions.calls - calls; n > 0 {
		t.Errorf("%d calls for sessions, want none", n)
	}
	if left := c.cookieHeader("/auth/session/refresh"); len(left) > 0 {
		t.Errorf("%d cookies left, want none", len(left))
	}
	bob.expect(201, request{route: "POST /notes", body: aNote})
}
