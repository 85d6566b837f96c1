package sessionstest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

func raceProperties() []property {
	return []property{
		{name: "refresh-storm", holds: refreshStorm},
		{name: "revoke-during-refresh", holds: revokeDuringRefresh},
		{name: "sign-ins-side-by-side", holds: signInsSideBySide, with: limitOfThree},
		{name: "merges-side-by-side", holds: mergesSideBySide},
		{name: "writes-side-by-side", holds: writesSideBySide},
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

func revokeDuringRefresh(w *world) {
	for range 10 {
		g := w.start()
		together(8, func(i int) {
			if i == 0 {
				if err := w.m.Revoke(w.Context(), g.Session.Handle, "race"); err != nil {
					w.Errorf("Revoke = %v, want nil", err)
				}
				if _, err := w.m.Check(w.Context(), g.Claims); !errors.Is(err, sessions.ErrEnded) {
					w.Errorf("Check after Revoke returned = %v, want ErrEnded", err)
				}
				return
			}
			if _, err := w.m.Refresh(w.Context(), g.Refresh); err != nil && !errors.Is(err, sessions.ErrEnded) {
				w.Errorf("Refresh during Revoke = %v, want nil or ErrEnded", err)
			}
		})
		w.over(g)
	}
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

func mergesSideBySide(w *world) {
	g := w.start()
	var written atomic.Int64
	together(12, func(i int) {
		_, _, err := w.m.MergeClaims(w.Context(), g.Session.Handle, object(fmt.Sprintf(`{"c%02d":true}`, i)), nil)
		if err != nil && !errors.Is(err, sessions.ErrConflict) {
			w.Errorf("MergeClaims = %v, want nil or ErrConflict", err)
		}
		if err == nil {
			written.Add(1)
		}
	})
	s := w.stored(g)
	want := int64(len(`{}`)) + written.Load()*int64(len(`"c00":true,`)) - 1
	if s.ClaimsVersion != 1+written.Load() || int64(len(s.Claims)) != want || written.Load() == 0 {
		w.Errorf("claims after %d merges = %s, version %d", written.Load(), s.Claims, s.ClaimsVersion)
	}
}

func writesSideBySide(w *world) {
	g := w.start()
	var written atomic.Int64
	together(12, func(int) {
		d, err := w.m.Data(w.Context(), g.Session.Handle)
		if err != nil {
			w.Errorf("Data = %v, want nil", err)
			return
		}
		text := object(fmt.Sprintf(`{"count":%d}`, d.Version+1))
		_, err = w.m.PutData(w.Context(), g.Session.Handle, text, &d.Version)
		if err != nil && !errors.Is(err, sessions.ErrConflict) {
			w.Errorf("PutData = %v, want nil or ErrConflict", err)
		}
		if err == nil {
			written.Add(1)
		}
	})
	n := written.Load()
	sameData(w.T, data(w.T, w.store, g.Session.Handle),
		sessions.Data{JSON: object(fmt.Sprintf(`{"count":%d}`, n)), Version: n})
}
