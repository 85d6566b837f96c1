package accounts_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/test/proof"
)

// attack is somebody who guesses at one account from so many addresses, in
// turn, without a pause, and the bounds that hold nevertheless.
type attack struct {
	name    string
	from    func(n int) string
	every   time.Duration // between two guesses
	guesses int           // that are judged in a day, at most
	known   int           // of a hundred sign-ins of the owner at a known network, so many pass at least
	new     int           // and of those at a network that is new each time
}

// addresses are so many of IPv4, each a network of its own.
func addresses(many int) func(int) string {
	return func(n int) string { n %= many; return fmt.Sprintf("10.%d.%d.%d", n>>16, n>>8&255, n&255) }
}

func attacks() []attack {
	many := func(n int) string { // some of them more often than others
		if n%10 == 0 {
			n = n / 10 % 10
		}
		return addresses(10_000)(n)
	}
	site := func(n int) string { return fmt.Sprintf("2001:db8:7:%x::%x", n&0xffff, n>>16+1) }
	return []attack{
		{"1 address", addresses(1), 9 * time.Second, 105, 100, 100},
		{"20 addresses", addresses(20), 4500 * time.Millisecond, 200, 100, 100},
		{"190 addresses", addresses(190), 5 * time.Second, 1050, 100, 100},
		{"10,000 addresses", many, 5 * time.Second, 1100, 100, 0},
		{"a /48 of IPv6", site, 5 * time.Second, 105, 100, 100},
		{"the owner's own address", func(int) string { return home }, 9 * time.Second, 300, 0, 100},
	}
}

// TestGuessingKeepsNobodyOut: over days of guessing at one account, no more
// guesses than its bounds are judged, and its owner signs in.
func TestGuessingKeepsNobodyOut(t *testing.T) {
	days := proof.Scale(1, 14)
	for _, a := range attacks() {
		for _, owner := range []struct {
			at   string
			from func(n int) string
			want int
		}{
			{"a known network", func(int) string { return home }, a.known},
			{"a new network", func(n int) string { return fmt.Sprintf("172.16.%d.%d", n>>8, n&255) }, a.new},
		} {
			t.Run(a.name+", owner at "+owner.at, func(t *testing.T) {
				t.Parallel()
				judged, passed := a.run(t, days, owner.from)
				if judged > a.guesses {
					t.Errorf("%d guesses in a day are judged, want at most %d", judged, a.guesses)
				}
				if passed < float64(owner.want) {
					t.Errorf("%.1f %% of the owner's sign-ins pass, want %d %%", passed, owner.want)
				}
				proof.Report(t, "most guesses judged in a day", judged)
				proof.Report(t, "the owner's sign-ins that pass, in percent", fmt.Sprintf("%.1f", passed))
			})
		}
	}
}

// run makes the attack for so many days, in which the owner signs in some
// fifty times a day, and returns the most guesses that were judged in one day
// and how many of a hundred sign-ins of the owner passed.
func (a attack) run(t *testing.T, days int, owner func(n int) string) (judged int, passed float64) {
	w, _ := newWorldOfAda(t)
	random := rand.New(rand.NewPCG(proof.Seed(t), 0))
	pause := func() time.Duration { return time.Duration(random.Int64N(int64(time.Hour))) }
	began, visit := w.now, w.now.Add(pause())
	var visits, passes, today int
	for n := 0; w.now.Before(began.Add(time.Duration(days) * 24 * time.Hour)); n++ {
		day := w.now.Unix() / 86400
		for ; !w.now.Before(visit); visit = visit.Add(pause()) {
			if w.signInFrom(t, owner(visits), ada, password) == nil {
				passes++
			}
			visits++
		}
		if errors.Is(w.signInFrom(t, a.from(n), ada, "a guess"), accounts.ErrCredentials) {
			today++
			judged = max(judged, today)
		}
		w.now = w.now.Add(a.every)
		if w.now.Unix()/86400 != day {
			today = 0
		}
		w.store.calls = nil
	}
	return judged, 100 * float64(passes) / float64(visits)
}
