package accounts_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

// exhaust makes the ten guesses at an account that need not wait.
func exhaust(t *testing.T, w *world, email string) {
	t.Helper()
	for range 10 {
		wantError(t, "SignIn", w.signIn(t, email, "wrong"), accounts.ErrCredentials)
	}
}

func TestWaitsGrowToAQuarterOfAnHour(t *testing.T) {
	for _, email := range []string{ada, nobody} {
		w, _ := newWorldOfAda(t)
		exhaust(t, w, email)
		for _, wait := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900} {
			last := w.now
			w.now = last.Add(wait*time.Second - time.Millisecond)
			wantError(t, fmt.Sprintf("SignIn within %d s", wait), w.signIn(t, email, "wrong"), accounts.ErrThrottled)
			w.now = last.Add(wait * time.Second)
			wantError(t, fmt.Sprintf("SignIn after %d s", wait), w.signIn(t, email, "wrong"), accounts.ErrCredentials)
		}
	}
}

func TestWaitHoldsForTheRightPasswordAndEnds(t *testing.T) {
	w, _ := newWorldOfAda(t)
	exhaust(t, w, ada)
	wantError(t, "SignIn at once", w.signInFrom(t, "198.51.100.7", ada, password), accounts.ErrThrottled)
	w.now = w.now.Add(time.Second)
	wantError(t, "SignIn after the wait", w.signInFrom(t, "198.51.100.7", ada, password), nil)
	exhaust(t, w, ada) // the success reset the count
	wantError(t, "SignIn", w.signIn(t, ada, password), accounts.ErrThrottled)
}

func TestHundredsOfFailuresAreNoLock(t *testing.T) {
	w, _ := newWorldOfAda(t)
	for i := range 500 {
		w.signInFrom(t, fmt.Sprintf("10.1.%d.%d", i/250, i%250), ada, "wrong")
		w.now = w.now.Add(15 * time.Minute)
	}
	wantError(t, "SignIn after 500 failures", w.signIn(t, ada, password), nil)
}

func TestAccountsWaitApart(t *testing.T) {
	w, _ := newWorldOfAda(t)
	exhaust(t, w, nobody)
	wantError(t, "SignIn to another account", w.signIn(t, ada, password), nil)
	other := credentials(nobody, password)
	other.Tenant = "customers"
	_, err := w.SignIn(t.Context(), other, nil)
	wantError(t, "SignIn to another tenant", err, accounts.ErrCredentials)
}

func TestFailuresAreBoundedBySource(t *testing.T) {
	w, _ := newWorldOfAda(t)
	for i := range 100 {
		wantError(t, "SignIn", w.signIn(t, address(i), "wrong"), accounts.ErrCredentials)
	}
	w.store.calls = nil
	wantError(t, "SignIn number 101", w.signIn(t, ada, password), accounts.ErrThrottled)
	if len(w.store.calls) != 1 {
		t.Errorf("SignIn of a source over its bound made the calls %v, want nothing counted at the account", w.store.calls)
	}
	wantError(t, "SignIn from elsewhere", w.signInFrom(t, "192.0.2.2", ada, password), nil)
	w.now = w.now.Add(15*time.Minute - time.Millisecond)
	wantError(t, "SignIn at the end of the span", w.signIn(t, ada, password), accounts.ErrThrottled)
	w.now = w.now.Add(time.Millisecond)
	wantError(t, "SignIn in the next span", w.signIn(t, ada, password), nil)
}

func TestSuccessesAreNotCounted(t *testing.T) {
	w, _ := newWorldOfAda(t)
	for range 300 {
		wantError(t, "SignIn", w.signIn(t, ada, password), nil)
	}
}

func TestWhatCountsAsOneSource(t *testing.T) {
	tests := []struct {
		one, other string
		same       bool
	}{
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
		{"2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true},
		{"2001:db8:0:1::1", "2001:DB8::1:0:0:0:3", true},
		{"2001:db8:0:1::1", "2001:db8:0:2::1", false},
		{"fe80::1%eth0", "fe80::1%eth1", true},
		{"", "unknown", true},
		{"", "192.0.2.1, 192.0.2.9", true}, // no address
		{"", "192.0.2.1", false},
	}
	for _, test := range tests {
		w, _ := newWorldOfAda(t)
		for i := range 100 {
			w.signInFrom(t, test.one, address(i), "wrong")
		}
		want := error(nil)
		if test.same {
			want = accounts.ErrThrottled
		}
		wantError(t, fmt.Sprintf("SignIn from %q after too many from %q", test.other, test.one),
			w.signInFrom(t, test.other, ada, password), want)
	}
}

func TestBackoffNeverLocksAndNeverHurries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := time.Duration(rapid.IntRange(1, 1000).Draw(t, "first"))
		longest := first * time.Duration(rapid.IntRange(1, 1000).Draw(t, "longest"))
		b := accounts.Backoff{
			Free: rapid.IntRange(1, 20).Draw(t, "free"), First: first, Max: longest,
			Forget: longest * time.Duration(rapid.IntRange(1, 5).Draw(t, "forget")),
		}
		now, c := time.UnixMilli(0), accounts.Counter{}
		for range 100 {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(2*longest)).Draw(t, "pause")))
			next, ok := b.Next(c, now)
			switch since := now.Sub(c.Last); {
			case !ok && next != c:
				t.Fatalf("a refusal changed %+v to %+v", c, next)
			case !ok && (c.Count < b.Free || since >= b.Max):
				t.Fatalf("refused after %d attempts, %v after the last", c.Count, since)
			case ok && c.Count >= b.Free && since < b.First:
				t.Fatalf("let through after %d attempts, %v after the last", c.Count, since)
			case ok && (next.Count != c.Count+1 && (next.Count != 1 || since < b.Forget) || !next.Last.Equal(now)):
				t.Fatalf("Next(%+v) after %v = %+v", c, since, next)
			}
			c = next
		}
	})
}
