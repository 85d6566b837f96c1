package endpoints_test

import (
	"context"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-auth/latchkey/test/proof"
)

// allowed is the time a function has by default.
const allowed = 5 * time.Second

// fault is how calls go wrong, wherever they begin to.
type fault struct {
	way  way
	many int
}

// forGood is as many calls as there may be.
const forGood = math.MaxInt32

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
// every way. The client is then told to try again, in time, and nothing of his
// is touched; or the request has done what the answer says. Nothing passes that
// should not, reads go on all the while, and the next try succeeds.
func TestEveryStorageCall(t *testing.T) {
	faults := proof.Scale([]fault{{refused, 1}, {hung, forGood}, {lost, 1}}, each([]way{refused, hung, lost}, 1, forGood))
	tries, asked := 0, map[string]bool{}
	for _, op := range operations() {
		t.Run(op.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := inMemory(t)
				tries += g.everyCall(op, faults)
				asked[g.route] = true
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
	if none.count() < op.calls {
		g.t.Errorf("%d calls, want %d at least", none.count(), op.calls)
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
	g.route = r.route
	g.start()
	if !op.cold {
		p.app.expect(200, request{route: "GET /notes"})
	}
	e := c.event(r)
	g.arm(pl)
	limit := op.limit
	if limit == 0 {
		limit = allowed
	}
	a := within(g.t, limit, func(ctx context.Context) answer {
		if pl.way == hung && !op.cold {
			return p.readsMeanwhile(ctx, e, pl)
		}
		return p.serve(ctx, e)
	})
	synctest.Wait() // a load of keys outlives the call that it was made for
	g.arm(nil)
	if !op.cold {
		p.readsGoOn()
	}
	switch {
	case op.good(a):
		c.receive(e.RawPath, a)
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
	if !failed && g.t.Failed() {
		g.t.Errorf("that was %s with %s", op.name, pl)
	}
}

// expectNothingDone asserts the answer of one who cannot say: the authorizer's
// error, or that of a function which leaves the client as he was.
func expectNothingDone(t *testing.T, r request, a answer, pl *plan) {
	t.Helper()
	if pl.many == 0 {
		t.Fatalf("%s with all well = %d %s", r.route, a.StatusCode, a.Body)
	}
	if protected(r.route) && a.StatusCode == 500 && a.Body == "" {
		return
	}
	expectTryAgain(t, r.route, a)
}

// says returns what is to be found in a good answer of that status.
func says(status int, texts ...string) func(answer) bool {
	return func(a answer) bool {
		for _, text := range texts {
			if !strings.Contains(a.Body, text) {
				return false
			}
		}
		return a.StatusCode == status
	}
}
