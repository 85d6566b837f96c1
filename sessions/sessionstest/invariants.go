package sessionstest

import (
	"maps"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

// invariants are what no order of calls may break.
func invariants() []property {
	return []property{
		{name: "failures-hand-out-nothing", holds: failuresHandOutNothing},
		{name: "revoked-for-ever", holds: revokedForEver},
		{name: "forgeries-change-nothing", holds: forgeriesChangeNothing},
		{name: "honest-device", holds: honestDevice},
		{name: "live-when-issued", holds: liveWhenIssued},
		{name: "data-unchanged", holds: dataUnchanged},
		{name: "storage-calls", holds: storageCalls},
		{name: "crashes", holds: crashes},
	}
}

func failuresHandOutNothing(w *world) {
	g := w.start()
	w.refused("", sessions.ErrInvalidToken)
	w.store.Fail(func(string) error { return errLost }, nil)
	w.refused(g.Refresh, sessions.ErrUnavailable)
	w.store.Fail(nil, nil)
	if err := w.m.Revoke(w.Context(), g.Session.Handle, "over"); err != nil {
		w.Fatal(err)
	}
	w.refused(g.Refresh, sessions.ErrEnded)
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

// honestDevice loses answers again and again, and always retries in time.
func honestDevice(w *world) {
	g := w.start()
	for range 5 {
		w.refresh(g.Refresh, sessions.Rotated) // This answer is lost.
		for range 3 {
			w.clock.pass(replay/4 + ms)
			w.refresh(g.Refresh, sessions.Replayed) // And these.
		}
		w.clock.pass(ms)
		g = w.refresh(g.Refresh, sessions.Replayed)
		w.clock.pass(gap)
	}
	if n := w.reported(sessions.EventTheft) + w.reported(sessions.EventStale); n != 0 {
		w.Errorf("an honest device was taken for a thief %d times", n)
	}
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

func storageCalls(w *world) {
	cost := func(what string, want map[string]int) {
		w.Helper()
		if got := w.store.Take(); !maps.Equal(got, want) {
			w.Errorf("%s makes the calls %v, want %v", what, got, want)
		}
	}
	ctx := w.Context()
	g := w.start()
	cost("sign-in", map[string]int{"User": 1, "Create": 1, "List": 1})
	w.checked(g, nil)
	cost("check", map[string]int{"Get": 1})
	w.refused("garbage", sessions.ErrInvalidToken)
	cost("garbage", map[string]int{})
	next := w.refresh(g.Refresh, sessions.Rotated)
	cost("refresh", map[string]int{"Rotate": 1, "User": 1})
	w.refresh(g.Refresh, sessions.Replayed)
	cost("replay", map[string]int{"Rotate": 1, "User": 1})
	w.refresh(next.Refresh, sessions.Fresh)
	cost("fresh", map[string]int{"Rotate": 1, "User": 1})
	w.m.PutData(ctx, g.Session.Handle, object(`{}`), version(0))
	cost("data with a version", map[string]int{"Get": 1, "PutData": 1})
	w.m.PutData(ctx, g.Session.Handle, object(`{}`), version(7))
	cost("data with another version", map[string]int{"Get": 1, "PutData": 1})
	w.m.PutData(ctx, g.Session.Handle, object(`{}`), nil)
	cost("data without", map[string]int{"Get": 1, "Data": 1, "PutData": 1})
	w.m.MergeClaims(ctx, g.Session.Handle, object(`{}`), nil)
	cost("claims", map[string]int{"Get": 1, "SetClaims": 1})
	w.m.MergeUserClaims(ctx, tenant, w.user, object(`{}`), nil)
	cost("claims of the user", map[string]int{"User": 1, "SetUserClaims": 1})
	w.m.Revoke(ctx, g.Session.Handle, "out")
	cost("revoke", map[string]int{"Revoke": 1})
	keep := w.start().Session.Handle
	w.start()
	w.store.Take()
	w.m.RevokeOthers(ctx, keep, "others")
	cost("revoke all others", map[string]int{"Get": 1, "Move": 1})
	w.m.RevokeAll(ctx, tenant, w.user, "all")
	cost("revoke all", map[string]int{"Move": 1})
	w.m.Disable(ctx, tenant, w.user, "all")
	cost("disable", map[string]int{"Move": 1})
	w.m.Enable(ctx, tenant, w.user)
	cost("enable", map[string]int{"User": 1, "Enable": 1})
}

// crashes loses the request or the answer of each storage call of a refresh
// that ends well and of one that ends the session, and then retries.
func crashes(w *world) {
	failing := func(call string) error { return errLost }
	for _, lost := range []string{"request", "answer"} {
		g := w.start()
		if lost == "request" {
			w.store.Fail(failing, nil)
		} else {
			w.store.Fail(nil, failing)
		}
		w.refused(g.Refresh, sessions.ErrUnavailable)
		w.store.Fail(nil, nil)
		w.clock.pass(replay)
		retried, err := w.m.Refresh(w.Context(), g.Refresh)
		if err != nil || retried.Refresh == "" {
			w.Errorf("retry after a lost %s = %v, want a child", lost, err)
		}
		w.clock.pass(gap)
		w.refresh(retried.Refresh, sessions.Rotated)
		w.store.Fail(func(call string) error {
			if call == "Revoke" {
				return errLost
			}
			return nil
		}, nil)
		w.refused(g.Refresh, sessions.ErrUnavailable)
		w.state(g, sessions.Live)
		w.store.Fail(nil, nil)
		w.refused(g.Refresh, sessions.ErrTheft)
		w.state(g, sessions.Revoked)
	}
}
