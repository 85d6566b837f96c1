package endpoints_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-auth/latchkey"
	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/accounts/hashing"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/test/provider"
)

// ground is a stack whose calls to its stores go as a plan says, and which
// people can be put into without the cost of a sign-up.
type ground struct {
	*stack
	arm     func(*plan) // nil: all calls go well from now on
	manager *sessions.Manager
	hash    accounts.Secret // of the password
	weak    accounts.Secret // the same, with parameters that are in force no more
	people  int
	asked   string // the route that was tried last
	corp    *provider.Provider
}

// inMemory returns a ground over the stores in memory.
func inMemory(t *testing.T) *ground {
	s := newStack(t)
	return newGround(s, func(p *plan) {
		for _, g := range []*gate{&s.sessions.gate, &s.accounts.gate, &s.keys.gate, &s.sealer.gate, &s.mail.gate, &s.providers.gate} {
			g.arm(p)
		}
	})
}

func newGround(s *stack, arm func(*plan)) *ground {
	s.t.Helper()
	g := &ground{stack: s, arm: arm}
	g.hash, _ = hashing.Default().Hash(s.t.Context(), password)
	g.weak, _ = hashing.New(accounts.Argon2id{Memory: 8, Passes: 1, Lanes: 1}).Hash(s.t.Context(), password)
	g.manager = g.managerOver(s.sessions, 100)
	g.corp = s.provider("corp", nil)
	g.corp.AnyCode = true // so that a login can be tried again
	return g
}

// managerOver starts sessions in that store with the keys of the stack.
func (g *ground) managerOver(store sessions.Store, most int) *sessions.Manager {
	g.t.Helper()
	l, err := setup.Library(g.config(), g.backends().Backends)
	if err != nil {
		g.t.Fatal(err)
	}
	l.Sessions, l.MaxSessions = store, most
	m, err := latchkey.NewManager(l)
	if err != nil {
		g.t.Fatal(err)
	}
	return m
}

// person is somebody with an account, who is signed in with a browser and an
// app.
type person struct {
	*ground
	browser, app, guest    *client // a guest is not signed in
	email, id              string
	browserGrant, appGrant sessions.Grant
}

// person adds somebody whom nobody else has to do with.
func (g *ground) person() *person {
	g.t.Helper()
	g.people++
	p := &person{ground: g, email: fmt.Sprintf("p%d@example.com", g.people), id: fmt.Sprintf("id-%d", g.people)}
	if err := g.accounts.Create(g.t.Context(), p.user()); err != nil {
		g.t.Fatal(err)
	}
	p.browser, p.app, p.guest = p.client("cookie"), p.client("header"), p.client("header")
	p.browserGrant, p.appGrant = p.start(), p.start()
	p.hold()
	return p
}

// hold gives the browser and the app the tokens that they were given first.
func (p *person) hold() {
	p.browser.jar.SetCookies(p.browser.url("/"), []*http.Cookie{
		{Name: "sAccessToken", Value: p.browserGrant.Access, Path: "/"},
		{Name: "sRefreshToken", Value: p.browserGrant.Refresh, Path: "/auth/session/refresh"},
	})
	p.app.access, p.app.refresh = p.appGrant.Access, p.appGrant.Refresh
}

// expel ends all sessions of the person, who signs in anew.
func (p *person) expel() {
	p.t.Helper()
	if err := p.manager.RevokeAll(p.t.Context(), "public", p.id, ""); err != nil {
		p.t.Fatal(err)
	}
	p.browserGrant, p.appGrant = p.start(), p.start()
	p.hold()
}

// user is the account, as it was at first.
func (p *person) user() accounts.User {
	return accounts.User{ID: p.id, Tenant: "public", Email: p.email, Hash: p.hash, Joined: time.UnixMilli(1)}
}

// client is one that no throttle knows yet.
func (p *person) client(mode string) *client {
	c := p.stack.client(mode)
	c.source = fmt.Sprintf("10.%d.%d.1", p.people/250, p.people%250)
	return c
}

// start begins a session of the person.
func (p *person) start() sessions.Grant {
	p.t.Helper()
	epoch, err := p.manager.Epoch(p.t.Context(), "public", p.id)
	if err != nil {
		p.t.Fatal(err)
	}
	grant, err := p.manager.Start(p.t.Context(), sessions.StartRequest{Epoch: epoch})
	if err != nil {
		p.t.Fatal(err)
	}
	return grant
}

// twin is an app with the tokens of a grant.
func (p *person) twin(g sessions.Grant) *client {
	c := p.client("header")
	c.access, c.refresh = g.Access, g.Refresh
	return c
}

// of names the session and the user in a path.
func (p *person) of(g sessions.Grant) map[string]string {
	return map[string]string{"handle": g.Session.Handle.String(), "userId": p.id}
}

// over asserts that nothing goes any more with the tokens of the grant.
func (p *person) over(g sessions.Grant) {
	p.t.Helper()
	c := p.twin(g)
	for _, r := range []request{{route: "POST /notes", body: aNote}, {route: refreshRoute}} {
		if a := c.serve(p.t.Context(), r); a.StatusCode != 401 {
			p.t.Errorf("%s of a session that was ended = %d, want 401", r.route, a.StatusCode)
		}
	}
}

// alive asserts that the client is signed in, and stays so.
func (p *person) alive(c *client) {
	p.t.Helper()
	c.expect(201, request{route: "POST /notes", body: aNote})
	c.expect(200, request{route: refreshRoute})
	c.expect(201, request{route: "POST /notes", body: aNote})
}

// readsGoOn asserts that, as things stand, a GET passes and asks no store.
func (p *person) readsGoOn() {
	p.t.Helper()
	pl := down()
	p.arm(pl)
	if a := p.app.serve(p.t.Context(), request{route: "GET /notes"}); a.StatusCode != 200 || pl.count() > 0 {
		p.t.Errorf("GET /notes with everything down = %d after %d calls, want 200 after none", a.StatusCode, pl.count())
	}
	p.arm(nil)
}

// readsMeanwhile serves a request and asserts that, while a call for it hangs,
// a GET passes at once and asks no store. It is for a bubble.
func (p *person) readsMeanwhile(ctx context.Context, c *client, r request, pl *plan) answer {
	p.t.Helper()
	var reading sync.WaitGroup
	reading.Go(func() {
		synctest.Wait()
		began, calls := time.Now(), pl.count()
		a := p.app.serve(p.t.Context(), request{route: "GET /notes"})
		if a.StatusCode != 200 || pl.count() > calls || time.Since(began) > 0 {
			p.t.Errorf("GET /notes meanwhile = %d after %d calls and %v, want 200 after none", a.StatusCode, pl.count()-calls, time.Since(began))
		}
	})
	defer reading.Wait()
	return c.serve(ctx, r)
}

// within runs what a function does in the time that it has. At its end Lambda
// stops the function, so that nobody is answered.
func within(t *testing.T, limit time.Duration, do func(context.Context) answer) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	began := time.Now()
	a := do(ctx)
	if took := time.Since(began); took >= limit {
		t.Errorf("answered after %v, want before %v", took, limit)
	}
	return a
}
