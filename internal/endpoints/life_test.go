package endpoints_test

import (
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/test/proof"
)

// The whole life of a session, through every function and the authorizer.
func TestLifeOfASession(t *testing.T) {
	eachMode(t, func(t *testing.T, c *client) {
		get, post := request{route: "GET /notes"}, request{route: "POST /notes", body: `{"text":"milk"}`}
		c.expect(200, get)
		c.expect(201, post)

		c.advance(2 * time.Minute)
		before, spent := c.tokens()
		c.expect(200, request{route: "POST /auth/session/refresh"})
		if access, refresh := c.tokens(); access == before || refresh == spent {
			t.Fatal("a refresh gave no new tokens")
		}
		c.expect(201, post)

		other := c.stack.client(c.mode)
		other.expect(200, request{route: "POST /auth/signin", body: form("Alice@Example.com", password)})
		handle := c.handle()
		c.expect(200, request{route: "DELETE /admin/sessions/{handle}", params: map[string]string{"handle": handle}, admin: true})

		c.expect(401, post)
		c.expect(401, request{route: "DELETE /auth/sessions"})
		c.expect(200, get) // until the access token ends
		c.advance(time.Hour)
		c.expect(401, get)
		c.expect(401, request{route: "POST /auth/session/refresh"})
		if access, refresh := c.tokens(); access != "" || refresh != "" || c.front != "" {
			t.Errorf("the client of a revoked session keeps tokens %.10q, %.10q, %.10q", access, refresh, c.front)
		}

		other.expect(200, request{route: "POST /auth/session/refresh"})
		other.expect(201, post)
	})
}

// Routes with rules of their own: an optional session, a claim, a check on GET.
func TestRulesOfRoutes(t *testing.T) {
	p := inMemory(t).person()
	p.guest.expect(200, request{route: "GET /greeting"})
	p.guest.expect(401, request{route: "GET /reports"})
	p.app.expect(403, request{route: "GET /reports"})
	p.guest.asks(request{route: patchRoles, params: of(p.id), body: `{"st-role":{"v":["admin"],"t":1}}`})
	p.app.expect(403, request{route: "GET /reports"}) // the token says otherwise until it is refreshed
	p.app.expect(200, request{route: refreshRoute})
	p.app.expect(200, request{route: "GET /reports"})
	p.guest.asks(request{route: endAllRoute, params: of(p.id)})
	p.app.expect(200, request{route: "GET /greeting"})
	p.app.expect(401, request{route: "GET /auth/sessions"})
}

// One call ends all that a user has, and from then on nothing passes with any
// of their tokens. Another user's session goes on.
func TestThousandSessionsEndAtOnce(t *testing.T) {
	g := inMemory(t)
	p, other := g.person(), g.person()
	p.manager = g.managerOver(g.sessions, 1000)
	grants := []sessions.Grant{p.browserGrant, p.appGrant}
	for range 998 {
		grants = append(grants, p.start())
	}
	_, r := admin(endAllRoute, "", "")(p)
	before := p.sessions.count()
	p.guest.expect(200, r)
	if n := p.sessions.count() - before; n != 1 {
		t.Errorf("ending 1000 sessions makes %d calls of the store, want 1", n)
	}
	for _, grant := range grants {
		p.over(grant)
	}
	other.alive(other.app)
	proof.Report(t, "sessions ended by one call", len(grants))
}
