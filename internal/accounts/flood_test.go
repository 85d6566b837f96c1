package accounts_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/test/proof"
)

// TestFloodOfSignIns: whoever sends guesses without end, from one source at
// many accounts or from many sources at one, has as many hashes made as the
// throttle lets through, and no more. Others sign in all the while, each for
// one hash of his own; and when the flood ends, whose account it was waits a
// quarter of an hour at most.
func TestFloodOfSignIns(t *testing.T) {
	const together = 20
	size := proof.Scale(20_000, 1_000_000)
	lasts := time.Duration(size/together) * time.Second
	for _, flood := range []struct {
		name   string
		guess  func(i int) (source, email string)
		hashes int // that are made at most
	}{
		{"from one source", func(i int) (string, string) { return home, address(i) }, 100 * int(lasts/(15*time.Minute)+1)},
		{"at one account", func(i int) (string, string) { return fmt.Sprintf("2001:db8:%x:%x::1", i>>16, i&0xffff), ada }, guessesIn(lasts)},
		{"from one source at one account", func(int) (string, string) { return home, ada }, guessesIn(lasts)},
	} {
		t.Run(flood.name, func(t *testing.T) {
			w, _ := newWorldOfAda(t)
			if _, err := w.SignUp(t.Context(), credentials("bob@example.com", password)); err != nil {
				t.Fatal(err)
			}
			before := w.hasher.Hashes()
			for i := range size / together {
				w.guesses(t, together, func(n int) (string, string) { return flood.guess(i*together + n) })
				if i%50 == 0 {
					w.signsIn(t, "198.51.100.9", "bob@example.com")
					before++
				}
				w.now = w.now.Add(time.Second)
			}
			made := w.hasher.Hashes() - before
			if made > flood.hashes || made < flood.hashes/2 {
				t.Errorf("%d guesses %s had %d hashes made, want at most %d, and half of them", size, flood.name, made, flood.hashes)
			}
			w.now = w.now.Add(15 * time.Minute)
			w.signsIn(t, "198.51.100.10", ada)
			proof.Report(t, "guesses "+flood.name, size)
			proof.Report(t, "hashes made for them", made)
		})
	}
}

// guessesIn is how many guesses at one account pass in that time: ten at once,
// and then one after each wait.
func guessesIn(lasts time.Duration) int {
	n := 10
	for wait := time.Second; lasts >= wait; n++ {
		lasts -= wait
		wait = min(2*wait, 15*time.Minute)
	}
	return n
}

// guesses makes so many attempts at once, none of which succeeds.
func (w *world) guesses(t *testing.T, many int, guess func(n int) (source, email string)) {
	t.Helper()
	var all sync.WaitGroup
	for n := range many {
		all.Go(func() {
			source, email := guess(n)
			if err := w.signInFrom(t, source, email, "not the password"); err == nil {
				t.Errorf("a guess from %s at %s succeeds", source, email)
			}
		})
	}
	all.Wait()
	w.store.calls = nil
}

// signsIn asserts that somebody who knows his password gets in, for one hash.
func (w *world) signsIn(t *testing.T, source, email string) {
	t.Helper()
	hashes := w.hasher.Hashes()
	wantError(t, "SignIn of "+email, w.signInFrom(t, source, email, password), nil)
	if n := w.hasher.Hashes() - hashes; n != 1 {
		t.Errorf("SignIn of %s made %d hashes, want 1", email, n)
	}
}
