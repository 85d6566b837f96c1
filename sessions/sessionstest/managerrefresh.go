package sessionstest

import (
	"errors"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/memory"
)

func refreshProperties() []property {
	return []property{
		{name: "refresh/The first refresh rotates, however soon.", holds: firstRefreshRotates},
		{name: "refresh/Within the gap only the access token is new.", holds: gapEdges},
		{name: "refresh/A retired token gives the same child until the replay window is over.", holds: windowEdges},
		{name: "refresh/A retry after the window ends the session.", holds: staleEnds},
		{name: "refresh/A token retired earlier ends the session, even within the window.", holds: theftEnds},
		{name: "refresh/A token newer than the session is an alarm and ends nothing.", holds: aheadIsAnAlarm},
		{name: "refresh/A token of a displaced branch ends the session.", holds: displacedEnds},
		{name: "refresh/Without window and gap every token is good once.", holds: strictSingleUse, with: strict},
		{name: "refresh/Of several tokens the newest of ours counts, and those of different sessions end nothing.", holds: newestCounts},
		{name: "refresh/A lost answer that the caller never saw is repeated.", holds: lostAnswer},
	}
}

func strict(c *sessions.Config) { c.Replay, c.Gap = 0, 0 }

func firstRefreshRotates(w *world) {
	first := w.start()
	next := w.refresh(first.Refresh, sessions.Rotated)
	if next.Refresh == "" || next.Refresh == first.Refresh {
		w.Errorf("Refresh gives no new refresh token")
	}
	if got := w.stored(first).Generation; got != 1 {
		w.Errorf("generation = %d, want 1", got)
	}
}

func newestCounts(w *world) {
	first, other := w.start(), w.start()
	second := w.refresh(first.Refresh, sessions.Rotated)
	w.clock.pass(gap + replay) // the first is spent for good
	third, err := w.m.Refresh(w.Context(), "garbage", second.Refresh, second.Refresh+"A", first.Refresh)
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

// elsewhere refreshes the grant in a copy of the store, which then is lost: the
// token it returns is genuine, and the store under test has never seen it.
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

func displacedEnds(w *world) {
	first := w.start()
	displaced := elsewhere(w, first)
	current := w.refresh(first.Refresh, sessions.Rotated)
	w.refused(displaced, sessions.ErrTheft)
	w.refused(current.Refresh, sessions.ErrEnded)
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

// lostAnswer loses the answer of the store, so that the caller hears nothing,
// and then also what the caller is told.
func lostAnswer(w *world) {
	first := w.start()
	w.store.Fail(nil, func(call string) error {
		if call == "Rotate" {
			return errLost
		}
		return nil
	})
	w.refused(first.Refresh, sessions.ErrUnavailable)
	w.store.Fail(nil, nil)
	w.clock.pass(replay)
	child := w.refresh(first.Refresh, sessions.Replayed).Refresh
	if again := w.refresh(first.Refresh, sessions.Replayed).Refresh; again != child {
		w.Errorf("retry gives another child")
	}
	w.clock.pass(gap)
	w.refresh(child, sessions.Rotated)
}
