package accounts_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

// ask asks for the nth mail and checks whom it may be sent to, nobody where
// there is an error.
func (w *world) ask(t *testing.T, n int, m accounts.Mailing, want accounts.User, refused error) {
	t.Helper()
	m.Delivery = fmt.Sprintf("delivery %d", n)
	got, err := w.Recipient(t.Context(), m)
	if got != want || !errors.Is(err, refused) || (err == nil) != (refused == nil) {
		t.Errorf("Recipient(%+v) = user %q, %v, want user %q, %v", m, got.ID, err, want.ID, refused)
	}
}

// Five mails an hour go to an address in a tenant, whichever way they are asked
// for, and as many are counted for one that is nobody's, by the same calls.
func TestMailsToAnAddress(t *testing.T) {
	w, u := newWorldOfAda(t)
	byEmail := func(email string) accounts.Mailing { return accounts.Mailing{Tenant: tenant, Email: email} }
	byID := accounts.Mailing{Tenant: tenant, UserID: u.ID}
	for n, m := range []accounts.Mailing{byEmail(ada), byEmail(" ADA@Example.com "), byID, byID, byEmail(ada)} {
		w.ask(t, n, m, u, nil)
	}
	w.store.calls = nil
	w.ask(t, 5, byEmail(ada), accounts.User{}, accounts.ErrThrottled)
	refused := w.store.calls
	w.ask(t, 6, byID, accounts.User{}, accounts.ErrThrottled)

	for n := range 5 {
		w.ask(t, 10+n, byEmail(nobody), accounts.User{}, accounts.ErrNotFound)
	}
	w.store.calls = nil
	w.ask(t, 15, byEmail(nobody), accounts.User{}, accounts.ErrThrottled)
	if !slices.Equal(w.store.calls, refused) {
		t.Errorf("the calls are %v, and %v for nobody's address", refused, w.store.calls)
	}
	w.ask(t, 16, accounts.Mailing{Tenant: "customers", Email: ada}, accounts.User{}, accounts.ErrNotFound)
	w.ask(t, 17, byEmail("no address"), accounts.User{}, accounts.ErrNotFound)
	w.ask(t, 18, accounts.Mailing{Tenant: tenant, UserID: "id of nobody"}, accounts.User{}, accounts.ErrNotFound)

	w.now = w.now.Add(time.Hour)
	w.ask(t, 19, byID, u, nil)
}

// A caller with a session of the user, a thief too, asks for no more mails than
// leave one for a reset.
func TestOneMailIsLeftForAReset(t *testing.T) {
	w, u := newWorldOfAda(t)
	verify := accounts.Mailing{Tenant: tenant, UserID: u.ID}
	for n := range 4 {
		w.ask(t, n, verify, u, nil)
	}
	w.ask(t, 4, verify, accounts.User{}, accounts.ErrThrottled)
	w.ask(t, 5, accounts.Mailing{Tenant: tenant, Email: ada}, u, nil)
	w.ask(t, 6, accounts.Mailing{Tenant: tenant, Email: ada}, accounts.User{}, accounts.ErrThrottled)
}

// A request that is delivered again and again is one, and one duplicate.
func TestMailIsTriedTwice(t *testing.T) {
	w, u := newWorldOfAda(t)
	m := accounts.Mailing{Tenant: tenant, Email: ada}
	w.ask(t, 1, m, u, nil)
	w.ask(t, 1, m, u, nil)
	for range 2 {
		w.ask(t, 1, m, accounts.User{}, accounts.ErrThrottled)
	}
	w.ask(t, 2, m, u, nil)
}
