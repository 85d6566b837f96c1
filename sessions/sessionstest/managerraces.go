package sessionstest

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

func raceProperties() []property {
	return []property{
		{name: "refresh-storm", holds: refreshStorm},
		{name: "live-when-issued", holds: liveWhenIssued},
		{name: "sign-ins-side-by-side", holds: signInsSideBySide, with: limitOfThree},
	}
}

func refreshStorm(w *world) {
	const callers = 200
	first := w.start()
	grants := make([]sessions.Grant, callers)
	together(callers, func(i int) {
		var err error
		if grants[i], err = w.m.Refresh(w.Context(), first.Refresh); err != nil {
			w.Errorf("Refresh = %v, want nil", err)
		}
	})
	outcomes, children := map[sessions.Outcome]int{}, map[string]int{}
	for _, g := range grants {
		outcomes[g.Outcome]++
		children[g.Refresh]++
	}
	if outcomes[sessions.Rotated] != 1 || outcomes[sessions.Replayed] != callers-1 {
		w.Errorf("outcomes = %v, want one rotation and %d replays", outcomes, callers-1)
	}
	if len(children) != 1 {
		w.Errorf("%d children of one token, want 1", len(children))
	}
	if w.reported(sessions.EventTheft)+w.reported(sessions.EventStale) != 0 || w.stored(first).Generation != 1 {
		w.Errorf("generation = %d, want 1 and no theft", w.stored(first).Generation)
	}
	w.clock.pass(gap)
	w.refresh(grants[0].Refresh, sessions.Rotated)
}

func (w *world) live() []sessions.Info {
	w.Helper()
	live, err := w.m.List(w.Context(), tenant, w.user)
	if err != nil {
		w.Fatalf("List = %v, want nil", err)
	}
	return live
}

func signInsSideBySide(w *world) {
	for range 3 {
		var given atomic.Int32
		together(12, func(int) {
			switch _, err := w.signIn(sessions.StartRequest{}); {
			case err == nil:
				given.Add(1)
			case !errors.Is(err, sessions.ErrEpoch):
				w.Errorf("Start = %v, want nil or ErrEpoch", err)
			}
		})
		if n := len(w.live()); n != 3 || given.Load() < 3 {
			w.Errorf("%d sessions live after %d sign-ins, want 3", n, given.Load())
		}
		w.clock.pass(time.Second)
	}
}

// liveWhenIssued revokes during a refresh, after the store has answered. That
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
