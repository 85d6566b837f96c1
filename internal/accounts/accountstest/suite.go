// Package accountstest holds the rules that every accounts.Store keeps, as one
// suite of tests, and a Hasher for tests.
//
// [TestStore] is called from the test of a store. Each sentence of the
// interface is a subtest of that name; a store that passes may stand behind
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

// TestStore runs the suite. It calls open for every rule, which returns an
// empty store and cleans up by t.
func TestStore(t *testing.T, open func(t *testing.T) accounts.Store) {
	rules := []struct {
		name string
		test func(t *testing.T, s accounts.Store)
	}{
		{"Create adds the user", createAdds},
		{"Create returns ErrExists and leaves the user who has the address as he is", createExists},
		{"of concurrent creations of one address exactly one succeeds", createRace},
		{"another tenant may have a user of the same address", createOtherTenant},
		{"ByEmail returns ErrNotFound if there is no such user", byEmailNotFound},
		{"ByID returns ErrNotFound if there is no such user", byIDNotFound},
		{"ByID returns ErrNotFound if creating the user was refused", byIDRefused},
		{"UpdateHash replaces the hash and nothing else", updateHash},
		{"UpdateHash returns ErrConflict and changes nothing if the hash is another", updateHashConflict},
		{"UpdateHash returns ErrNotFound and creates nothing if there is no such user", updateHashNotFound},
		{"of concurrent updates of one hash exactly one succeeds", updateHashRace},
		{"Take passes while fewer than the limit are counted", takeLimit},
		{"Take passes nobody when the limit is none", takeNone},
		{"Take counts each key on its own", takeKeys},
		{"of concurrent attempts at most the limit pass Take", takeRace},
		{"GiveBack takes one attempt off the count", giveBack},
		{"GiveBack never makes a count negative and creates nothing", giveBackNothing},
		{"of concurrent attempts given back none is lost", giveBackRace},
		{"Reserve lets through what the backoff does, one after another", reserveInARow},
		{"Reserve changes nothing when it refuses", reserveRefuses},
		{"Reserve forgets when the time is over", reserveForgets},
		{"Reserve counts each key on its own", reserveKeys},
		{"of concurrent attempts no more pass Reserve than one after another", reserveRace},
		{"of those that waited for the same moment one passes Reserve", reserveWaitRace},
		{"Reset forgets the attempts", reset},
		{"Reset of what was never counted is no error", resetNothing},
		{"a thousand parallel guesses hash no more than may pass at once", parallelGuesses},
		{"parallel sign-ups of one address make one user", parallelSignUps},
	}
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) { rule.test(t, open(t)) })
	}
}

// start is the moment at which the tests begin, in the precision of stores.
func start() time.Time { return time.UnixMilli(1_800_000_000_123).UTC() }

func user(n int) accounts.User {
	return accounts.User{
		ID:     fmt.Sprintf("00000000-0000-4000-8000-%012d", n),
		Tenant: "public",
		Email:  "ada@example.com",
		Hash:   accounts.Secret(fmt.Sprintf("hash %d", n)),
		Joined: start(),
	}
}

func key(name string) accounts.Key { return accounts.Key(name) }

func create(t *testing.T, s accounts.Store, u accounts.User) {
	t.Helper()
	if err := s.Create(t.Context(), u); err != nil {
		t.Fatalf("Create = %v, want nil", err)
	}
}

// wantUser checks that the store returns exactly u, by address and by id.
func wantUser(t *testing.T, s accounts.Store, u accounts.User) {
	t.Helper()
	got, err := s.ByEmail(t.Context(), u.Tenant, u.Email)
	if err != nil || got != u {
		t.Errorf("ByEmail = %+v (hash as expected: %t), %v, want %+v", got, got.Hash == u.Hash, err, u)
	}
	got, err = s.ByID(t.Context(), u.Tenant, u.ID)
	if err != nil || got != u {
		t.Errorf("ByID = %+v (hash as expected: %t), %v, want %+v", got, got.Hash == u.Hash, err, u)
	}
}

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
	var wg sync.WaitGroup
	gate := make(chan struct{})
	for i := range n {
		wg.Go(func() {
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
	wg.Wait()
	return int(wins.Load())
}

// except turns an expected error into a loss of the race.
func except(err, expected error) (bool, error) {
	if errors.Is(err, expected) {
		return false, nil
	}
	return err == nil, err
}
