package accountstest

import (
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

func quota(name string, limit int) accounts.Quota {
	return accounts.Quota{Key: key(name), Limit: limit, Ends: start().Add(time.Hour)}
}

func wantTake(t *testing.T, s accounts.Store, q accounts.Quota, want bool) {
	t.Helper()
	got, err := s.Take(t.Context(), q)
	if err != nil || got != want {
		t.Errorf("Take(limit %d) = %t, %v, want %t", q.Limit, got, err, want)
	}
}

func wantGiveBack(t *testing.T, s accounts.Store, q accounts.Quota) {
	t.Helper()
	if err := s.GiveBack(t.Context(), q); err != nil {
		t.Errorf("GiveBack = %v, want nil", err)
	}
}

func takeLimit(t *testing.T, s accounts.Store) {
	q := quota("source", 3)
	for _, want := range []bool{true, true, true, false, false} {
		wantTake(t, s, q, want)
	}
	wantTake(t, s, quota("source", 4), true) // the refused ones were not counted
	wantTake(t, s, quota("source", 4), false)
}

func takeNone(t *testing.T, s accounts.Store) {
	wantTake(t, s, quota("source", 0), false)
	wantTake(t, s, quota("source", -1), false)
}

func takeKeys(t *testing.T, s accounts.Store) {
	wantTake(t, s, quota("one", 1), true)
	wantTake(t, s, quota("other", 1), true)
	wantReserve(t, s, "one", start(), true)
	wantTake(t, s, quota("one", 1), false)
}

func takeRace(t *testing.T, s accounts.Store) {
	q := quota("source", 10)
	if wins := race(t, 100, func(int) (bool, error) { return s.Take(t.Context(), q) }); wins != 10 {
		t.Errorf("%d of 100 concurrent attempts passed, want 10", wins)
	}
}

func giveBack(t *testing.T, s accounts.Store) {
	q := quota("source", 2)
	wantTake(t, s, q, true)
	wantTake(t, s, q, true)
	wantGiveBack(t, s, q)
	wantTake(t, s, q, true)
	wantTake(t, s, q, false)
}

func giveBackNothing(t *testing.T, s accounts.Store) {
	q := quota("source", 1)
	wantGiveBack(t, s, q)
	wantTake(t, s, q, true)
	wantTake(t, s, q, false)
	for range 3 {
		wantGiveBack(t, s, q)
	}
	wantTake(t, s, q, true)
	wantTake(t, s, q, false)
}

func giveBackRace(t *testing.T, s accounts.Store) {
	const n = 50
	q := quota("source", n)
	back := func(int) (bool, error) {
		ok, err := s.Take(t.Context(), q)
		if err != nil || !ok {
			return ok, err
		}
		return true, s.GiveBack(t.Context(), q)
	}
	if passed := race(t, n, back); passed != n {
		t.Errorf("%d of %d attempts passed, want all", passed, n)
	}
	for range n {
		wantTake(t, s, q, true)
	}
	wantTake(t, s, q, false)
}

// backoff is short of free attempts, so that waits come soon.
func backoff() accounts.Backoff {
	return accounts.Backoff{Free: 3, First: time.Second, Max: 4 * time.Second, Forget: time.Minute}
}

func wantReserve(t *testing.T, s accounts.Store, name string, now time.Time, want bool) {
	t.Helper()
	got, err := s.Reserve(t.Context(), key(name), backoff(), now)
	if err != nil || got != want {
		t.Errorf("Reserve(%s) at %v = %t, %v, want %t", name, now.Sub(start()), got, err, want)
	}
}

// exhaust makes the attempts that need not wait.
func exhaust(t *testing.T, s accounts.Store, name string) {
	t.Helper()
	for range backoff().Free {
		wantReserve(t, s, name, start(), true)
	}
}

func reserveInARow(t *testing.T, s accounts.Store) {
	for _, attempt := range []struct {
		at   time.Duration
		want bool
	}{
		{0, true}, {0, true}, {0, true}, // free
		{0, false}, {999 * time.Millisecond, false}, {time.Second, true}, // 1 s
		{2999 * time.Millisecond, false}, {3 * time.Second, true}, // 2 s
		{6999 * time.Millisecond, false}, {7 * time.Second, true}, // 4 s
		{10999 * time.Millisecond, false}, {11 * time.Second, true}, // 4 s at most
		{14999 * time.Millisecond, false}, {15 * time.Second, true},
	} {
		wantReserve(t, s, "account", start().Add(attempt.at), attempt.want)
	}
}

func reserveRefuses(t *testing.T, s accounts.Store) {
	exhaust(t, s, "account")
	for range 5 {
		wantReserve(t, s, "account", start().Add(999*time.Millisecond), false)
	}
	wantReserve(t, s, "account", start().Add(time.Second), true)
}

func reserveForgets(t *testing.T, s accounts.Store) {
	exhaust(t, s, "account")
	wantReserve(t, s, "account", start().Add(time.Minute-time.Millisecond), true)
	forgotten := start().Add(2*time.Minute - time.Millisecond)
	for _, want := range []bool{true, true, true, false} {
		wantReserve(t, s, "account", forgotten, want)
	}

	wantReserve(t, s, "seldom", start(), true)
	for _, want := range []bool{true, true, true, false} { // forgotten before it ever had to wait
		wantReserve(t, s, "seldom", start().Add(time.Minute), want)
	}
}

func reserveKeys(t *testing.T, s accounts.Store) {
	exhaust(t, s, "one")
	wantReserve(t, s, "one", start(), false)
	wantReserve(t, s, "other", start(), true)
}

func reserveRace(t *testing.T, s accounts.Store) {
	wins := race(t, 100, func(int) (bool, error) {
		return s.Reserve(t.Context(), key("account"), backoff(), start())
	})
	if wins != backoff().Free {
		t.Errorf("%d of 100 concurrent attempts passed, want %d", wins, backoff().Free)
	}
}

func reserveWaitRace(t *testing.T, s accounts.Store) {
	exhaust(t, s, "account")
	wins := race(t, 100, func(int) (bool, error) {
		return s.Reserve(t.Context(), key("account"), backoff(), start().Add(time.Second))
	})
	if wins != 1 {
		t.Errorf("%d of 100 concurrent attempts passed after the wait, want 1", wins)
	}
	wantReserve(t, s, "account", start().Add(2999*time.Millisecond), false)
}

func reset(t *testing.T, s accounts.Store) {
	exhaust(t, s, "account")
	if err := s.Reset(t.Context(), key("account")); err != nil {
		t.Fatalf("Reset = %v, want nil", err)
	}
	exhaust(t, s, "account")
	wantReserve(t, s, "account", start(), false)
}

func resetNothing(t *testing.T, s accounts.Store) {
	if err := s.Reset(t.Context(), key("account")); err != nil {
		t.Errorf("Reset of nothing = %v, want nil", err)
	}
	wantReserve(t, s, "account", start(), true)
}
