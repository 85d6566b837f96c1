package accounts_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

// reset resets the password of the user of the token, from away.
func (w *world) reset(t *testing.T, token, password string) (accounts.Link, error) {
	t.Helper()
	l, _, err := w.ResetPassword(t.Context(), accounts.Reset{
		Tenant: tenant, Token: token, Password: accounts.Secret(password), Source: away,
	}, nil, func(context.Context, string) error { return nil })
	return l, err
}

// A password that is refused leaves the link good; where nothing depends on the
// user it costs no call. The link is good until it is dropped, and no longer.
func TestResetPassword(t *testing.T) {
	w, u := newWorldOfAda(t)
	token := w.issued(t, accounts.ResetPassword, u)
	w.store.calls = nil
	_, err := w.reset(t, token, "short")
	wantFault(t, "ResetPassword", err, accounts.Field{ID: accounts.FieldPassword, Error: "Password must contain at least 8 characters"})
	_, err = w.reset(t, "garbage", renewed)
	wantError(t, "ResetPassword by garbage", err, accounts.ErrLink)
	if len(w.store.calls) > 0 {
		t.Errorf("the calls %v were made, want none", w.store.calls)
	}
	_, err = w.reset(t, token, strings.ToUpper(ada))
	wantFault(t, "ResetPassword", err, accounts.Field{ID: accounts.FieldPassword, Error: "Password must not be your email or the name of this service"})
	wantError(t, "SignIn by the old one", w.signIn(t, ada, password), nil)

	var link accounts.Link
	for i := range 2 {
		link, err = w.reset(t, token, fmt.Sprintf("%s %d", renewed, i))
		wantError(t, "ResetPassword", err, nil)
		wantError(t, "SignIn by the new one", w.signIn(t, ada, fmt.Sprintf("%s %d", renewed, i)), nil)
	}
	wantError(t, "SignIn by the old one", w.signIn(t, ada, password), accounts.ErrCredentials)
	verify := w.issued(t, accounts.VerifyEmail, u)
	wantError(t, "DropLinks", w.DropLinks(t.Context(), link), nil)
	_, err = w.reset(t, token, renewed)
	wantError(t, "ResetPassword by a link that was dropped", err, accounts.ErrLink)
	_, _, err = w.FindLink(t.Context(), accounts.VerifyEmail, tenant, verify, nil)
	wantError(t, "FindLink of another purpose", err, nil)
}

// Where the reset came from is a network that the account knows: guesses from
// elsewhere do not keep its user out there.
func TestResetIsFromAKnownNetwork(t *testing.T) {
	w, u := newWorldOfAda(t)
	_, err := w.reset(t, w.issued(t, accounts.ResetPassword, u), renewed)
	wantError(t, "ResetPassword", err, nil)
	w.store.calls = nil
	wantError(t, "SignIn from there by a wrong one", w.signInFrom(t, away, ada, password), accounts.ErrCredentials)
	if got := fmt.Sprint(w.store.calls); got != "[ByEmail Reserve Take ByEmail GiveBack]" {
		t.Errorf("the calls are %s, want those of a network that is known", got)
	}
}

// A user without a password is given one.
func TestResetOfNoPassword(t *testing.T) {
	w := newWorld(t)
	bob := accounts.User{ID: "bob", Tenant: tenant, Email: "bob@example.com", Joined: w.now}
	wantError(t, "Create", w.store.Create(t.Context(), bob), nil)
	_, err := w.reset(t, w.issued(t, accounts.ResetPassword, bob), renewed)
	wantError(t, "ResetPassword", err, nil)
	wantError(t, "SignIn", w.signIn(t, bob.Email, renewed), nil)
}
