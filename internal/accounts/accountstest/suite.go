// Package accountstest holds the rules that every accounts.Store keeps, as one
// suite of tests, and a Hasher for tests.
//
// The test of a store calls [TestStore]; a store that passes may be used for
// sign-up and sign-in. The races run against the real store: what they prove
// depends on how it serializes writes, which no double can show.
package accountstest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

// TestStore runs the suite. For every rule it calls open, which returns an
// empty store and cleans up by t.
func TestStore(t *testing.T, open func(t *testing.T) accounts.Store) {
	rules := []struct {
		slug string
		test func(t *testing.T, s accounts.Store)
	}{
		{"create", create},
		{"create-race", createRace},
		{"not-found", notFound},
		{"update", update},
		{"update-of-none", updateOfNone},
		{"update-race", updateRace},
		{"links", links},
		{"links-race", linksRace},
		{"list", list},
		{"list-moves", listMoves},
		{"cursors", cursors},
		{"add", add},
		{"change-email", changeEmail},
		{"remove", remove},
		{"logins", logins},
		{"logins-in-directory", loginsInDirectory},
		{"readdress", readdress},
		{"arrive-race", arriveRace},
		{"take", take},
		{"take-parts", takeParts},
		{"take-race", takeRace},
		{"give-back", giveBack},
		{"give-back-race", giveBackRace},
		{"reserve", reserve},
		{"reserve-forgets", reserveForgets},
		{"reserve-race", reserveRace},
		{"reset", reset},
		{"guess-race", guessRace},
	}
	for _, rule := range rules {
		t.Run(rule.slug, func(t *testing.T) { rule.test(t, open(t)) })
	}
}

// start is the moment at which the tests begin, in the precision of stores.
func start() time.Time { return time.UnixMilli(1_800_000_000_123).UTC() }

func wantError(t *testing.T, call string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s = %v, want %v", call, got, want)
	}
}

// race calls f n times at once and returns how often it reported true. An
// error of f fails the test.
func race(t *testing.T, n int, f func(i int) (bool, error)) int {
	t.Helper()
	var wins atomic.Int64
	var all sync.WaitGroup
	gate := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-gate
			ok, err := f(i)
			if err != nil {
				t.Errorf("attempt %d of %d at once = %v", i, n, err)
			}
			if ok {
				wins.Add(1)
			}
		})
	}
	close(gate)
	all.Wait()
	return int(wins.Load())
}

// except turns an expected error into a loss of the race.
func except(err, expected error) (bool, error) {
	if errors.Is(err, expected) {
		return false, nil
	}
	return err == nil, err
}

// guessRace: of a thousand guesses at once no more are hashed than may be
// judged one after another, whether or not the account exists.
func guessRace(t *testing.T, s accounts.Store) {
	const free = 10 // attempts of one network at one account
	h := &Hasher{}
	a, err := accounts.New(accounts.Config{Store: s, MinPassword: 8, PerSource: 1000, Hasher: h, Now: start})
	if err != nil {
		t.Fatal(err)
	}
	form := accounts.Credentials{Tenant: "public", Email: "ada@example.com", Password: "nine white owls", Source: "192.0.2.1"}
	if _, err := a.SignUp(t.Context(), form); err != nil {
		t.Fatal(err)
	}
	before := h.Hashes()
	var judged [3]atomic.Int64 // known from home, known from elsewhere, unknown
	race(t, 1000, func(i int) (bool, error) {
		guess := form
		guess.Password = "guess"
		switch i % 3 {
		case 1:
			guess.Source = fmt.Sprintf("2001:db8:7:%x::1", i) // one site
		case 2:
			guess.Email = "nobody@example.com"
		}
		_, err := a.SignIn(t.Context(), guess, nil)
		if errors.Is(err, accounts.ErrCredentials) {
			judged[i%3].Add(1)
			return true, nil
		}
		return except(err, accounts.ErrThrottled)
	})
	for i, who := range []string{"at home", "from elsewhere", "at nobody"} {
		if n := judged[i].Load(); n != free {
			t.Errorf("%d of 333 parallel guesses %s were judged, want %d", n, who, free)
		}
	}
	if hashed := h.Hashes() - before; hashed != 3*free {
		t.Errorf("1000 parallel guesses made %d hashes, want %d", hashed, 3*free)
	}
}
