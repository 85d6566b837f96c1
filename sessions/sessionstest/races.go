package sessionstest

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/latchkey-auth/latchkey/sessions"
)

func storeRaces() []rule[sessions.Store] {
	return []rule[sessions.Store]{
		{"races", "A revocation during a rotation is never lost.", revokeDuringRotate},
		{"races", "Of concurrent revocations one is kept whole.", concurrentRevokes},
		{"races", "Of concurrent creations of one handle one succeeds.", concurrentCreates},
		{"races", "Of concurrent claims of one version one is written.", concurrentClaims},
		{"races", "Of concurrent data of one version one is written.", concurrentData},
	}
}

func revokeDuringRotate(t *testing.T, st sessions.Store) {
	for range 20 {
		s := added(t, st)
		together(4, func(i int) {
			var err error
			if i == 0 {
				err = st.Revoke(t.Context(), s.Handle, s.Created, "race")
			} else {
				_, _, err = st.Rotate(t.Context(), s.Handle, nextRotation(s, s.Created))
			}
			if err != nil {
				t.Errorf("call %d = %v, want nil", i, err)
			}
		})
		if got := get(t, st, s.Handle); got.State != sessions.Revoked || got.Reason != "race" {
			t.Fatalf("state after Revoke returned = %s, reason %q", got.State, got.Reason)
		}
	}
}

func concurrentRevokes(t *testing.T, st sessions.Store) {
	s := added(t, st)
	together(20, func(i int) {
		err := st.Revoke(t.Context(), s.Handle, s.Created.AddDate(0, 0, i), fmt.Sprint(i))
		if err != nil {
			t.Errorf("Revoke = %v, want nil", err)
		}
	})
	got := get(t, st, s.Handle)
	days := int(got.RevokedAt.Sub(s.Created).Hours() / 24)
	if got.Reason != fmt.Sprint(days) {
		t.Errorf("reason of revocation %d is that of %s", days, got.Reason)
	}
}

// oneWins runs n calls at once, of which one must succeed and all others must
// return refusal. It returns the number of the winner.
func oneWins(t *testing.T, n int, refusal error, call func(i int) error) int {
	t.Helper()
	var winners atomic.Int32
	var winner atomic.Int64
	together(n, func(i int) {
		switch err := call(i); {
		case err == nil:
			winners.Add(1)
			winner.Store(int64(i))
		case !errors.Is(err, refusal):
			t.Errorf("call %d = %v, want nil or %v", i, err, refusal)
		}
	})
	if got := winners.Load(); got != 1 {
		t.Fatalf("%d of %d calls succeeded, want 1", got, n)
	}
	return int(winner.Load())
}

func concurrentCreates(t *testing.T, st sessions.Store) {
	s := newSession("public", somebody())
	winner := oneWins(t, 20, sessions.ErrExists, func(i int) error {
		mine := s
		mine.Device = fmt.Sprint(i)
		return st.Create(t.Context(), mine)
	})
	if got := get(t, st, s.Handle).Device; got != fmt.Sprint(winner) {
		t.Errorf("session is that of call %s, want %d", got, winner)
	}
}

func concurrentClaims(t *testing.T, st sessions.Store) {
	s := added(t, st)
	winner := oneWins(t, 30, sessions.ErrConflict, func(i int) error {
		return st.SetClaims(t.Context(), s.Handle, json.RawMessage(fmt.Sprintf(`{"by":%d}`, i)), 1)
	})
	got := get(t, st, s.Handle)
	if want := fmt.Sprintf(`{"by":%d}`, winner); string(got.Claims) != want || got.ClaimsVersion != 2 {
		t.Errorf("claims = %s, version %d, want %s, 2", got.Claims, got.ClaimsVersion, want)
	}
}

func concurrentData(t *testing.T, st sessions.Store) {
	s := added(t, st)
	for version := int64(1); version <= 3; version++ {
		winner := oneWins(t, 30, sessions.ErrConflict, func(i int) error {
			d := sessions.Data{JSON: json.RawMessage(fmt.Sprintf(`{"by":%d}`, i)), Version: version}
			return st.PutData(t.Context(), s.Handle, d, farFuture())
		})
		want := sessions.Data{JSON: json.RawMessage(fmt.Sprintf(`{"by":%d}`, winner)), Version: version}
		sameData(t, data(t, st, s.Handle), want)
	}
}
