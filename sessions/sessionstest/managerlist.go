package sessionstest

import (
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

func listProperties() []property {
	return []property{
		{name: "list-removes-what-is-settled", holds: listRemoves},
		{name: "list-removes-some", holds: listRemovesSome},
	}
}

// listRemoves ends sessions in every way. A listing finds each of them for an
// hour. After that it finds none, and their data is gone too.
func listRemoves(w *world) {
	for name, end := range map[string]func(sessions.Handle) error{
		"revoked": func(h sessions.Handle) error {
			w.clock.pass(3 * time.Hour)
			return w.m.Revoke(w.Context(), h, "over")
		},
		"expired":   func(sessions.Handle) error { w.clock.pass(idle); return nil },
		"overtaken": func(sessions.Handle) error { return w.m.RevokeAll(w.Context(), tenant, w.user, "over") },
	} {
		w.user = somebody()
		h := w.start().Session.Handle
		putData(w.T, w.store, h, 1)
		w.succeeds(end(h))
		live := w.start()
		for _, after := range []time.Duration{0, time.Hour, ms} {
			w.clock.pass(after)
			if n := len(w.live()); n != 1 {
				w.Errorf("%d sessions live beside one that is %s, want 1", n, name)
			}
			_, found := listed(w.T, w.store, h.User())[h]
			if d := data(w.T, w.store, h); found == (after == ms) || (d.Version != 0) != found {
				w.Errorf("%v later the session that is %s is there: %t, its data have version %d", after, name, found, d.Version)
			}
		}
		w.checked(live, nil)
	}
}

// listRemovesSome: each listing and each sign-in removes a bounded number. An
// error of the removal fails neither.
func listRemovesSome(w *world) {
	key := sessions.KeyOf(tenant, w.user)
	for range 230 {
		s := newSession(tenant, w.user)
		s.State, s.RevokedAt = sessions.Revoked, s.Created
		create(w.T, w.store, s)
	}
	w.clock.pass(2 * time.Hour)
	w.store.Fail(func(call string) error {
		if call == "Remove" {
			return errLost
		}
		return nil
	}, nil)
	w.live()
	w.store.Fail(nil, nil)
	for i, want := range []int{230, 131, 31, 1} {
		if n := len(listed(w.T, w.store, key)); n != want {
			w.Errorf("%d sessions are stored after %d listings, want %d", n, i, want)
		}
		if i == 0 {
			w.start()
		} else {
			w.live()
		}
	}
}
