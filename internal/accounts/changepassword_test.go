package accounts_test

import (
	"context"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

const renewed = "ten black ravens"

// change tries to change the password of the user from the source.
func (w *world) change(ctx context.Context, u accounts.User, source, current, password string) error {
	return w.ChangePassword(ctx, accounts.Change{
		Tenant: tenant, User: u.ID, Current: accounts.Secret(current), Password: accounts.Secret(password), Source: source,
	}, func(context.Context, string) error { return nil })
}

func TestChangePassword(t *testing.T) {
	w, u := newWorldOfAda(t)
	for _, refused := range []struct {
		current, password string
		want              accounts.Field
	}{
		{"", renewed, accounts.Field{ID: accounts.FieldCurrent, Error: "Field is not optional"}},
		{password, "", accounts.Field{ID: accounts.FieldPassword, Error: "Field is not optional"}},
		{password, "short", accounts.Field{ID: accounts.FieldPassword, Error: "Password must contain at least 8 characters"}},
		{password, ada, accounts.Field{ID: accounts.FieldPassword, Error: "Password must not be your email or the name of this service"}},
	} {
		wantFault(t, "ChangePassword", w.change(t.Context(), u, home, refused.current, refused.password), refused.want)
	}
	wantError(t, "ChangePassword of one who is nobody", w.change(t.Context(), accounts.User{ID: "x"}, home, password, renewed), accounts.ErrNoPassword)
	bob := accounts.User{ID: "bob", Tenant: tenant, Email: "bob@example.com", Joined: w.now}
	wantError(t, "Create", w.store.Create(t.Context(), bob), nil)
	wantError(t, "ChangePassword of one who has none", w.change(t.Context(), bob, home, password, renewed), accounts.ErrNoPassword)
	wantError(t, "ChangePassword by a wrong one", w.change(t.Context(), u, home, "not the password", renewed), accounts.ErrCredentials)
	wantError(t, "ChangePassword by one that nobody has", w.change(t.Context(), u, home, "\x00", renewed), accounts.ErrCredentials)
	early := w.issued(t, accounts.ResetPassword, u)
	wantError(t, "ChangePassword", w.change(t.Context(), u, away, password, renewed), nil)
	wantError(t, "SignIn by the old one", w.signIn(t, ada, password), accounts.ErrCredentials)
	late := w.issued(t, accounts.ResetPassword, u)
	wantError(t, "ChangePassword once more", w.change(t.Context(), u, away, password, renewed), nil)
	for _, link := range []string{early, late} {
		_, err := w.reset(t, link, "a thief's own words")
		wantError(t, "ResetPassword by a link of before", err, accounts.ErrLink)
	}
	if now, err := w.store.ByID(t.Context(), tenant, u.ID); err != nil || now.Networks == u.Networks {
		t.Errorf("the networks are %q, %v, want the one of the change besides", now.Networks, err)
	}
	wantError(t, "SignIn by the new one", w.signIn(t, ada, renewed), nil)
}

// Attempts at a change and sign-ins from a network are counted in one bucket,
// and what is not counted is not hashed.
func TestChangesAreCounted(t *testing.T) {
	for name, source := range map[string]string{"known": home, "unknown": away} {
		w, u := newWorldOfAda(t)
		for range 9 {
			wantError(t, "SignIn by a wrong one", w.signInFrom(t, source, ada, "not the password"), accounts.ErrCredentials)
		}
		// It is two guesses, of which one is left.
		wantError(t, "ChangePassword by a wrong one", w.change(t.Context(), u, source, "not the password", renewed), accounts.ErrThrottled)
		hashes := w.hasher.Hashes()
		wantError(t, "ChangePassword from a network that is "+name, w.change(t.Context(), u, source, password, renewed), accounts.ErrThrottled)
		wantError(t, "SignIn from a network that is "+name, w.signInFrom(t, source, ada, password), accounts.ErrThrottled)
		if n := w.hasher.Hashes() - hashes; n > 0 {
			t.Errorf("%d hashes were made of what was not counted", n)
		}
	}
}

// A password that another change or a reset wrote meanwhile stays.
func TestChangeMeanwhile(t *testing.T) {
	w, u := newWorldOfAda(t)
	other := u
	other.Hash = "2$another password"
	w.store.Call = func(name string, call func() error) error {
		if name == "Update" {
			wantError(t, "Update", w.store.Store.Update(t.Context(), u, other), nil)
		}
		return call()
	}
	wantError(t, "ChangePassword", w.change(t.Context(), u, home, password, renewed), accounts.ErrUnavailable)
	if now, err := w.store.ByID(t.Context(), tenant, u.ID); err != nil || now.Hash != other.Hash {
		t.Errorf("the hash is %q, %v, want the one that was written meanwhile", string(now.Hash), err)
	}
}
