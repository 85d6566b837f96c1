package accountstest

import (
	"errors"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

func quota(name accounts.Key, limit int) accounts.Quota {
	return accounts.Quota{Key: name, Limit: limit, Ends: start().Add(time.Hour)}
}

// wantTakes makes one attempt after another and checks what is counted: of a
// counter with parts, Take tells. 0 stands for a refused attempt.
func wantTakes(t *testing.T, s accounts.Store, q accounts.Quota, totals ...int) {
	t.Helper()
	for _, want := range totals {
		var refused error
		if want == 0 {
			refused = accounts.ErrThrottled
		}
		if got, err := s.Take(t.Context(), q); err != refused || q.Part != "" && got != want {
			t.Errorf("Take(%s, limit %d) = %d, %v, want %d, %v", q.Part, q.Limit, got, err, want, refused)
		}
	}
}

func unlessThrottled(err error) error {
	if errors.Is(err, accounts.ErrThrottled) {
		return nil
	}
	return err
}

func wantGiveBack(t *testing.T, s accounts.Store, q accounts.Quota) {
	t.Helper()
	wantError(t, "GiveBack", s.GiveBack(t.Context(), q), nil)
}

func take(t *testing.T, s accounts.Store) {
	wantTakes(t, s, quota("source", 3), 1, 2, 3, 0, 0)
	wantTakes(t, s, quota("source", 4), 4, 0) // the refused ones were not counted
	wantTakes(t, s, quota("source", 0), 0)
	wantTakes(t, s, quota("none", 0), 0)
	wantTakes(t, s, quota("none", -1), 0)
	wantReserves(t, s, "other", start(), true)
	wantTakes(t, s, quota("other", 1), 1, 0)
}

// takeParts: each part has a limit of its own, and all parts make the total.
func takeParts(t *testing.T, s accounts.Store) {
	one, other := quota("pair", 2), quota("pair", 3)
	one.Part, other.Part = "one", "other"
	wantTakes(t, s, one, 1, 2, 0)
	wantTakes(t, s, other, 3, 4, 5, 0)
	wantTakes(t, s, one, 0)
	wantGiveBack(t, s, one)
	wantTakes(t, s, other, 0)
	wantTakes(t, s, one, 5, 0)
}

func takeRace(t *testing.T, s accounts.Store) {
	q, seen := quota("source", 10), make([]bool, 11)
	q.Part = "one"
	totals := make(chan int, 100)
	wins := race(t, cap(totals), func(int) (bool, error) {
		n, err := s.Take(t.Context(), q)
		totals <- n
		return n > 0, unlessThrottled(err)
	})
	close(totals)
	for n := range totals {
		if n > 0 && seen[n] {
			t.Errorf("two of 100 concurrent attempts were number %d", n)
		}
		seen[n] = true
	}
	if wins != q.Limit {
		t.Errorf("%d of 100 concurrent attempts passed, want %d", wins, q.Limit)
	}
}

func giveBack(t *testing.T, s accounts.Store) {
	q := quota("source", 2)
	wantGiveBack(t, s, q) // nothing was counted
	wantTakes(t, s, q, 1, 2, 0)
	wantGiveBack(t, s, q)
	wantTakes(t, s, q, 2, 0)
	for range 4 { // more than were counted
		wantGiveBack(t, s, q)
	}
	wantTakes(t, s, q, 1, 2, 0)
}

func giveBackRace(t *testing.T, s accounts.Store) {
	q := quota("source", rivals)
	passed := race(t, rivals, func(int) (bool, error) {
		if _, err := s.Take(t.Context(), q); err != nil {
			return false, unlessThrottled(err)
		}
		return true, s.GiveBack(t.Context(), q)
	})
	if passed != rivals {
		t.Errorf("%d of %d attempts passed, want all", passed, rivals)
	}
	wantTakes(t, s, q, 1)
}

// backoff has few free attempts, so that waits come soon.
func backoff() accounts.Backoff {
	return accounts.Backoff{Free: 3, First: time.Second, Max: 4 * time.Second, Forget: time.Minute}
}

func wantReserves(t *testing.T, s accounts.Store, k accounts.Key, now time.Time, wants ...bool) {
	t.Helper()
	for _, want := range wants {
		if got, err := s.Reserve(t.Context(), k, backoff(), now); err != nil || got != want {
			t.Errorf("Reserve(%s) at %v = %t, %v, want %t", k, now.Sub(start()), got, err, want)
		}
	}
}

// reserve: attempts pass as the backoff allows, and refused ones change
// nothing.
func reserve(t *testing.T, s accounts.Store) {
	wantReserves(t, s, "account", start(), true, true, true, false, false)
	wantReserves(t, s, "other", start(), true)
	for _, wait := range [][2]time.Duration{{0, 1000}, {1000, 2000}, {3000, 4000}, {7000, 4000}, {11000, 4000}} {
		next := start().Add((wait[0] + wait[1]) * time.Millisecond)
		wantReserves(t, s, "account", next.Add(-time.Millisecond), false, false)
		wantReserves(t, s, "account", next, true)
	}
}

func reserveForgets(t *testing.T, s accounts.Store) {
	wantReserves(t, s, "account", start(), true, true, true)
	wantReserves(t, s, "account", start().Add(time.Minute-time.Millisecond), true)
	wantReserves(t, s, "account", start().Add(2*time.Minute-time.Millisecond), true, true, true, false)

	wantReserves(t, s, "seldom", start(), true) // forgotten before it ever had to wait
	wantReserves(t, s, "seldom", start().Add(time.Minute), true, true, true, false)
}

// reserveRace: of concurrent attempts no more pass than one after another, and
// of those that waited for the same moment, one passes.
func reserveRace(t *testing.T, s accounts.Store) {
	for at, want := range map[time.Duration]int{0: backoff().Free, time.Second: 1} {
		if at > 0 {
			wantReserves(t, s, "waiting", start(), true, true, true)
		}
		key := map[bool]accounts.Key{true: "waiting", false: "free"}[at > 0]
		wins := race(t, 100, func(int) (bool, error) {
			return s.Reserve(t.Context(), key, backoff(), start().Add(at))
		})
		if wins != want {
			t.Errorf("%d of 100 concurrent attempts at %s passed, want %d", wins, key, want)
		}
	}
	wantReserves(t, s, "waiting", start().Add(2999*time.Millisecond), false)
}

func reset(t *testing.T, s accounts.Store) {
	for range 2 { // the first time, nothing was counted
		wantError(t, "Reset", s.Reset(t.Context(), "account"), nil)
		wantReserves(t, s, "account", start(), true, true, true, false)
	}
}
