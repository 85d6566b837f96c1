package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

func address(i int) string { return fmt.Sprintf("user%d@example.com", i) }

func TestSignIn(t *testing.T) {
	const composed, decomposed = "caf\u00e9 au lait", "cafe\u0301 au lait"
	tests := []struct {
		name            string
		email, password string
		want            error
	}{
		{"the user", ada, composed, nil},
		{"as typed on a phone", " Ada@Example.com ", composed, nil},
		{"the same characters from another keyboard", ada, decomposed, nil},
		{"a wrong password", ada, "cafe au lait", accounts.ErrCredentials},
		{"the password in another case", ada, "Caf\u00e9 au lait", accounts.ErrCredentials},
		{"the password with a space more", ada, composed + " ", accounts.ErrCredentials},
		{"a password shorter than any", ada, "x", accounts.ErrCredentials},
		{"an unknown address", nobody, composed, accounts.ErrCredentials},
	}
	w := newWorld(t)
	u, err := w.SignUp(t.Context(), credentials(ada, composed))
	if err != nil {
		t.Fatalf("SignUp = %v, want nil", err)
	}
	for _, test := range tests {
		got, err := w.SignIn(t.Context(), credentials(test.email, test.password), nil)
		if !errors.Is(err, test.want) || (test.want == nil && got != u) || (test.want != nil && got != accounts.User{}) {
			t.Errorf("SignIn(%s) = %+v, %v, want %v", test.name, got, err, test.want)
		}
	}
	other := credentials(ada, composed)
	other.Tenant = "customers"
	_, err = w.SignIn(t.Context(), other, nil)
	wantError(t, "SignIn to another tenant", err, accounts.ErrCredentials)
}

func TestSignInRefusesFields(t *testing.T) {
	w := newWorld(t)
	for _, test := range []struct {
		email, password string
		want            accounts.Field
	}{
		{"", password, accounts.Field{ID: "email", Error: "Field is not optional"}},
		{" \t", password, accounts.Field{ID: "email", Error: "Field is not optional"}},
		{"ada", password, accounts.Field{ID: "email", Error: "Email is invalid"}},
		{ada, "", accounts.Field{ID: "password", Error: "Field is not optional"}},
	} {
		wantFault(t, fmt.Sprintf("SignIn(%q)", test.email), w.signIn(t, test.email, test.password), test.want)
	}
	if len(w.store.calls) != 0 {
		t.Errorf("refused fields cost the calls %v, want none", w.store.calls)
	}
}

func TestSignInWithImpossiblePassword(t *testing.T) {
	w, _ := newWorldOfAda(t)
	hashes := w.hasher.Hashes()
	for name, impossible := range map[string]string{
		"too many characters": strings.Repeat("x", 257),
		"too many bytes":      strings.Repeat("\U0001F511", 257),
		"NUL":                 password + "\x00",
		"no UTF-8":            password + "\xff",
	} {
		wantError(t, "SignIn with "+name, w.signIn(t, ada, impossible), accounts.ErrCredentials)
	}
	if len(w.store.calls) != 0 || w.hasher.Hashes() != hashes {
		t.Errorf("impossible passwords cost the calls %v and %d hashes, want none", w.store.calls, w.hasher.Hashes()-hashes)
	}
}

// A stranger must not learn from the answer, nor from how long it took, who
// has an account: so the work has to be the same, attempt by attempt.
func TestSignInDoesNotTellKnownFromUnknown(t *testing.T) {
	w, _ := newWorldOfAda(t)
	attempt := func(email string) (steps []string, hashes int, err error) {
		w.store.calls = nil
		before := w.hasher.Hashes()
		c := credentials(email, "not the password")
		c.Source = "198.51.100.7"
		_, err = w.SignIn(t.Context(), c, func(context.Context, string) error {
			return w.store.note("before")
		})
		return w.store.calls, w.hasher.Hashes() - before, err
	}
	for i := range 15 {
		known, knownHashes, knownErr := attempt(ada)
		unknown, unknownHashes, unknownErr := attempt(nobody)
		if !slices.Equal(known, unknown) || knownHashes != unknownHashes || knownErr.Error() != unknownErr.Error() {
			t.Errorf("attempt %d: known %v, %d hashes, %v; unknown %v, %d hashes, %v; want no difference",
				i, known, knownHashes, knownErr, unknown, unknownHashes, unknownErr)
		}
		if i == 0 && (strings.Join(known, " ") != "Take Reserve ByEmail before ByEmail" || knownHashes != 1) {
			t.Errorf("a wrong password made the calls %v and %d hashes, want one hash", known, knownHashes)
		}
		if throttled := errors.Is(knownErr, accounts.ErrThrottled); throttled != (i >= 10) || (throttled && knownHashes != 0) {
			t.Errorf("attempt %d = %v with %d hashes, want ErrThrottled without one from the eleventh", i, knownErr, knownHashes)
		}
	}
}

func TestSignInCallsOfSuccess(t *testing.T) {
	w, _ := newWorldOfAda(t)
	wantError(t, "SignIn", w.signIn(t, ada, password), nil)
	if got := strings.Join(w.store.calls, " "); got != "Take Reserve ByEmail ByEmail Reset GiveBack" {
		t.Errorf("SignIn made the calls %s", got)
	}
}

func TestSignInTellsBeforeWhoItIs(t *testing.T) {
	w, u := newWorldOfAda(t)
	var ids []string
	before := func(_ context.Context, id string) error {
		ids = append(ids, id)
		return nil
	}
	for _, email := range []string{ada, nobody, nobody} {
		w.SignIn(t.Context(), credentials(email, password), before)
	}
	if len(ids) != 3 || ids[0] != u.ID {
		t.Fatalf("before was told %v, want %s and two others", ids, u.ID)
	}
	if len(ids[1]) != len(u.ID) || ids[1] == u.ID || ids[1] == ids[2] {
		t.Errorf("before was told %v of an unknown address, want ids that nobody has", ids[1:])
	}
}

func TestSignInEndsWithBefore(t *testing.T) {
	w, _ := newWorldOfAda(t)
	hashes, stop := w.hasher.Hashes(), errors.New("stop")
	for _, email := range []string{ada, nobody} {
		_, err := w.SignIn(t.Context(), credentials(email, password), func(context.Context, string) error { return stop })
		if err != stop {
			t.Errorf("SignIn(%s) = %v, want the error of before", email, err)
		}
	}
	if w.hasher.Hashes() != hashes {
		t.Errorf("%d hashes after before failed, want none", w.hasher.Hashes()-hashes)
	}
}

// Whoever changes a password and then ends all sessions must be rid of those
// who know the old one, also of one who was signing in meanwhile.
func TestSignInReadsTheHashAfterBefore(t *testing.T) {
	w, u := newWorldOfAda(t)
	change := func(ctx context.Context, _ string) error {
		return w.store.UpdateHash(ctx, u, w.hasher.Hash("a new password"))
	}
	_, err := w.SignIn(t.Context(), credentials(ada, password), change)
	wantError(t, "SignIn with a password changed in between", err, accounts.ErrCredentials)
	wantError(t, "SignIn with the new password", w.signIn(t, ada, "a new password"), nil)
}

func TestSignInRefusesAnotherUserOfTheAddress(t *testing.T) {
	w := newWorld(t)
	join := func(context.Context, string) error {
		_, err := w.SignUp(t.Context(), credentials(ada, password))
		return err
	}
	_, err := w.SignIn(t.Context(), credentials(ada, password), join)
	wantError(t, "SignIn of who joined after before", err, accounts.ErrCredentials)
}

func TestSignInRenewsTheHash(t *testing.T) {
	w, u := newWorldOfAda(t)
	w.hasher.Version = "3"
	renewed, err := w.SignIn(t.Context(), credentials(ada, password), nil)
	if err != nil || renewed.Hash == u.Hash || !w.hasher.Current(renewed.Hash) {
		t.Fatalf("SignIn with a hash of older parameters: %v, renewed: %t", err, renewed.Hash != u.Hash)
	}
	if stored, err := w.store.ByID(t.Context(), tenant, u.ID); err != nil || stored != renewed {
		t.Errorf("ByID = %+v, %v, want the user with the new hash", stored, err)
	}
	w.store.calls = nil
	wantError(t, "SignIn again", w.signIn(t, ada, password), nil)
	if slices.Contains(w.store.calls, "UpdateHash") {
		t.Error("SignIn replaced a current hash")
	}
}

func TestSignInDoesNotRenewWithoutThePassword(t *testing.T) {
	w, _ := newWorldOfAda(t)
	w.hasher.Version = "3"
	wantError(t, "SignIn", w.signIn(t, ada, "not the password"), accounts.ErrCredentials)
	if slices.Contains(w.store.calls, "UpdateHash") {
		t.Error("SignIn with a wrong password replaced the hash")
	}
}

func TestSignInLetsAnothersRenewalStand(t *testing.T) {
	for _, meanwhile := range []error{accounts.ErrConflict, accounts.ErrNotFound} {
		w, u := newWorldOfAda(t)
		w.hasher.Version = "3"
		w.store.fail = map[string]error{"UpdateHash": meanwhile}
		got, err := w.SignIn(t.Context(), credentials(ada, password), nil)
		if err != nil || got != u {
			t.Errorf("SignIn when UpdateHash = %v: %+v, %v, want the user as read", meanwhile, got, err)
		}
	}
}
