package accounts_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

// operation is something that is asked of Accounts, and the calls to the store
// that it makes.
type operation struct {
	name  string
	calls []string
	run   func(w *world) error
}

// attempts are operations by which somebody gets in.
func attempts(t *testing.T) []operation {
	signIn := func(source, password string) func(w *world) error {
		return func(w *world) error { return w.signInFrom(t, source, ada, password) }
	}
	change := func(source, current string) func(w *world) error {
		return func(w *world) error {
			ada, err := w.store.Store.ByEmail(t.Context(), tenant, ada)
			return cmp.Or(err, w.change(t.Context(), ada, source, current, renewed))
		}
	}
	return []operation{
		{"SignUp", []string{"Take", "ByEmail", "Create"}, func(w *world) error {
			u, err := w.SignUp(t.Context(), credentials("bob@example.com", password))
			if err != nil && u.ID != "" {
				return errors.New("a user and an error")
			}
			return err
		}},
		{"SignIn at home", []string{"ByEmail", "Reserve", "Take", "Reset", "Update"}, signIn(home, password)},
		{"SignIn at home, wrong", []string{"GiveBack"}, signIn(home, "not the password")},
		{"SignIn away", []string{"ByEmail", "Take", "GiveBack", "Update"}, signIn(away, password)},
		{"ChangePassword at home", []string{"ByID", "Reserve", "Take", "Reset", "Update", "DropLinks"}, change(home, password)},
		{"ChangePassword at home, wrong", []string{"GiveBack"}, change(home, "not the password")},
		{"ChangePassword away", []string{"ByID", "Take", "GiveBack", "Update"}, change(away, password)},
		{"ResetPassword", []string{"Links", "ByID", "Update"}, func(w *world) error {
			u, err := w.store.Store.ByEmail(t.Context(), tenant, ada)
			wantError(t, "ByEmail", err, nil)
			_, err = w.reset(t, w.issued(t, accounts.ResetPassword, u), renewed)
			return err
		}},
	}
}

// inquiries are the others.
func inquiries(t *testing.T) []operation {
	mail := func(m accounts.Mailing) func(w *world) error {
		return func(w *world) error {
			u, err := w.store.Store.ByEmail(t.Context(), tenant, ada)
			if m.Tenant = tenant; m.Email == "" {
				m.UserID = u.ID
			}
			_, refused := w.Recipient(t.Context(), m)
			return cmp.Or(err, refused)
		}
	}
	return []operation{
		{"IssueLink", []string{"AddLink"}, func(w *world) error {
			_, err := w.IssueLink(t.Context(), accounts.ResetPassword, accounts.User{ID: "id", Tenant: tenant, Email: ada})
			return err
		}},
		{"Recipient by address", []string{"Take", "ByEmail"}, mail(accounts.Mailing{Email: ada})},
		{"Recipient by id", []string{"Take", "ByID"}, mail(accounts.Mailing{})},
		{"ByID", []string{"ByID"}, func(w *world) error { _, err := w.ByID(t.Context(), tenant, "id"); return err }},
		{"ByEmail", []string{"ByEmail"}, func(w *world) error { _, err := w.ByEmail(t.Context(), tenant, ada); return err }},
		{"List", []string{"List"}, func(w *world) error { _, _, err := w.List(t.Context(), tenant, "", 1); return err }},
		{"Add", []string{"Add"}, func(w *world) error {
			_, _, err := w.Add(t.Context(), accounts.User{ID: "id", Tenant: tenant, Email: nobody})
			return err
		}},
		{"ChangeEmail", []string{"ByID", "ChangeEmail"}, func(w *world) error {
			u, err := w.store.Store.ByEmail(t.Context(), tenant, ada)
			return cmp.Or(err, w.ChangeEmail(t.Context(), tenant, u.ID, nobody))
		}},
		{"Remove", []string{"DropLinks", "Remove"}, func(w *world) error { return w.Remove(t.Context(), tenant, "id") }},
		{"CountRequest", []string{"Take"}, func(w *world) error { return w.CountRequest(t.Context(), home) }},
		{"DropLinks", []string{"DropLinks"}, func(w *world) error {
			return w.DropLinks(t.Context(), accounts.Link{Purpose: accounts.ResetPassword, Tenant: tenant, UserID: "x"})
		}},
		{"Exists", []string{"Take", "ByEmail"}, func(w *world) error {
			exists, err := w.Exists(t.Context(), tenant, ada, home)
			if exists {
				return errors.New("exists")
			}
			return err
		}},
	}
}

// Each call of each operation fails in turn: nobody gets in, and nobody is
// told that the credentials are wrong. What cannot be counted is not hashed.
func TestStorageDown(t *testing.T) {
	for _, op := range append(attempts(t), inquiries(t)...) {
		for _, call := range op.calls {
			for _, fault := range []struct{ is, want error }{
				{errStorage, accounts.ErrUnavailable},
				{context.DeadlineExceeded, accounts.ErrUnavailable},
				{fmt.Errorf("reading: %w", accounts.ErrCorrupt), accounts.ErrCorrupt},
				{accounts.ErrThrottled, accounts.ErrThrottled},
			} {
				w, _ := newWorldOfAda(t)
				w.hasher.Version = "3"
				w.store.fail = map[string]error{call: fault.is}
				hashes := w.hasher.Hashes()
				err := op.run(w)
				wantError(t, fmt.Sprintf("%s when %s = %v", op.name, call, fault.is), err, fault.want)
				if !errors.Is(err, fault.is) || errors.Is(err, accounts.ErrCredentials) {
					t.Errorf("%s when %s = %v says %v", op.name, call, fault.is, err)
				}
				if !slices.Contains(w.store.calls, call) || (call == "Take" || call == "Reserve") && w.hasher.Hashes() != hashes {
					t.Errorf("%s made the calls %v and %d hashes", op.name, w.store.calls, w.hasher.Hashes()-hashes)
				}
			}
		}
	}
}

func TestDamagedHash(t *testing.T) {
	w, u := newWorldOfAda(t)
	damaged := u
	damaged.Hash = "damaged"
	wantError(t, "Update", w.store.Update(t.Context(), u, damaged), nil)
	wantError(t, "SignIn with a damaged hash", w.signIn(t, ada, password), accounts.ErrCorrupt)
}
