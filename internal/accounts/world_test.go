package accounts_test

import (
	"context"
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
	home     = "192.0.2.1"
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
		store:  &recorder{Store: accounts.NewMemory()},
		hasher: &accountstest.Hasher{Version: "2"},
		now:    time.UnixMilli(1_800_000_000_000), // at the start of a span
	}
	a, err := accounts.New(accounts.Config{
		Store: w.store, MinPassword: 8, Service: []string{"Latchkey Notes"},
		Hasher: w.hasher, Now: func() time.Time { return w.now },
	})
	if err != nil {
		t.Fatalf("New = %v, want nil", err)
	}
	w.Accounts = a
	return w
}

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
	accounts.Store
	mu    sync.Mutex
	calls []string
	fail  map[string]error
}

func (r *recorder) note(call string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, call)
	return r.fail[call]
}

func (r *recorder) Create(ctx context.Context, u accounts.User) error {
	if err := r.note("Create"); err != nil {
		return err
	}
	return r.Store.Create(ctx, u)
}

func (r *recorder) ByEmail(ctx context.Context, tenant, email string) (accounts.User, error) {
	if err := r.note("ByEmail"); err != nil {
		return accounts.User{}, err
	}
	return r.Store.ByEmail(ctx, tenant, email)
}

func (r *recorder) UpdateHash(ctx context.Context, u accounts.User, hash accounts.Secret) error {
	if err := r.note("UpdateHash"); err != nil {
		return err
	}
	return r.Store.UpdateHash(ctx, u, hash)
}

func (r *recorder) Take(ctx context.Context, q accounts.Quota) (bool, error) {
	if err := r.note("Take"); err != nil {
		return false, err
	}
	return r.Store.Take(ctx, q)
}

func (r *recorder) GiveBack(ctx context.Context, q accounts.Quota) error {
	if err := r.note("GiveBack"); err != nil {
		return err
	}
	return r.Store.GiveBack(ctx, q)
}

func (r *recorder) Reserve(ctx context.Context, k accounts.Key, b accounts.Backoff, now time.Time) (bool, error) {
	if err := r.note("Reserve"); err != nil {
		return false, err
	}
	return r.Store.Reserve(ctx, k, b, now)
}

func (r *recorder) Reset(ctx context.Context, k accounts.Key) error {
	if err := r.note("Reset"); err != nil {
		return err
	}
	return r.Store.Reset(ctx, k)
}
