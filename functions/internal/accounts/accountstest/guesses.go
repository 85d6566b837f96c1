package accountstest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/latchkey-auth/latchkey/functions/internal/accounts"
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
	for name, email := range map[string]string{"known": u.Email, "unknown": "nobody@example.com"} {
		before := h.Hashes()
		judged := race(t, 1000, func(i int) (bool, error) {
			_, err := a.SignIn(t.Context(), accounts.Credentials{
				Tenant: "public", Email: email, Password: "guess",
				Source: fmt.Sprintf("10.0.%d.%d", i/250, i%250), // each from elsewhere
			}, nil)
			if errors.Is(err, accounts.ErrCredentials) {
				return true, nil
			}
			return except(err, accounts.ErrThrottled)
		})
		if hashed := h.Hashes() - before; judged != freeGuesses || hashed != freeGuesses {
			t.Errorf("1000 parallel guesses at a %s account: %d judged by %d hashes, want %d", name, judged, hashed, freeGuesses)
		}
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
