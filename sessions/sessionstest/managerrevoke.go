package sessionstest

import (
	"slices"

	"github.com/latchkey-auth/latchkey/sessions"
)

func revokeProperties() []property {
	return []property{
		{name: "revoke/One session ends, and no other.", holds: revokesOne},
		{name: "revoke/Several sessions end.", holds: revokesMany},
		{name: "revoke/All sessions of a user end, and nobody else's.", holds: revokesAll},
		{name: "revoke/All but one end.", holds: revokesOthers},
		{name: "revoke/Tenants are apart.", holds: tenantsApart},
	}
}

func revokesOne(w *world) {
	g, other := w.start(), w.start()
	for range 2 {
		if err := w.m.Revoke(w.Context(), g.Session.Handle, "signed out"); err != nil {
			w.Fatalf("Revoke = %v, want nil", err)
		}
		w.over(g)
		if s := w.stored(g); s.Reason != "signed out" || !s.RevokedAt.Equal(epochOfTests()) {
			w.Errorf("revoked for %q at %v, want %q at %v", s.Reason, s.RevokedAt, "signed out", epochOfTests())
		}
		w.clock.pass(ms)
	}
	w.checked(other, nil)
	if err := w.m.Revoke(w.Context(), sessions.NewHandle(g.Session.Handle.User()), "unknown"); err != nil {
		w.Errorf("Revoke(unknown) = %v, want nil", err)
	}
}

func revokesMany(w *world) {
	var handles []sessions.Handle
	var grants []sessions.Grant
	for range 20 {
		g := w.start()
		grants, handles = append(grants, g), append(handles, g.Session.Handle)
	}
	spared := w.start()
	if err := w.m.RevokeMany(w.Context(), handles, "clean-up"); err != nil {
		w.Fatalf("RevokeMany = %v, want nil", err)
	}
	for _, g := range grants {
		w.checked(g, sessions.ErrEnded)
	}
	w.checked(spared, nil)
	if err := w.m.RevokeMany(w.Context(), nil, "nothing"); err != nil {
		w.Errorf("RevokeMany of none = %v, want nil", err)
	}
}

func revokesAll(w *world) {
	var want []sessions.Handle
	var grants []sessions.Grant
	for range 5 {
		g := w.start()
		grants, want = append(grants, g), append(want, g.Session.Handle)
	}
	mine := w.user
	w.user = somebody()
	stranger := w.start()
	ended, err := w.m.RevokeAll(w.Context(), tenant, mine, "password changed")
	if err != nil || !sameHandles(ended, want) {
		w.Fatalf("RevokeAll = %v, %v, want %v", ended, err, want)
	}
	for _, g := range grants {
		w.over(g)
	}
	w.checked(stranger, nil)
	if ended, err := w.m.RevokeAll(w.Context(), tenant, mine, "again"); err != nil || len(ended) != 0 {
		w.Errorf("RevokeAll again = %v, %v, want none", ended, err)
	}
}

func sameHandles(a, b []sessions.Handle) bool {
	order := func(x, y sessions.Handle) int { return slices.Compare(x[:], y[:]) }
	return slices.Equal(slices.SortedFunc(slices.Values(a), order), slices.SortedFunc(slices.Values(b), order))
}

func revokesOthers(w *world) {
	a, keep, b := w.start(), w.start(), w.start()
	ended, err := w.m.RevokeOthers(w.Context(), tenant, w.user, keep.Session.Handle, "others")
	if err != nil || !sameHandles(ended, []sessions.Handle{a.Session.Handle, b.Session.Handle}) {
		w.Fatalf("RevokeOthers = %v, %v, want the two others", ended, err)
	}
	w.over(a)
	w.over(b)
	w.checked(keep, nil)
	w.refresh(keep.Refresh, sessions.Rotated)
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
	if _, err := w.m.RevokeAll(ctx, "other", w.user, "tenant"); err != nil {
		w.Fatalf("RevokeAll = %v, want nil", err)
	}
	w.over(there)
	w.checked(here, nil)
}
