package sessionstest

import (
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

// invariants are what no order of calls may break.
func invariants() []property {
	return []property{
		{name: "revoked-for-ever", holds: revokedForEver},
		{name: "forgeries-change-nothing", holds: forgeriesChangeNothing},
		{name: "live-when-issued", holds: liveWhenIssued},
		{name: "data-unchanged", holds: dataUnchanged},
	}
}

func revokedForEver(w *world) {
	first := w.start()
	next := w.refresh(first.Refresh, sessions.Rotated)
	if err := w.m.Revoke(w.Context(), first.Session.Handle, "over"); err != nil {
		w.Fatal(err)
	}
	end := w.stored(first)
	for _, after := range []time.Duration{0, replay, gap, idle, absolute} {
		w.clock.pass(after)
		if after < time.Hour {
			same(w.T, w.stored(first), end) // Later a list removes it.
		}
		w.over(first)
		w.over(next)
	}
}

func forgeriesChangeNothing(w *world) {
	g, other := w.start(), w.start()
	before := w.stored(g)
	w.store.Take()
	// The prefix, the key id, the handle, the generation, the nonce, the MAC.
	for _, at := range []int{0, 3, 10, 50, 54, 60, 90, len(g.Refresh) - 1} {
		w.refused(flipped(g.Refresh, at), sessions.ErrInvalidToken)
	}
	mixed := g.Refresh[:60] + other.Refresh[60:]
	for _, raw := range []string{
		"", "v1..", g.Access, mixed, g.Refresh + "A", g.Refresh + "\n", g.Refresh[:len(g.Refresh)-1],
		g.Refresh[:20] + "\n" + g.Refresh[21:], " " + g.Refresh, g.Refresh + g.Refresh,
	} {
		w.refused(raw, sessions.ErrInvalidToken)
	}
	if calls := w.store.Take(); len(calls) != 0 {
		w.Errorf("forged tokens make the calls %v, want none", calls)
	}
	same(w.T, w.stored(g), before)
}

// flipped changes one character of the token to another that may stand there.
// A key id it changes to one that is known.
func flipped(raw string, at int) string {
	b := []byte(raw)
	if b[at] == 'A' {
		b[at] = 'B'
	} else {
		b[at] = 'A'
	}
	if at == 3 {
		return "v1.." + raw[at:]
	}
	return string(b)
}

// liveWhenIssued revokes within a refresh, after the store has answered: that
// one token is issued, and none after it.
func liveWhenIssued(w *world) {
	g := w.start()
	w.store.Fail(nil, func(call string) error {
		if call == "Rotate" {
			return w.store.store.Revoke(w.Context(), g.Session.Handle, w.clock.Now(), "meanwhile")
		}
		return nil
	})
	issued := w.refresh(g.Refresh, sessions.Rotated)
	if issued.Session.State != sessions.Live {
		w.Errorf("access token issued for a session that was %s", issued.Session.State)
	}
	w.store.Fail(nil, nil)
	w.over(issued)
}

func dataUnchanged(w *world) {
	first := w.start()
	h := first.Session.Handle
	if _, err := w.m.PutData(w.Context(), h, object(`{"cart":[1,2]}`), nil); err != nil {
		w.Fatal(err)
	}
	want := data(w.T, w.store, h)
	next := w.refresh(first.Refresh, sessions.Rotated)
	sameData(w.T, data(w.T, w.store, h), want)
	w.refresh(first.Refresh, sessions.Replayed)
	sameData(w.T, data(w.T, w.store, h), want)
	w.refresh(next.Refresh, sessions.Fresh)
	sameData(w.T, data(w.T, w.store, h), want)
	w.clock.pass(replay + ms)
	w.refused(first.Refresh, sessions.ErrStale)
	w.refused(next.Refresh, sessions.ErrEnded)
	sameData(w.T, data(w.T, w.store, h), want)
}
