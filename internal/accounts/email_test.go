package accounts_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

func TestEmailCanonicalForm(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat("a", 64) + "@" + strings.Repeat("b", 63) + "." + strings.Repeat("c", 63) + "." + strings.Repeat("d", 57) + ".org"
	for typed, want := range map[string]string{
		"bob@example.com":                 "bob@example.com",
		"\t Bob.Smith+news@Example.COM\n": "bob.smith+news@example.com",
		"o'brien_{x}@a.b-c.example":       "o'brien_{x}@a.b-c.example",
		"Ju\u0308rgen@example.com":        "j\u00fcrgen@example.com",
		"\u7528\u6237@example.com":        "\u7528\u6237@example.com",
		"x@xn--bcher-kva.xn--p1ai":        "x@xn--bcher-kva.xn--p1ai",
		"1@2.co":                          "1@2.co",
		long:                              long,
	} {
		u, err := w.SignUp(t.Context(), credentials(typed, password))
		if err != nil || u.Email != want {
			t.Errorf("SignUp(%q) made the address %q, %v, want %q", typed, u.Email, err, want)
		}
	}
}

func TestEmailInvalid(t *testing.T) {
	w := newWorld(t)
	invalid := accounts.Field{ID: "email", Error: "Email is invalid"}
	for _, typed := range []string{
		"bob", "@", "bob@", "@example.com", "bob@example", "bob@@example.com", "bob@home@example.com",
		"bob smith@example.com", "bob@exam ple.com", "bob\x00@example.com", "bob\u200b@example.com",
		"bob\r\nbcc:eve@example.com", "bob\u2028@example.com", "bob@example.com, eve@example.com",
		".bob@example.com", "bob.@example.com", "bob..smith@example.com", `"bob smith"@example.com`, "<bob@example.com>",
		"bob@.example.com", "bob@example.com.", "bob@example..com", "bob@-example.com", "bob@example-.com",
		"bob@exam_ple.com", "bob@[192.0.2.1]", "bob@192.0.2.1", "bob@example.c", "bob@b\u00fccher.example",
		"bob@\u212Aindle.example\u3002com", "bob\xff@example.com",
		strings.Repeat("a", 65) + "@example.com", "bob@" + strings.Repeat("b", 64) + ".com",
		"bob@" + strings.Repeat("b.", 130) + "com", strings.Repeat("x", 1<<20),
	} {
		_, err := w.SignUp(t.Context(), credentials(typed, password))
		wantFault(t, fmt.Sprintf("SignUp(%.40q)", typed), err, invalid)
	}
	_, err := w.SignUp(t.Context(), credentials(" ", password))
	wantFault(t, "SignUp without an address", err, accounts.Field{ID: "email", Error: "Field is not optional"})
}

// The canonical form is its own: so an address that is shown to a person can
// be typed in again, and no two stored addresses are typed alike.
func TestEmailCanonicalFormIsFinal(t *testing.T) {
	local := rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Za-z0-9+._-]{1,20}`))
	domain := rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Za-z0-9-]{1,9}\.[A-Za-z0-9]{1,4}`))
	w := newWorld(t)
	rapid.Check(t, func(r *rapid.T) {
		typed := local.Draw(r, "local") + "@" + domain.Draw(r, "domain")
		w.store.Store = accounts.NewMemory()
		u, err := w.SignUp(t.Context(), credentials(typed, password))
		var refused *accounts.FieldsError
		if errors.As(err, &refused) {
			return
		}
		if err != nil {
			r.Fatalf("SignUp(%q) = %v", typed, err)
		}
		for _, again := range []string{typed, u.Email, strings.ToUpper(u.Email[strings.IndexByte(u.Email, '@'):])} {
			if strings.HasPrefix(again, "@") {
				again = u.Email[:strings.IndexByte(u.Email, '@')] + again
			}
			got, err := w.SignIn(t.Context(), credentials(again, password), nil)
			if err != nil || got != u {
				r.Fatalf("SignIn(%q) = %v, want the user who signed up as %q", again, err, typed)
			}
		}
	})
}
