package sessionstest

import (
	"errors"
	"strings"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/memory"
)

func refreshProperties() []property {
	return []property{
		{name: "gap-edges", holds: gapEdges},
		{name: "window-edges", holds: windowEdges},
		{name: "stale-ends", holds: staleEnds},
		{name: "theft-ends", holds: theftEnds},
		{name: "ahead-is-an-alarm", holds: aheadIsAnAlarm},
		{name: "strict-single-use", holds: strictSingleUse, with: strict},
		{name: "newest-counts", holds: newestCounts},
		{name: "mac-key-replaced", holds: macKeyReplaced},
		{name: "mac-key-gone", holds: macKeyGone},
		{name: "mac-key-swapped", holds: macKeySwapped},
		{name: "issuer-missing", holds: issuerMissing},
	}
}

func strict(c *sessions.Config) { c.ReplayWindow, c.RotationGap = 0, 0 }

func newestCounts(w *world) {
	first, other := w.start(), w.start()
	second := w.refresh(first.Refresh, sessions.Rotated)
	w.clock.pass(gap + replay) // the first is finally spent
	third, err := w.m.Refresh(w.Context(), "garbage", first.Refresh, second.Refresh, second.Refresh+"A", first.Refresh)
	if err != nil || third.Outcome != sessions.Rotated {
		w.Fatalf("Refresh with the current token and others = %v, %v, want it rotated", third.Outcome, err)
	}
	w.clock.pass(gap)
	if _, err := w.m.Refresh(w.Context(), first.Refresh, third.Refresh, other.Refresh); !errors.Is(err, sessions.ErrAmbiguous) {
		w.Errorf("Refresh with tokens of two sessions = %v, want %v", err, sessions.ErrAmbiguous)
	}
	w.refresh(third.Refresh, sessions.Rotated)
	w.refresh(other.Refresh, sessions.Rotated)
}

func gapEdges(w *world) {
	g := w.refresh(w.start().Refresh, sessions.Rotated)
	for _, after := range []time.Duration{0, ms, gap - ms - ms} {
		w.clock.pass(after)
		fresh := w.refresh(g.Refresh, sessions.Fresh)
		if fresh.Refresh != "" || fresh.Access == "" {
			w.Errorf("Refresh within the gap gives refresh token: %t, access token: %t, want false, true",
				fresh.Refresh != "", fresh.Access != "")
		}
	}
	w.clock.pass(ms)
	w.refresh(g.Refresh, sessions.Rotated)
}

func windowEdges(w *world) {
	first := w.start()
	child := w.refresh(first.Refresh, sessions.Rotated).Refresh
	if got := w.stored(first).Generation; got != 1 || child == "" || child == first.Refresh {
		w.Errorf("generation = %d after the first refresh, want 1 and a new token", got)
	}
	for range 3 {
		if got := w.refresh(first.Refresh, sessions.Replayed).Refresh; got != child {
			w.Errorf("replay gives another child")
		}
		w.clock.pass(replay / 3)
	}
	if got := w.refresh(first.Refresh, sessions.Replayed).Refresh; got != child {
		w.Errorf("replay at the end of the window gives another child")
	}
	if n := w.reported(sessions.EventReplayed); n != 4 {
		w.Errorf("%d replays were reported, want 4", n)
	}
	w.refresh(child, sessions.Fresh)
	w.clock.pass(gap - replay)
	w.refresh(child, sessions.Rotated)
}

func staleEnds(w *world) {
	first := w.start()
	next := w.refresh(first.Refresh, sessions.Rotated)
	w.clock.pass(replay + ms)
	w.refused(first.Refresh, sessions.ErrStale)
	w.state(first, sessions.Revoked)
	w.refused(next.Refresh, sessions.ErrEnded)
	w.refused(first.Refresh, sessions.ErrEnded)
	w.checked(next, sessions.ErrEnded)
	if n := w.reported(sessions.EventStale); n != 1 {
		w.Errorf("%d stale retries were reported, want 1", n)
	}
}

func theftEnds(w *world) {
	first := w.start()
	second := w.refresh(first.Refresh, sessions.Rotated)
	w.clock.pass(gap)
	third := w.refresh(second.Refresh, sessions.Rotated)
	w.refused(first.Refresh, sessions.ErrTheft)
	w.state(first, sessions.Revoked)
	w.refused(third.Refresh, sessions.ErrEnded)
	w.checked(third, sessions.ErrEnded)
	if n := w.reported(sessions.EventTheft); n != 1 {
		w.Errorf("%d thefts were reported, want 1", n)
	}
}

// elsewhere refreshes the grant in a copy of the store, which is then lost. The
// returned token is genuine, but the store under test has never seen it.
func elsewhere(w *world, g sessions.Grant) string {
	w.Helper()
	backup := memory.New()
	create(w.T, backup, w.stored(g))
	kept := w.store.store
	w.store.store = backup
	defer func() { w.store.store = kept }()
	return w.refresh(g.Refresh, sessions.Rotated).Refresh
}

func aheadIsAnAlarm(w *world) {
	first := w.start()
	w.refused(elsewhere(w, first), sessions.ErrEnded)
	if n := w.reported(sessions.EventAhead); n != 1 {
		w.Errorf("%d alarms were reported, want 1", n)
	}
	w.state(first, sessions.Live)
	w.refresh(first.Refresh, sessions.Rotated)
}

func strictSingleUse(w *world) {
	g := w.start()
	for range 3 {
		next := w.refresh(g.Refresh, sessions.Rotated)
		w.clock.pass(ms)
		g = next
	}
	used := g.Refresh
	w.refresh(used, sessions.Rotated)
	w.clock.pass(ms)
	w.refused(used, sessions.ErrStale)
}

func macKeyReplaced(w *world) {
	first := w.start()
	w.keys.replaceMAC("m2")
	child := w.refresh(first.Refresh, sessions.Rotated).Refresh
	if got := w.stored(first).MACKey; got != "m2" {
		w.Errorf("key of the session after a rotation = %s, want m2", got)
	}
	w.keys.replaceMAC("m3")
	if again := w.refresh(first.Refresh, sessions.Replayed).Refresh; again != child {
		w.Errorf("replay after the key was replaced gives another child")
	}
	w.clock.pass(gap)
	w.refresh(child, sessions.Rotated)
}

func macKeyGone(w *world) {
	first := w.start()
	w.keys.replaceMAC("m2")
	w.keys.lose("m1")
	w.store.Take()
	w.refused(first.Refresh, sessions.ErrUnknownKey)
	if calls := w.store.Take(); len(calls) != 0 {
		w.Errorf("a token of a key that is gone makes the calls %v, want none", calls)
	}
	// If the lost key is the session's own, an old token of another key is not
	// theft. The session is just over.
	second := w.start()
	w.keys.replaceMAC("m3")
	third := w.refresh(second.Refresh, sessions.Rotated)
	w.clock.pass(gap)
	w.keys.replaceMAC("m4")
	w.refresh(third.Refresh, sessions.Rotated)
	w.keys.replaceMAC("m5")
	w.keys.lose("m4")
	for _, old := range []string{second.Refresh, third.Refresh} {
		w.refused(old, sessions.ErrEnded)
		w.refused(old, sessions.ErrUnknownKey)
	}
	w.state(first, sessions.Live)
	w.state(second, sessions.Live)
}

func macKeySwapped(w *world) {
	first := w.start()
	w.keys.replaceMAC("m2")
	w.refused(strings.Replace(first.Refresh, ".m1.", ".m2.", 1), sessions.ErrInvalidToken)
	w.refresh(first.Refresh, sessions.Rotated)
}

func issuerMissing(w *world) {
	g := w.start()
	w.keys.settings.Issuer = ""
	w.store.Take()
	w.refused(g.Refresh, sessions.ErrUnavailable)
	if _, err := w.signIn(sessions.StartRequest{}); !isUnavailable(err) {
		w.Errorf("Start without an issuer = %v, want ErrUnavailable", err)
	}
	if calls := w.store.Take(); calls["Create"]+calls["Rotate"] != 0 {
		w.Errorf("without an issuer the calls are %v, want no write", calls)
	}
}
