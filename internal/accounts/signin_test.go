package accounts_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

func TestSignIn(t *testing.T) {
	const composed, decomposed = "caf\u00e9 au lait", "cafe\u0301 au lait"
	w := newWorld(t)
	u, err := w.SignUp(t.Context(), credentials(ada, composed))
	if err != nil {
		t.Fatalf("SignUp = %v, want nil", err)
	}
	for _, test := range []struct {
		name                    string
		tenant, email, password string
		want                    error
	}{
		{"the user", tenant, ada, composed, nil},
		{"as typed on a phone", tenant, " Ada@Example.com ", composed, nil},
		{"the same characters from another keyboard", tenant, ada, decomposed, nil},
		{"a wrong password", tenant, ada, "cafe au lait", accounts.ErrCredentials},
		{"the password in another case", tenant, ada, "Caf\u00e9 au lait", accounts.ErrCredentials},
		{"the password with a space more", tenant, ada, composed + " ", accounts.ErrCredentials},
		{"a password shorter than any", tenant, ada, "x", accounts.ErrCredentials},
		{"an unknown address", tenant, nobody, composed, accounts.ErrCredentials},
		{"another tenant", "customers", ada, composed, accounts.ErrCredentials},
	} {
		c := credentials(test.email, test.password)
		c.Tenant = test.tenant
		got, err := w.SignIn(t.Context(), c, nil)
		if !errors.Is(err, test.want) || (test.want == nil && got != u) || (test.want != nil && got != accounts.User{}) {
			t.Errorf("SignIn(%s) = %+v, %v, want %v", test.name, got, err, test.want)
		}
	}
}

// TestSignInRefusesAtOnce what nobody can have filled in and meant.
func TestSignInRefusesAtOnce(t *testing.T) {
	w, _ := newWorldOfAda(t)
	hashes := w.hasher.Hashes()
	for _, test := range []struct {
		email, password string
		want            accounts.Field
	}{
		{"", password, accounts.Field{ID: "email", Error: "Field is not optional"}},
		{" \t", password, accounts.Field{ID: "email", Error: "Field is not optional"}},
		{"ada", password, accounts.Field{ID: "email", Error: "Email is invalid"}},
		{ada, "", accounts.Field{ID: "password", Error: "Field is not optional"}},
	} {
		wantFault(t, "SignIn of "+test.email, w.signIn(t, test.email, test.password), test.want)
	}
	for name, impossible := range map[string]string{
		"too many characters": strings.Repeat("x", 257), "too many bytes": strings.Repeat("\U0001F511", 257),
		"NUL": password + "\x00", "no UTF-8": password + "\xff",
	} {
		wantError(t, "SignIn with "+name, w.signIn(t, ada, impossible), accounts.ErrCredentials)
	}
	if len(w.store.calls) != 0 || w.hasher.Hashes() != hashes {
		t.Errorf("these cost the calls %v and %d hashes, want none", w.store.calls, w.hasher.Hashes()-hashes)
	}
}

// A stranger must not learn from the answer, nor from how long it took, who
// has an account: so the work has to be the same, attempt by attempt. Where the
// account knows the network, there are as many calls, and the same answers for
// as long as nobody has to wait.
func TestSignInDoesNotTellKnownFromUnknown(t *testing.T) {
	const bare = "bare@example.com"
	w, _ := newWorldOfAda(t)
	wantError(t, "Create", w.store.Create(t.Context(), accounts.User{ID: "bare", Tenant: tenant, Email: bare, Joined: w.now}), nil)
	attempt := func(source, email string) (steps string, hashes int, err error) {
		w.store.calls = nil
		before := w.hasher.Hashes()
		c := credentials(email, "not the password")
		c.Source = source
		_, err = w.SignIn(t.Context(), c, func(context.Context, string) error {
			return w.store.note("before", func() error { return nil })
		})
		return strings.Join(w.store.calls, " "), w.hasher.Hashes() - before, err
	}
	for i := range 15 {
		known, knownHashes, knownErr := attempt(away, ada)
		unknown, unknownHashes, unknownErr := attempt(away, nobody)
		if known != unknown || knownHashes != unknownHashes || knownErr.Error() != unknownErr.Error() {
			t.Errorf("attempt %d: known %v, %d hashes, %v; unknown %v, %d hashes, %v; want no difference",
				i, known, knownHashes, knownErr, unknown, unknownHashes, unknownErr)
		}
		without, withoutHashes, withoutErr := attempt(away, bare)
		if i < 10 && (without != unknown || withoutHashes != unknownHashes || withoutErr.Error() != unknownErr.Error()) {
			t.Errorf("attempt %d: without a password %v, %d hashes, %v; want no difference", i, without, withoutHashes, withoutErr)
		}
		if i == 0 && (known != "ByEmail Take Take Take before ByEmail" || knownHashes != 1) {
			t.Errorf("a wrong password made the calls %s and %d hashes, want one hash", known, knownHashes)
		}
		if throttled := errors.Is(knownErr, accounts.ErrThrottled); throttled != (i >= 10) || (throttled && knownHashes != 0) {
			t.Errorf("attempt %d = %v with %d hashes, want ErrThrottled without one from the eleventh", i, knownErr, knownHashes)
		}
		athome, homeHashes, homeErr := attempt(home, ada)
		if i < 10 && (athome != "ByEmail Reserve Take before ByEmail GiveBack" || homeHashes != 1 || homeErr.Error() != unknownErr.Error()) {
			t.Errorf("attempt %d at home: %s, %d hashes, %v; want as many calls", i, athome, homeHashes, homeErr)
		}
	}
}

// TestSignInTellsBeforeWhoItIs, and ends with its error, before any hash.
func TestSignInTellsBeforeWhoItIs(t *testing.T) {
	w, u := newWorldOfAda(t)
	hashes, stop := w.hasher.Hashes(), errors.New("stop")
	var ids []string
	for _, email := range []string{ada, nobody, nobody} {
		_, err := w.SignIn(t.Context(), credentials(email, password), func(_ context.Context, id string) error {
			ids = append(ids, id)
			return stop
		})
		if err != stop || w.hasher.Hashes() != hashes {
			t.Errorf("SignIn(%s) = %v and %d hashes, want the error of before and none", email, err, w.hasher.Hashes()-hashes)
		}
	}
	if len(ids) != 3 || ids[0] != u.ID || len(ids[1]) != len(u.ID) || ids[1] == u.ID || ids[1] == ids[2] {
		t.Errorf("before was told %v, want %s and two ids that nobody has", ids, u.ID)
	}
}

// TestSignInReadsAfterBefore: a caller that changes a password and then ends all
// sessions must be rid of those who know the old one, also of one who was
// signing in meanwhile.
func TestSignInReadsAfterBefore(t *testing.T) {
	w, u := newWorldOfAda(t)
	changed := u
	changed.Hash, _ = w.hasher.Hash(t.Context(), "a new password")
	_, err := w.SignIn(t.Context(), credentials(ada, password), func(ctx context.Context, _ string) error {
		return w.store.Update(ctx, u, changed)
	})
	wantError(t, "SignIn with a password changed in between", err, accounts.ErrCredentials)
	wantError(t, "SignIn with the new password", w.signIn(t, ada, "a new password"), nil)

	_, err = w.SignIn(t.Context(), credentials(nobody, password), func(context.Context, string) error {
		_, err := w.SignUp(t.Context(), credentials(nobody, password))
		return err
	})
	wantError(t, "SignIn of who joined after before", err, accounts.ErrCredentials)
}

// TestSignInRenewsTheHash once, for who has the password, unless another did.
func TestSignInRenewsTheHash(t *testing.T) {
	w, u := newWorldOfAda(t)
	w.hasher.Version = "3"
	wantError(t, "SignIn", w.signIn(t, ada, "not the password"), accounts.ErrCredentials)
	if slices.Contains(w.store.calls, "Update") {
		t.Error("SignIn with a wrong password replaced the hash")
	}
	for _, meanwhile := range []error{accounts.ErrConflict, accounts.ErrNotFound} {
		w.store.fail = map[string]error{"Update": meanwhile}
		if got, err := w.SignIn(t.Context(), credentials(ada, password), nil); err != nil || got != u {
			t.Errorf("SignIn when Update = %v: %+v, %v, want the user as read", meanwhile, got, err)
		}
	}
	w.store.fail = nil
	renewed, err := w.SignIn(t.Context(), credentials(ada, password), nil)
	if err != nil || renewed.Hash == u.Hash || !w.hasher.Current(renewed.Hash, password) {
		t.Fatalf("SignIn with a hash of older parameters: %v, renewed: %t", err, renewed.Hash != u.Hash)
	}
	if stored, err := w.store.ByID(t.Context(), tenant, u.ID); err != nil || stored != renewed {
		t.Errorf("ByID = %+v, %v, want the user with the new hash", stored, err)
	}
	w.store.calls = nil
	wantError(t, "SignIn again", w.signIn(t, ada, password), nil)
	if slices.Contains(w.store.calls, "Update") {
		t.Error("SignIn replaced a current hash")
	}
}
