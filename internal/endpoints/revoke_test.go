package endpoints_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/sessions"
)

// A backend that ends its caller's session signs the frontend out by the same
// answer, however it holds its tokens, and whether or not anything was live.
func TestRevokeTellsTheFrontend(t *testing.T) {
	eachMode(t, func(t *testing.T, c *client) {
		handle := c.handle()
		for range 2 {
			a := c.admin(endRoute, handle, "", nil)
			if a.StatusCode != 200 || !strings.Contains(a.Body, statusOK) || toldBy(t, a).Reply.Headers["cache-control"] != "no-store" {
				t.Fatalf("revoke = %d %s, want 200 and a reply", a.StatusCode, a.Body)
			}
			c.obey(a)
			if access, refresh := c.tokens(); access != "" || refresh != "" || c.front != "" {
				t.Errorf("after a revoke the frontend holds %q, %q, %q, want nothing", access, refresh, c.front)
			}
		}
		c.expect(401, request{route: "GET /notes"})
	})
}

// Of a list of a hundred all are ended, those too that were over.
func TestRevokeMany(t *testing.T) {
	p := inMemory(t).person()
	list := []sessions.Handle{p.browserGrant.Session.Handle, p.appGrant.Session.Handle}
	for len(list) < 100 {
		list = append(list, sessions.NewHandle(list[0].User()))
	}
	text := fmt.Sprintf(`{"handles":["%s"]}`, strings.Trim(strings.ReplaceAll(fmt.Sprint(list), " ", `","`), "[]"))
	if a := p.guest.asks(request{route: endMany, body: text}); a.StatusCode != 200 || a.Body != `{"status":"OK"}` {
		t.Errorf("revoke of a hundred = %d %s, want 200", a.StatusCode, a.Body)
	}
	p.over(p.browserGrant)
	p.over(p.appGrant)
}

// One session outlives all others only if it is a live one of that user;
// otherwise nothing ends.
func TestRevokeAllExcept(t *testing.T) {
	g := inMemory(t)
	p, q := g.person(), g.person()
	except := func(id, handle string) answer {
		return p.guest.asks(request{route: endAllRoute, params: of(id), query: map[string]string{"except": handle}})
	}
	gone := p.start()
	p.guest.admin(endRoute, gone.Session.Handle.String(), "", nil)
	for name, handle := range map[string]string{"nothing": "", "no handle": "x", "another user's": q.browserGrant.Session.Handle.String()} {
		p.free(func() { expectCode(t, name, except(p.id, handle), 409, "session_not_found") })
	}
	expectCode(t, "one that is over", except(p.id, gone.Session.Handle.String()), 409, "session_not_found")
	p.alive(p.app)
	if a := except(p.id, p.browserGrant.Session.Handle.String()); a.Body != `{"status":"OK"}` {
		t.Errorf("revoke of all others = %d %s, want 200", a.StatusCode, a.Body)
	}
	p.over(p.appGrant)
	p.alive(p.browser)
	q.alive(q.browser)
}
