package sessionstest

import (
	"errors"

	"github.com/latchkey-auth/latchkey/sessions"
)

func revokeProperties() []property {
	return []property{
		{name: "revokes-one", holds: revokesOne},
		{name: "revokes-all", holds: revokesAll},
		{name: "revokes-all-once", holds: revokesAllOnce},
		{name: "revokes-others", holds: revokesOthers},
		{name: "revokes-others-twice", holds: revokesOthersTwice},
		{name: "disables", holds: disables},
		{name: "dismisses", holds: dismisses},
		{name: "tenants-apart", holds: tenantsApart},
	}
}

func revokesOne(w *world) {
	g, other := w.start(), w.start()
	for range 2 {
		w.succeeds(w.m.Revoke(w.Context(), g.Session.Handle, "signed out"))
		w.over(g)
		if s := w.stored(g); s.Reason != "signed out" || !s.RevokedAt.Equal(epochOfTests()) {
			w.Errorf("revoked for %q at %v, want %q at %v", s.Reason, s.RevokedAt, "signed out", epochOfTests())
		}
		w.clock.pass(ms)
	}
	w.checked(other, nil)
	w.succeeds(w.m.Revoke(w.Context(), sessions.NewHandle(g.Session.Handle.User()), "unknown"))
}

// revokesAllOnce: a repeated notice ends no session that began after it first
// came. Another notice does.
func revokesAllOnce(w *world) {
	before := w.start()
	for range 3 {
		w.succeeds(w.m.RevokeAllOnce(w.Context(), tenant, w.user, "logged out", "notice 1"))
	}
	w.checked(before, sessions.ErrEnded)
	since := w.start()
	w.clock.pass(ms)
	w.succeeds(w.m.RevokeAllOnce(w.Context(), tenant, w.user, "logged out", "notice 1"))
	w.checked(since, nil)
	w.succeeds(w.m.RevokeAllOnce(w.Context(), tenant, w.user, "logged out", "notice 2"))
	w.checked(since, sessions.ErrEnded)
}

// revokesAll ends sessions, which are then as if they had never started. It
// does not touch those of another user or later ones.
func revokesAll(w *world) {
	var grants []sessions.Grant
	for range 5 {
		grants = append(grants, w.start())
	}
	next := w.refresh(grants[0].Refresh, sessions.Rotated)
	mine := w.user
	w.user = somebody()
	stranger := w.start()
	for range 2 {
		w.succeeds(w.m.RevokeAll(w.Context(), tenant, mine, "password changed"))
		for _, g := range append(grants, next) {
			w.over(g)
			w.state(g, sessions.Live)
		}
	}
	w.checked(stranger, nil)
	w.user = mine
	u, err := w.m.User(w.Context(), tenant, mine)
	if err != nil || u.Epoch != 2 || u.Reason != "password changed" || !u.Moved.Equal(epochOfTests()) {
		w.Errorf("User = %+v, %v, want epoch 2, moved with its reason", u, err)
	}
	w.checked(w.start(), nil)
	if n := w.reported(sessions.EventAllRevoked); n != 2 {
		w.Errorf("%d ends of all were reported, want 2", n)
	}
}

// revokesOthers keeps the session that asked, until the next other move.
func revokesOthers(w *world) {
	for name, end := range map[string]func(sessions.Grant) error{
		"all":     func(sessions.Grant) error { return w.m.RevokeAll(w.Context(), tenant, w.user, "all") },
		"disable": func(sessions.Grant) error { return w.m.Disable(w.Context(), tenant, w.user, "all") },
		"another": func(b sessions.Grant) error { return w.m.RevokeOthers(w.Context(), b.Session.Handle, "others") },
		"itself":  func(sessions.Grant) error { return nil },
	} {
		w.user = somebody()
		a, keep, b := w.start(), w.start(), w.start()
		w.succeeds(w.m.RevokeOthers(w.Context(), keep.Session.Handle, "others"))
		w.over(a)
		w.over(b)
		if err := w.m.RevokeOthers(w.Context(), a.Session.Handle, "others"); !errors.Is(err, sessions.ErrEnded) {
			w.Errorf("RevokeOthers for a session that is over = %v, want ErrEnded", err)
		}
		w.checked(keep, nil)
		next := w.refresh(keep.Refresh, sessions.Rotated)
		later := w.start()
		w.checked(later, nil)
		w.succeeds(end(later))
		if name == "itself" {
			w.checked(next, nil)
		} else {
			w.over(next)
		}
	}
}

// revokesOthersTwice repeats the call for the same session. Each first call
// loses the answer to its move for good.
func revokesOthersTwice(w *world) {
	keep := w.start()
	for want := int64(1); want <= 3; want++ {
		other := w.start()
		lost := 0
		w.store.Fail(nil, func(call string) error {
			if call == "Move" {
				lost++
				return errLost
			}
			return nil
		})
		if err := w.m.RevokeOthers(w.Context(), keep.Session.Handle, "others"); !isUnavailable(err) || lost != 1 {
			w.Errorf("RevokeOthers without an answer = %v, want ErrUnavailable", err)
		}
		w.store.Fail(nil, nil)
		w.over(other)
		w.checked(keep, nil)
		w.succeeds(w.m.RevokeOthers(w.Context(), keep.Session.Handle, "others"))
		w.checked(keep, nil)
		if u := user(w.T, w.store, keep.Session.Handle.User()); u.Epoch != 2*want {
			w.Errorf("epoch = %d, want %d", u.Epoch, 2*want)
		}
	}
}

func disables(w *world) {
	g, before := w.start(), w.epoch()
	w.succeeds(w.m.Disable(w.Context(), tenant, w.user, "fraud"))
	w.over(g)
	for _, epoch := range []sessions.Epoch{before, w.epoch()} {
		if got, err := w.m.Start(w.Context(), sessions.StartRequest{Epoch: epoch}); got.Access != "" ||
			!errors.Is(err, sessions.ErrDisabled) && !errors.Is(err, sessions.ErrEpoch) {
			w.Errorf("Start of a user who is disabled = %v, want ErrDisabled or ErrEpoch and no tokens", err)
		}
	}
	for range 2 {
		w.succeeds(w.m.Enable(w.Context(), tenant, w.user))
		w.over(g)
		w.checked(w.start(), nil)
	}
	if n := len(w.live()); n != 2 {
		w.Errorf("%d sessions live, want the two started since", n)
	}
}

// dismisses deletes a user as the admin API does. What is started in between is
// over by the end, and nobody inherits the claims.
func dismisses(w *world) {
	ctx := w.Context()
	if _, _, err := w.m.MergeUserClaims(ctx, tenant, w.user, object(`{"plan":"gold"}`), nil); err != nil {
		w.Fatalf("MergeUserClaims = %v, want nil", err)
	}
	g := w.start()
	w.succeeds(w.m.Dismiss(ctx, tenant, w.user, "deleted"))
	w.over(g)
	between := w.start()
	w.succeeds(w.m.RevokeAll(ctx, tenant, w.user, "deleted"))
	w.over(between)
	if claims, v, err := w.m.UserClaims(ctx, tenant, w.user); err != nil || string(claims) != `{}` || v != 2 {
		w.Errorf("UserClaims = %s, %d, %v, want {}, 2, nil", claims, v, err)
	}
}

func tenantsApart(w *world) {
	ctx := w.Context()
	here := w.start()
	epoch, err := w.m.Epoch(ctx, "other", w.user)
	if err != nil {
		w.Fatal(err)
	}
	there, err := w.m.Start(ctx, sessions.StartRequest{Epoch: epoch})
	if err != nil {
		w.Fatal(err)
	}
	mixed := here
	mixed.Claims.Tenant = "other"
	w.store.Take()
	w.checked(mixed, sessions.ErrEnded)
	if calls := w.store.Take(); len(calls) != 0 {
		w.Errorf("Check of a handle of another tenant makes the calls %v, want none", calls)
	}
	mixed.Claims.Handle = there.Claims.Handle
	w.checked(mixed, nil)
	mixed.Claims.Subject = somebody()
	w.checked(mixed, sessions.ErrEnded)
	if all, err := w.m.List(ctx, "other", w.user); err != nil || len(all) != 1 || all[0].Handle != there.Session.Handle {
		w.Errorf("List of the other tenant = %v, %v, want its one session", all, err)
	}
	w.succeeds(w.m.RevokeAll(ctx, "other", w.user, "tenant"))
	w.over(there)
	w.checked(here, nil)
}
