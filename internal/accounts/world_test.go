package accounts_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/accounts/accountstest"
)

const (
	tenant   = "public"
	ada      = "ada@example.com"
	nobody   = "nobody@example.com"
	password = "nine white owls"
	home     = "192.0.2.1" // known to who signed up
	away     = "198.51.100.7"
)

// errStorage is what a store answers that is down.
var errStorage = errors.New("storage is down")

// world is Accounts over a store in memory, with a clock that is set by hand,
// a hasher that costs nothing, and a record of what was asked of the store.
type world struct {
	*accounts.Accounts
	store  *recorder
	hasher *accountstest.Hasher
	now    time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		store:  &recorder{},
		hasher: &accountstest.Hasher{Version: "2"},
		now:    time.UnixMilli(1_800_000_000_000), // at the start of a span
	}
	w.store.Hook = accountstest.Hook{Store: accounts.NewMemory(), Call: w.store.note}
	a, err := accounts.New(accounts.Config{
		Store: w.store, MinPassword: 8, PerSource: 100, Service: []string{"Latchkey Notes"},
		Hasher: w.hasher, Now: func() time.Time { return w.now },
	})
	if err != nil {
		t.Fatalf("New = %v, want nil", err)
	}
	w.Accounts = a
	return w
}

// stored is the present in the form in which instants are kept.
func (w *world) stored() time.Time { return w.now.UTC().Truncate(time.Millisecond) }

// newWorldOfAda has one user.
func newWorldOfAda(t *testing.T) (*world, accounts.User) {
	t.Helper()
	w := newWorld(t)
	u, err := w.SignUp(t.Context(), credentials(ada, password))
	if err != nil {
		t.Fatalf("SignUp = %v, want nil", err)
	}
	w.store.calls = nil
	return w, u
}

func credentials(email, password string) accounts.Credentials {
	return accounts.Credentials{Tenant: tenant, Email: email, Password: accounts.Secret(password), Source: home}
}

// signIn tries from home and returns only the error.
func (w *world) signIn(t *testing.T, email, password string) error {
	t.Helper()
	return w.signInFrom(t, home, email, password)
}

func (w *world) signInFrom(t *testing.T, source, email, password string) error {
	t.Helper()
	c := credentials(email, password)
	c.Source = source
	u, err := w.SignIn(t.Context(), c, nil)
	if (err == nil) != (u.ID != "") || (err != nil && u != accounts.User{}) {
		t.Errorf("SignIn(%s) = user %q and error %v, want one of them", email, u.ID, err)
	}
	return err
}

func wantError(t *testing.T, call string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) || (want == nil && got != nil) {
		t.Errorf("%s = %v, want %v", call, got, want)
	}
}

// wantFault checks that err refuses exactly one field, with these words.
func wantFault(t *testing.T, call string, err error, want accounts.Field) {
	t.Helper()
	var refused *accounts.FieldsError
	if !errors.As(err, &refused) || !slices.Equal(refused.Fields, []accounts.Field{want}) {
		t.Errorf("%s = %v, want only %+v refused", call, err, want)
	}
}

// recorder is a store that notes every call and fails those it is told to.
type recorder struct {
	accountstest.Hook
	mu    sync.Mutex
	calls []string
	fail  map[string]error
}

// note makes the call, unless it is to fail.
func (r *recorder) note(name string, call func() error) error {
	r.mu.Lock()
	r.calls = append(r.calls, name)
	err := r.fail[name]
	r.mu.Unlock()
	if err != nil {
		return err
	}
	return call()
}
