package endpoints_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-auth/latchkey/test/proof"
)

// fault is how calls go wrong, wherever they begin to.
type fault struct {
	way  way
	many int
}

// each returns every way with every count.
func each(ways []way, counts ...int) []fault {
	var all []fault
	for _, w := range ways {
		for _, many := range counts {
			all = append(all, fault{w, many})
		}
	}
	return all
}

// TestEveryStorageCall makes every request, again and again, and each time
// another call to a store goes wrong: alone, or with all that follow it; in
// every way. The client is then told to try again, in time, and nothing of the client's
// is touched; or the request has done what the answer says. Nothing passes that
// should not, reads go on all the while, and the next try succeeds. No line of
// the log holds a secret.
func TestEveryStorageCall(t *testing.T) {
	faults := proof.Scale([]fault{{refused, 1}, {hung, forGood}, {lost, 1}}, each([]way{refused, hung, lost}, 1, forGood))
	tries, asked := 0, map[string]bool{}
	for _, op := range operations() {
		t.Run(op.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := inMemory(t)
				tries += g.everyCall(op, faults)
				asked[g.asked] = true
			})
		})
	}
	t.Run("no route was left out", func(t *testing.T) {
		for route := range routes() {
			if !asked[strings.Replace(route, "/{tenantId}", "", 1)] {
				t.Errorf("%s was not tried", route)
			}
		}
	})
	proof.Report(t, "requests with a call to a store that went wrong", tries)
}

// everyCall tries the operation with each of the faults from each call on. It
// returns how often it did.
func (g *ground) everyCall(op operation, faults []fault) (tries int) {
	g.t.Helper()
	none := &plan{}
	g.try(op, none)
	if none.count() == 0 {
		g.t.Error("no call to a store")
	}
	for from := range none.count() {
		for _, f := range faults {
			g.try(op, &plan{way: f.way, from: from, many: f.many})
			tries++
		}
	}
	return tries
}

// try makes the request once while the plan is in force, and then until it
// succeeds.
func (g *ground) try(op operation, pl *plan) {
	g.t.Helper()
	failed := g.t.Failed()
	p := g.person()
	if op.prepare != nil {
		op.prepare(p)
	}
	c, r := op.request(p)
	g.asked = r.route
	g.start()
	if !op.cold {
		p.app.expect(200, request{route: "GET /notes"})
	}
	g.arm(pl)
	limit := 5 * time.Second
	if op.long {
		limit *= 3
	}
	logged := g.log.Len()
	a := within(g.t, limit, func(ctx context.Context) answer {
		if pl.way == hung && !op.cold {
			return p.readsMeanwhile(ctx, c, r, pl)
		}
		return c.serve(ctx, r)
	})
	synctest.Wait() // a load of keys outlives the call that it was made for
	g.arm(nil)
	if !op.cold {
		p.readsGoOn()
	}
	switch {
	case op.good(a):
		c.receive("/", a)
	case a.StatusCode == 412 && pl.way == lost && op.again != nil: // the client of the store repeated a write that was made
	default:
		expectNothingDone(g.t, r, a, pl)
		g.advance(2 * time.Second)
		if a = c.send(r); !op.good(a) && (op.again == nil || !op.again(a)) {
			g.t.Errorf("the next try = %d %s", a.StatusCode, a.Body)
		}
	}
	if op.holds != nil {
		op.holds(p, a)
	}
	p.keptSecret(g.log.String()[logged:], c)
	if !failed && g.t.Failed() {
		g.t.Errorf("that was %s with %s", op.name, pl)
	}
}

// expectNothingDone asserts the answer of one who cannot say: the authorizer's
// error, or that of a function which leaves the client as it was.
func expectNothingDone(t *testing.T, r request, a answer, pl *plan) {
	t.Helper()
	if pl.many == 0 {
		t.Fatalf("%s with all well = %d %s", r.route, a.StatusCode, a.Body)
	}
	if protected(r.route) && a.StatusCode == 500 && a.Body == `{"message":"Internal Server Error"}` {
		return
	}
	expectTryAgain(t, r.route, a)
}

// keptSecret asserts that the log holds neither the person's address and
// password nor any token.
func (p *person) keptSecret(log string, c *client) {
	p.t.Helper()
	secrets := []string{p.email, password, p.browserGrant.Access, p.browserGrant.Refresh, p.appGrant.Access, p.appGrant.Refresh}
	for _, c := range []*client{c, p.browser, p.app} {
		access, refresh := c.tokens()
		secrets = append(secrets, access, refresh)
	}
	for _, secret := range secrets {
		if secret != "" && strings.Contains(log, secret) {
			p.t.Errorf("the log holds %.12q: %s", secret, log)
		}
	}
}

// expectTryAgain asserts an answer that leaves the client as it was.
func expectTryAgain(t *testing.T, name string, a answer) {
	t.Helper()
	if a.StatusCode != 503 || a.Headers["retry-after"] == "" || !strings.Contains(a.Body, "temporarily unavailable") {
		t.Errorf("%s = %d %s, Retry-After %q, want 503 and when to try again", name, a.StatusCode, a.Body, a.Headers["retry-after"])
	}
	expectUntouched(t, name, a)
	if strings.Contains(a.Body, "arn:aws") || strings.Contains(a.Body, "context") {
		t.Errorf("%s tells what is down: %s", name, a.Body)
	}
}

// expectUntouched asserts that an answer neither gives tokens nor clears them.
func expectUntouched(t *testing.T, name string, a answer) {
	t.Helper()
	for _, header := range []string{"front-token", "st-access-token", "st-refresh-token", "anti-csrf", "set-cookie"} {
		if _, there := a.Headers[header]; there || len(a.Cookies) > 0 || len(a.MultiValueHeaders) > 0 {
			t.Errorf("%s touches tokens: %v, %v, %q", name, a.Headers, a.MultiValueHeaders, a.Cookies)
		}
	}
}

// A sandbox that has the keys goes on with them while they cannot be had, for
// ten minutes with what a revoked key or the end of all sessions would change.
func TestKeysUnreachable(t *testing.T) {
	c := signedUp(t, "header")
	c.expect(200, request{route: keysRoute})
	c.expect(200, request{route: "GET /notes"})
	c.expect(200, request{route: refreshRoute})
	c.keys.arm(down())
	c.advance(10*time.Minute - time.Second)
	c.expect(201, request{route: "POST /notes", body: aNote})
	c.expect(200, request{route: refreshRoute})
	c.advance(time.Second)
	c.expect(200, request{route: keysRoute})
	c.expect(200, request{route: "GET /notes"})
	expectTryAgain(t, refreshRoute, c.serve(t.Context(), request{route: refreshRoute}))
	if a := c.serve(t.Context(), request{route: "POST /notes", body: aNote}); a.StatusCode != 500 {
		t.Errorf("POST /notes with keys of ten minutes ago = %d, want the authorizer's error", a.StatusCode)
	}
}
