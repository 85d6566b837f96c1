package accounts_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

func address(i int) string { return fmt.Sprintf("user%d@example.com", i) }

// tries makes so many attempts, each of which ends like that.
func (w *world) tries(t *testing.T, many int, source, email, password string, want error) {
	t.Helper()
	for i := range many {
		if err := w.signInFrom(t, source, email, password); !errors.Is(err, want) {
			t.Fatalf("attempt %d from %s = %v, want %v", i+1, source, err, want)
		}
	}
}

// TestKnownNetworkWaits: an account lets a network that it knows wait, longer
// each time, but for no more than a quarter of an hour, until it signs in.
func TestKnownNetworkWaits(t *testing.T) {
	w, _ := newWorldOfAda(t)
	w.tries(t, 10, home, ada, "wrong", accounts.ErrCredentials)
	for _, wait := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900} {
		next := w.now.Add(wait * time.Second)
		w.now = next.Add(-time.Millisecond)
		w.tries(t, 1, home, ada, password, accounts.ErrThrottled)
		w.now = next
		w.tries(t, 1, home, ada, "wrong", accounts.ErrCredentials)
	}
	w.now = w.now.Add(15 * time.Minute)
	w.tries(t, 1, home, ada, password, nil)
	w.tries(t, 10, home, ada, "wrong", accounts.ErrCredentials) // the success began anew
	w.tries(t, 1, home, ada, password, accounts.ErrThrottled)
}

// TestUnknownNetworkIsBounded: ten failures in a quarter of an hour, a hundred
// and five in a day.
func TestUnknownNetworkIsBounded(t *testing.T) {
	for _, email := range []string{ada, nobody} {
		w, _ := newWorldOfAda(t)
		for range 10 {
			w.tries(t, 10, away, email, "wrong", accounts.ErrCredentials)
			w.tries(t, 1, away, email, password, accounts.ErrThrottled)
			w.now = w.now.Add(15 * time.Minute)
		}
		w.tries(t, 5, away, email, "wrong", accounts.ErrCredentials)
		w.tries(t, 1, away, email, password, accounts.ErrThrottled)
		w.now = w.now.Truncate(24 * time.Hour).Add(24 * time.Hour)
		w.tries(t, 10, away, email, "wrong", accounts.ErrCredentials)
	}
}

// TestSuccessGivesBackItsOwnAttempt: the owner's sign-ins at new networks do
// not use up the account's bounds, nor give anybody else an attempt.
func TestSuccessGivesBackItsOwnAttempt(t *testing.T) {
	w, _ := newWorldOfAda(t)
	for i := range 200 {
		w.tries(t, 5, fmt.Sprintf("10.0.%d.%d", i>>8, i&255), ada, "wrong", accounts.ErrCredentials)
		if i == 100 {
			w.tries(t, 1, "203.0.113.1", ada, password, nil)
		}
	}
	w.tries(t, 1, "203.0.113.2", ada, password, accounts.ErrThrottled)
	w.tries(t, 1, "203.0.113.1", ada, password, nil)
	w.tries(t, 1, home, ada, password, nil)
}

// TestFailuresAreBoundedBySource: a source over the bound uses up nobody's,
// and whom an account knows is not bound by it.
func TestFailuresAreBoundedBySource(t *testing.T) {
	for _, source := range []string{away, home} {
		w, _ := newWorldOfAda(t)
		for i := range 100 {
			w.tries(t, 1, source, address(i), "wrong", accounts.ErrCredentials)
		}
		w.store.calls = nil
		w.tries(t, 1, source, nobody, "wrong", accounts.ErrThrottled)
		if got := fmt.Sprint(w.store.calls); got != "[ByEmail Take]" {
			t.Errorf("SignIn of a source over its bound made the calls %s, want nothing counted at the account", got)
		}
		w.tries(t, 1, home, ada, password, nil)
		w.tries(t, 1, "203.0.113.9", nobody, "wrong", accounts.ErrCredentials)
		w.now = w.now.Add(15*time.Minute - time.Millisecond)
		w.tries(t, 1, source, nobody, "wrong", accounts.ErrThrottled)
		w.now = w.now.Add(time.Millisecond)
		w.tries(t, 1, source, nobody, "wrong", accounts.ErrCredentials)
	}
}

// TestSuccessesAreBounded: by account, and by nothing else. What is beyond the
// bound is not given back, so that it is not hashed without end.
func TestSuccessesAreBounded(t *testing.T) {
	w, _ := newWorldOfAda(t)
	for i := range 99 {
		if _, err := w.SignUp(t.Context(), credentials(address(i), password)); err != nil {
			t.Fatal(err)
		}
		w.tries(t, 3, home, address(i), password, nil)
	}
	w.tries(t, 50, home, ada, password, nil)
	for i := range 50 {
		w.tries(t, 1, fmt.Sprintf("10.0.0.%d", i%10), ada, password, nil)
	}
	hashes := w.hasher.Hashes()
	w.tries(t, 20, home, ada, password, accounts.ErrThrottled)
	w.tries(t, 20, away, ada, password, accounts.ErrThrottled)
	if n := w.hasher.Hashes() - hashes; n != 10 {
		t.Errorf("40 sign-ins beyond the bound made %d hashes, want 10", n)
	}
	w.now = w.now.Add(15 * time.Minute)
	w.tries(t, 1, home, ada, password, nil)
}

// TestWhatIsOneNetwork exhausts an account's patience with one address, and
// tries from another: in a network that the account knows, and in one it does
// not.
func TestWhatIsOneNetwork(t *testing.T) {
	for _, test := range []struct {
		one, other  string
		same, known bool // as one network that is unknown; as one that is known
	}{
		{"192.0.2.9", "192.0.2.9", true, true},
		{"192.0.2.9", "192.0.2.8", false, false},
		{"192.0.2.9", "::ffff:192.0.2.9", true, true},
		{"::ffff:192.0.2.9", "::ffff:192.0.2.8", false, false},
		{"2001:db8:0:1::1", "2001:DB8::1:ffff:0:0:2", true, true},
		{"2001:db8:0:1::1", "2001:db8:0:2::1", true, false}, // a neighbour's link is known as the rest of the site
		{"2001:db8:0:1::1", "2001:db8:1:1::1", false, false},
		{"fe80::1%eth0", "fe80::1%eth1", true, true},
		{"", "unknown", true, true}, // never known
		{"", "192.0.2.9, 192.0.2.8", true, true},
		{"", "192.0.2.9", false, false},
	} {
		for known, same := range map[bool]bool{false: test.same, true: test.known} {
			w, _ := newWorldOfAda(t)
			if known {
				w.tries(t, 1, test.one, ada, password, nil)
			}
			for w.signInFrom(t, test.one, ada, "wrong") == accounts.ErrCredentials {
			}
			want := accounts.ErrCredentials
			if same {
				want = accounts.ErrThrottled
			}
			wantError(t, fmt.Sprintf("known %t: SignIn from %q after too many from %q", known, test.other, test.one),
				w.signInFrom(t, test.other, ada, "wrong"), want)
		}
	}
}

// TestSiteHasTwoBuckets: who rotates addresses within a known site has one
// bucket for it, and does not hold up the link that was signed in from.
func TestSiteHasTwoBuckets(t *testing.T) {
	w, _ := newWorldOfAda(t)
	w.tries(t, 1, "2001:db8:0:1::1", ada, password, nil)
	judged := 0
	for i := range 1000 {
		if w.signInFrom(t, fmt.Sprintf("2001:db8:0:%x::1", i+2), ada, "wrong") == accounts.ErrCredentials {
			judged++
		}
	}
	if judged != 10 {
		t.Errorf("%d guesses from 1000 links of a known site are judged, want 10", judged)
	}
	w.tries(t, 1, "2001:db8:0:1::2", ada, password, nil)
	w.now = w.now.Add(time.Second)
	w.tries(t, 1, "2001:db8:0:ffff::1", ada, password, nil) // the link moves
	w.tries(t, 10, "2001:db8:0:ffff::2", ada, "wrong", accounts.ErrCredentials)
	w.tries(t, 1, "2001:db8:0:1::1", ada, password, nil)
}

// TestNetworksAreRemembered: the last twenty, each for ninety days.
func TestNetworksAreRemembered(t *testing.T) {
	from := func(i int) string { return fmt.Sprintf("203.0.113.%d", i) }
	// known returns how many of the addresses the account knows: there alone more
	// than ten guesses pass in a quarter of an hour.
	known := func(w *world, first, last int) (n int) {
		w.now = w.now.Add(15 * time.Minute)
		for i := first; i <= last; i++ {
			w.tries(t, 10, from(i), ada, "wrong", accounts.ErrCredentials)
			w.now = w.now.Add(time.Second)
			if w.signInFrom(t, from(i), ada, "wrong") == accounts.ErrCredentials {
				n++
			}
		}
		return n
	}
	w, _ := newWorldOfAda(t)
	for i := range 25 {
		w.tries(t, 1, from(i), ada, password, nil)
	}
	w.tries(t, 1, from(5), ada, password, nil) // nothing new
	if old, late := known(w, 0, 4), known(w, 5, 24); old != 0 || late != 20 {
		t.Errorf("%d of the first 5 and %d of the last 20 networks are known, want 0 and 20", old, late)
	}
	w.now = w.now.Add(80 * 24 * time.Hour)
	w.tries(t, 1, from(7), ada, password, nil)
	w.now = w.now.Add(9 * 24 * time.Hour)
	if n := known(w, 5, 24); n != 20 {
		t.Errorf("after 89 days %d networks are known, want 20", n)
	}
	w.now = w.now.Add(24 * time.Hour)
	if n := known(w, 5, 24); n != 1 {
		t.Errorf("after 90 days %d networks are known, want the one that was renewed", n)
	}
}

// TestNetworksThatCannotBeRead are not known, and give way to those that can.
func TestNetworksThatCannotBeRead(t *testing.T) {
	for _, damaged := range []accounts.Networks{"x", " ", "AAAAAAAAAAAABBBBBBBB", "AAAAAAAAAAAABBBBBBBBday", "AAAAAAAAAAAABBBBBBBB99999999999999999999"} {
		w, u := newWorldOfAda(t)
		spoiled := u
		spoiled.Networks = damaged
		wantError(t, "Update", w.store.Update(t.Context(), u, spoiled), nil)
		w.tries(t, 10, home, ada, "wrong", accounts.ErrCredentials)
		w.now = w.now.Add(time.Second)
		w.tries(t, 1, home, ada, password, accounts.ErrThrottled)
		w.now = w.now.Add(15 * time.Minute)
		w.tries(t, 1, home, ada, password, nil)
		if got, err := w.store.ByEmail(t.Context(), tenant, ada); err != nil || got.Networks != u.Networks {
			t.Errorf("after %q a sign-in left %q, %v, want %q", damaged, got.Networks, err, u.Networks)
		}
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
