package accountstest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

// freeGuesses is how many attempts at one account need not wait.
const freeGuesses = 10

func accountsOn(t *testing.T, s accounts.Store) (*accounts.Accounts, *Hasher) {
	t.Helper()
	h := &Hasher{}
	a, err := accounts.New(accounts.Config{Store: s, MinPassword: 8, Hasher: h, Now: start})
	if err != nil {
		t.Fatalf("New = %v, want nil", err)
	}
	return a, h
}

func parallelGuesses(t *testing.T, s accounts.Store) {
	a, h := accountsOn(t, s)
	u, err := a.SignUp(t.Context(), accounts.Credentials{
		Tenant: "public", Email: "ada@example.com", Password: "nine white owls", Source: "192.0.2.1",
	})
	if err != nil {
		t.Fatalf("SignUp = %v, want nil", err)
	}
	before := h.Hashes()
	var judged [2]atomic.Int64 // by account: known, unknown
	emails := [2]string{u.Email, "nobody@example.com"}
	race(t, 1000, func(i int) (bool, error) {
		_, err := a.SignIn(t.Context(), accounts.Credentials{
			Tenant: "public", Email: emails[i%2], Password: "guess",
			Source: fmt.Sprintf("10.0.%d.%d", i/250, i%250), // each from elsewhere
		}, nil)
		if errors.Is(err, accounts.ErrCredentials) {
			judged[i%2].Add(1)
			return true, nil
		}
		return except(err, accounts.ErrThrottled)
	})
	for i, email := range emails {
		if n := judged[i].Load(); n != freeGuesses {
			t.Errorf("%d of 500 parallel guesses at %s were judged, want %d", n, email, freeGuesses)
		}
	}
	if hashed := h.Hashes() - before; hashed != 2*freeGuesses {
		t.Errorf("1000 parallel guesses at two accounts made %d hashes, want %d", hashed, 2*freeGuesses)
	}
}

func parallelSignUps(t *testing.T, s accounts.Store) {
	a, _ := accountsOn(t, s)
	added := race(t, 50, func(int) (bool, error) {
		_, err := a.SignUp(t.Context(), accounts.Credentials{
			Tenant: "public", Email: "ada@example.com", Password: "nine white owls", Source: "192.0.2.1",
		})
		var taken *accounts.FieldsError
		if errors.As(err, &taken) {
			return false, nil
		}
		return err == nil, err
	})
	if added != 1 {
		t.Errorf("50 parallel sign-ups of one address added %d users, want 1", added)
	}
}
