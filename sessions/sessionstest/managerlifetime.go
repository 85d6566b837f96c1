package sessionstest

import (
	"errors"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

func lifetimeProperties() []property {
	return []property{
		{name: "starts-as-asked", holds: startsAsAsked},
		{name: "access-token-ends", holds: accessTokenEnds, with: shortLived},
		{name: "late-stays", holds: lateStays, with: shortIdle},
		{name: "idle-ends", holds: idleEnds},
		{name: "absolute-stays", holds: absoluteStays},
		{name: "not-before-ends", holds: notBeforeEnds},
	}
}

func startsAsAsked(w *world) {
	whole := w.clock.Now()
	w.clock.pass(999999 * time.Nanosecond) // Stored times are whole milliseconds.
	g, err := w.signIn(sessions.StartRequest{
		RecipeUser: "recipe-1", Claims: object(`{ "plan": "gold", "gone": null }`), Device: "Phone\n\xff",
	})
	if err != nil {
		w.Fatalf("Start = %v, want nil", err)
	}
	now := whole
	want := sessions.Session{
		Handle: g.Session.Handle, Tenant: tenant, User: w.user, RecipeUser: "recipe-1",
		State: sessions.Live, Hash: g.Session.Hash, MACKey: "m1",
		Created: now, Idle: now.Add(idle), Absolute: now.Add(absolute),
		Claims: object(`{"plan":"gold"}`), ClaimsVersion: 1, Device: "Phone",
	}
	same(w.T, g.Session, want)
	same(w.T, w.stored(g), want)
	c := g.Claims
	if c.Subject != w.user || c.RecipeUser != "recipe-1" || c.Tenant != tenant ||
		c.Handle != g.Session.Handle.String() || string(c.Custom) != `{"plan":"gold"}` ||
		c.Issuer != "https://api.example.com/auth" || c.Audience != c.Issuer {
		w.Errorf("access token says %+v", c)
	}
	plain := w.start()
	if plain.Session.RecipeUser != w.user || plain.Claims.Custom != nil || plain.Outcome != sessions.Started {
		w.Errorf("Start with nothing asked for: recipe user %s, claims %s, %v", plain.Session.RecipeUser, plain.Claims.Custom, plain.Outcome)
	}
	checked, err := w.m.Check(w.Context(), g.Claims)
	if err != nil {
		w.Fatalf("Check = %v, want nil", err)
	}
	same(w.T, checked, want)
}

// shortLived lets a session end while its access tokens would still be valid.
func shortLived(c *sessions.Config) { c.Idle, c.Absolute = access+gap, 2*time.Hour+500*ms }

func accessTokenEnds(w *world) {
	w.clock.pass(250 * ms)
	g := w.start()
	within := func(c token.Claims, latest time.Time) {
		w.Helper()
		earliest := latest.Truncate(time.Second).Add(-access / 20)
		if c.Expires.Before(earliest) || c.Expires.After(latest) || c.Expires.Nanosecond() != 0 {
			w.Errorf("access token expires %v, want whole seconds from %v to %v", c.Expires, earliest, latest)
		}
		if c.IssuedAt.After(w.clock.Now()) || w.clock.Now().Sub(c.IssuedAt) >= time.Second {
			w.Errorf("access token is issued at %v, want the second of %v", c.IssuedAt, w.clock.Now())
		}
	}
	exactly := func(c token.Claims, want time.Time) {
		w.Helper()
		if !c.Expires.Equal(want) {
			w.Errorf("access token expires %v, want %v", c.Expires, want)
		}
	}
	for range 20 { // the length is random
		within(w.start().Claims, w.clock.Now().Add(access))
	}
	for range 2 {
		w.clock.pass(50 * time.Minute)
		g = w.refresh(g.Refresh, sessions.Rotated)
		if end := g.Session.Absolute; end.Before(w.clock.Now().Add(access)) {
			exactly(g.Claims, end.Truncate(time.Second))
		} else {
			within(g.Claims, w.clock.Now().Add(access))
		}
	}
}

func shortIdle(c *sessions.Config) { c.Idle = access + gap }

func lateStays(w *world) {
	for range 20 {
		g := w.start()
		for _, late := range []time.Duration{0, ms, time.Second, gap - ms} {
			w.clock.pass(g.Claims.Expires.Sub(w.clock.Now()) + late)
			g = w.refresh(g.Refresh, sessions.Rotated)
		}
	}
}

func idleEnds(w *world) {
	for _, c := range []struct {
		after time.Duration
		live  bool
	}{{idle - ms, true}, {idle, false}, {idle + ms, false}} {
		g := w.start()
		w.clock.pass(c.after)
		if c.live {
			w.checked(g, nil)
			w.refresh(g.Refresh, sessions.Rotated)
			continue
		}
		w.over(g)
	}
}

// over checks that no operation finds the session of the grant.
func (w *world) over(g sessions.Grant) {
	w.Helper()
	ctx, h := w.Context(), g.Session.Handle
	w.checked(g, sessions.ErrEnded)
	if g.Refresh != "" {
		w.refused(g.Refresh, sessions.ErrEnded)
	}
	_, info := w.m.Info(ctx, h)
	_, read := w.m.Data(ctx, h)
	_, written := w.m.PutData(ctx, h, object(`{}`), nil)
	_, _, merged := w.m.MergeClaims(ctx, h, object(`{}`), nil)
	for name, err := range map[string]error{"Info": info, "Data": read, "PutData": written, "MergeClaims": merged} {
		if !errors.Is(err, sessions.ErrNotFound) {
			w.Errorf("%s of a session that is over = %v, want ErrNotFound", name, err)
		}
	}
	all, err := w.m.List(ctx, g.Session.Tenant, g.Session.User)
	if err != nil {
		w.Fatalf("List = %v, want nil", err)
	}
	for _, l := range all {
		if l.Handle == h {
			w.Errorf("List has a session that is over")
		}
	}
}

func absoluteStays(w *world) {
	g := w.start()
	end := g.Session.Absolute
	for range 3 {
		w.clock.pass(idle - ms)
		g = w.refresh(g.Refresh, sessions.Rotated)
		if got := w.stored(g).Absolute; !got.Equal(end) {
			w.Fatalf("absolute expiry = %v, want %v", got, end)
		}
	}
	w.clock.set(end.Add(-ms))
	w.checked(g, nil)
	g = w.refresh(g.Refresh, sessions.Rotated)
	w.clock.set(end)
	w.over(g)
}

func notBeforeEnds(w *world) {
	old := w.start()
	w.clock.pass(time.Minute)
	young := w.start()
	w.keys.endAllBefore(w.clock.Now())
	w.over(old)
	w.checked(young, nil)
	w.refresh(young.Refresh, sessions.Rotated)
	w.state(old, sessions.Live)
	w.keys.endAllBefore(w.clock.Now().Add(time.Hour))
	if _, err := w.signIn(sessions.StartRequest{}); !errors.Is(err, sessions.ErrEpoch) {
		w.Errorf("Start before notBefore = %v, want ErrEpoch", err)
	}
}
