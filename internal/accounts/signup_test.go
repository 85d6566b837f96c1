package accounts_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

func TestNewNamesEveryFault(t *testing.T) {
	for _, minimum := range []int{-1, 0, 7, 65} {
		_, err := accounts.New(accounts.Config{MinPassword: minimum})
		if err == nil || !strings.Contains(err.Error(), "Store") || !strings.Contains(err.Error(), "PerSource") || !strings.Contains(err.Error(), "MinPassword") {
			t.Errorf("New(no store, minimum %d) = %v, want every fault", minimum, err)
		}
	}
}

// Without a hasher nobody gets in.
func TestNoHasher(t *testing.T) {
	w, _ := newWorldOfAda(t)
	a, err := accounts.New(accounts.Config{Store: w.store, MinPassword: 8, PerSource: 100})
	wantError(t, "New", err, nil)
	_, err = a.SignUp(t.Context(), credentials(nobody, password))
	wantError(t, "SignUp", err, accounts.ErrUnavailable)
	for _, email := range []string{ada, nobody} {
		_, err = a.SignIn(t.Context(), credentials(email, password), nil)
		wantError(t, "SignIn of "+email, err, accounts.ErrUnavailable)
	}
}

func TestSignUp(t *testing.T) {
	w := newWorld(t)
	w.now = w.now.Add(time.Microsecond)
	u, err := w.SignUp(t.Context(), credentials("  Ada@Example.COM\n", password))
	if err != nil {
		t.Fatalf("SignUp = %v, want nil", err)
	}
	if u.Tenant != tenant || u.Email != ada || u.Joined != w.stored() {
		t.Errorf("SignUp = %+v, want %s in %s, joined now", u, ada, tenant)
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(u.ID) {
		t.Errorf("SignUp gave the id %q, want a random UUID", u.ID)
	}
	if strings.Join(w.store.calls, " ") != "Take ByEmail Create" || w.hasher.Hashes() != 1 {
		t.Errorf("SignUp made the calls %v and %d hashes, want Take, ByEmail, Create and 1", w.store.calls, w.hasher.Hashes())
	}
	if stored, err := w.store.ByID(t.Context(), tenant, u.ID); err != nil || stored != u {
		t.Errorf("ByID after SignUp = %+v, %v, want %+v", stored, err, u)
	}
}

func TestSignUpWithTakenAddress(t *testing.T) {
	w, _ := newWorldOfAda(t)
	taken := accounts.Field{ID: "email", Error: "This email already exists. Please sign in instead."}
	hashes := w.hasher.Hashes()
	_, err := w.SignUp(t.Context(), credentials("ADA@example.com", "another good one"))
	wantFault(t, "SignUp with a taken address", err, taken)
	if w.hasher.Hashes() != hashes {
		t.Errorf("SignUp with a taken address made %d hashes, want none", w.hasher.Hashes()-hashes)
	}
	wantError(t, "SignIn with the first password", w.signIn(t, ada, password), nil)

	w.store.fail = map[string]error{"Create": accounts.ErrExists} // taken between reading and writing
	_, err = w.SignUp(t.Context(), credentials("bob@example.com", password))
	wantFault(t, "SignUp with an address taken meanwhile", err, taken)
}

func TestSignUpNamesEveryField(t *testing.T) {
	w := newWorld(t)
	_, err := w.SignUp(t.Context(), credentials("ada", "short"))
	want := "accounts: email: Email is invalid; password: Password must contain at least 8 characters"
	if err == nil || err.Error() != want {
		t.Errorf("SignUp = %v, want %s", err, want)
	}
	if len(w.store.calls) != 0 || w.hasher.Hashes() != 0 {
		t.Errorf("refused fields cost the calls %v and %d hashes, want none", w.store.calls, w.hasher.Hashes())
	}
}

func TestExists(t *testing.T) {
	w, _ := newWorldOfAda(t)
	for email, want := range map[string]bool{
		ada: true, " ADA@EXAMPLE.COM ": true, nobody: false, "ada": false, "": false,
	} {
		if got, err := w.Exists(t.Context(), tenant, email, home); got != want || err != nil {
			t.Errorf("Exists(%q) = %t, %v, want %t", email, got, err, want)
		}
	}
	if got, err := w.Exists(t.Context(), "customers", ada, home); got || err != nil {
		t.Errorf("Exists in another tenant = %t, %v, want false", got, err)
	}
	if want := []string{"Take", "ByEmail"}; !slices.Equal(w.store.calls[:2], want) || len(w.store.calls) != 2*4 {
		t.Errorf("Exists made the calls %v, want %v for each address and none for what is no address", w.store.calls, want)
	}
}

// TestSignUpsAndLookUpsAreBounded by source, each apart, before any hash.
func TestSignUpsAndLookUpsAreBounded(t *testing.T) {
	w := newWorld(t)
	signUp := func(source, email string) error {
		c := credentials(email, password)
		c.Source = source
		_, err := w.SignUp(t.Context(), c)
		return err
	}
	lookUp := func(source, email string) error {
		_, err := w.Exists(t.Context(), tenant, email, source)
		return err
	}
	for _, call := range []func(source, email string) error{lookUp, signUp} {
		for i := range 100 {
			wantError(t, "call", call(fmt.Sprintf("2001:db8:0:%x::1", i), address(i)), nil) // one site
		}
		hashes := w.hasher.Hashes()
		wantError(t, "call number 101", call("2001:db8:0:ffff::1", nobody), accounts.ErrThrottled)
		if w.hasher.Hashes() != hashes {
			t.Error("a call over the bound made a hash")
		}
	}
	wantError(t, "SignUp from elsewhere", signUp(away, nobody), nil)
}
