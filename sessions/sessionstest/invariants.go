package sessionstest

import (
	"maps"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

// invariants are what no order of calls may break. Each has its number.
func invariants() []property {
	return []property{
		{name: "I1/A generation is rotated at most once.", holds: generationOnce},
		{name: "I2/All answers to one token within the window carry the same child.", holds: sameChild},
		{name: "I3/The generation never decreases, and grows by one.", holds: generationSteps},
		{name: "I4/A refresh that fails hands out nothing.", holds: failuresHandOutNothing},
		{name: "I5/Revoked is for ever.", holds: revokedForEver},
		{name: "I6/A token that is not ours changes nothing.", holds: forgeriesChangeNothing},
		{name: "I7/Lost and repeated answers within the window are never theft.", holds: honestDevice},
		{name: "I8/Two holders of one token end its session when they are further apart than the window.", holds: twoHolders},
		{name: "I9/Nothing is accepted after the earlier expiry.", holds: nothingAfterTheEnd},
		{name: "I10/A session is live when its access token is issued.", holds: liveWhenIssued},
		{name: "I11/No refresh changes the data.", holds: dataUnchanged},
		{name: "I12/Each call costs the storage calls it is documented with.", holds: storageCalls},
		{name: "I13/A crash between any two steps leaves a session that a retry finds.", holds: crashes},
	}
}

func generationOnce(w *world) {
	g := w.start()
	rotations := 0
	for _, raw := range []string{g.Refresh, g.Refresh, g.Refresh} {
		if got, err := w.m.Refresh(w.Context(), raw); err == nil && got.Outcome == sessions.Rotated {
			rotations++
		}
	}
	if rotations != 1 || w.stored(g).Generation != 1 {
		w.Errorf("%d rotations to generation %d, want 1 to 1", rotations, w.stored(g).Generation)
	}
}

func sameChild(w *world) {
	g := w.start()
	for range 3 {
		child := w.refresh(g.Refresh, sessions.Rotated)
		for range 3 {
			w.clock.pass(replay / 3)
			if got := w.refresh(g.Refresh, sessions.Replayed).Refresh; got != child.Refresh {
				w.Fatalf("replay gives another child")
			}
		}
		w.clock.pass(gap)
		g = child
	}
}

func generationSteps(w *world) {
	g := w.start()
	for want := uint32(1); want <= 4; want++ {
		before := g.Refresh
		g = w.refresh(before, sessions.Rotated)
		w.refresh(before, sessions.Replayed)
		w.refresh(g.Refresh, sessions.Fresh)
		if got := w.stored(g).Generation; got != want {
			w.Fatalf("generation = %d, want %d", got, want)
		}
		w.clock.pass(gap)
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
		w.over(first)
		w.over(next)
		same(w.T, w.stored(first), end)
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

func twoHolders(w *world) {
	for _, apart := range []time.Duration{replay + ms, gap, time.Hour} {
		g := w.start()
		first := w.refresh(g.Refresh, sessions.Rotated)
		w.clock.pass(apart)
		if _, err := w.m.Refresh(w.Context(), g.Refresh); err == nil {
			w.Errorf("the second holder, %v later, was let in", apart)
		}
		w.over(first)
	}
}

func nothingAfterTheEnd(w *world) {
	g := w.start()
	for w.clock.Now().Add(idle).Before(g.Session.Absolute) {
		w.clock.pass(idle - time.Hour)
		g = w.refresh(g.Refresh, sessions.Rotated)
		if g.Claims.Expires.After(g.Session.Expires()) {
			w.Errorf("access token expires %v, after its session at %v", g.Claims.Expires, g.Session.Expires())
		}
	}
	for _, after := range []time.Duration{0, ms, idle, absolute} {
		w.clock.set(g.Session.Expires().Add(after))
		w.over(g)
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
	g := w.start()
	cost("sign-in", map[string]int{"Epoch": 2, "Create": 1, "List": 1})
	w.checked(g, nil)
	cost("check", map[string]int{"Get": 1})
	w.refused("garbage", sessions.ErrInvalidToken)
	cost("garbage", map[string]int{})
	next := w.refresh(g.Refresh, sessions.Rotated)
	cost("refresh", map[string]int{"Rotate": 1})
	w.refresh(g.Refresh, sessions.Replayed)
	cost("replay", map[string]int{"Rotate": 1})
	w.refresh(next.Refresh, sessions.Fresh)
	cost("fresh", map[string]int{"Rotate": 1})
	w.m.PutData(w.Context(), g.Session.Handle, object(`{}`), version(0))
	cost("data with a version", map[string]int{"Get": 1, "PutData": 1})
	w.m.PutData(w.Context(), g.Session.Handle, object(`{}`), version(7))
	cost("data with another version", map[string]int{"Get": 1, "PutData": 1})
	w.m.PutData(w.Context(), g.Session.Handle, object(`{}`), nil)
	cost("data without", map[string]int{"Get": 1, "Data": 1, "PutData": 1})
	w.m.MergeClaims(w.Context(), g.Session.Handle, object(`{}`), nil)
	cost("claims", map[string]int{"Get": 1, "SetClaims": 1})
	w.m.Revoke(w.Context(), g.Session.Handle, "out")
	cost("revoke", map[string]int{"Revoke": 1})
	w.start()
	w.store.Take()
	w.m.RevokeAll(w.Context(), tenant, w.user, "all")
	cost("revoke all", map[string]int{"BumpEpoch": 1, "List": 1, "Revoke": 1})
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
