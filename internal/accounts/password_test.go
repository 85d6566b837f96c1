package accounts_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

const (
	long      = "Password must contain at most 256 characters"
	character = "Password contains a character that cannot be used"
	common    = "Password is too common, please choose another one"
	personal  = "Password must not be your email or the name of this service"
)

func TestPasswordPolicy(t *testing.T) {
	const short = "Password must contain at least 8 characters"
	key := "\U0001F511" // four bytes, one code point
	for _, test := range []struct{ name, password, fault string }{
		{"empty", "", "Field is not optional"},
		{"7 characters", "q8#zWp!", short},
		{"8 characters", "q8#zWp!x", ""},
		{"7 characters of four bytes", strings.Repeat(key, 7), short},
		{"8 characters of four bytes", strings.Repeat(key, 8), ""},
		{"8 code points that compose to 7", "e\u0301q8#zWp", short},
		{"9 code points that compose to 8", "e\u0301q8#zWp!", ""},
		{"256 characters", strings.Repeat("ab", 128), ""},
		{"257 characters", strings.Repeat("ab", 128) + "c", long},
		{"256 characters of four bytes", strings.Repeat(key, 256), ""},
		{"1025 bytes that compose to less", strings.Repeat("e\u0301", 341) + "xy", long},
		{"a megabyte", strings.Repeat("a", 1<<20), long},
		{"one kind of character only", "zyxzyxzyx owl", ""},
		{"spaces around", "  white owl  ", ""},
		{"only spaces", "         ", ""},
		{"line feeds and tabs", "white\n\towls", ""},
		{"another script", "\u043f\u0430\u0440\u043e\u043b\u044c-\u0441\u043e\u0432\u044b", ""},
		{"NUL", "white\x00owls", character},
		{"no UTF-8", "white\xffowls", character},
		{"half a surrogate pair", "white\xed\xa0\x80owls", character},
		{"common", "password1", common},
		{"common in another case", "PassWord1", common},
		{"common, of digits", "1234567890", common},
		{"common, of 8 digits", "12345678", common},
		{"common, of both", "1q2w3e4r", common},
		{"common with a space before", " password", ""},
		{"common with a space after", "password ", ""},
		{"common with more to it", "password1 white owls", ""},
		{"the address", "ada.lovelace@example.com", personal},
		{"the address in another case", "ADA.Lovelace@Example.com", personal},
		{"the local part", "ada.lovelace", personal},
		{"the name of the service", "latchkey notes", personal},
		{"the domain", "example.com", ""},
	} {
		w := newWorld(t)
		_, err := w.SignUp(t.Context(), credentials("Ada.Lovelace@example.com", test.password))
		if test.fault == "" {
			wantError(t, "SignUp with "+test.name, err, nil)
			wantError(t, "SignIn with "+test.name, w.signIn(t, "ada.lovelace@example.com", test.password), nil)
			continue
		}
		wantFault(t, "SignUp with "+test.name, err, accounts.Field{ID: "password", Error: test.fault})
	}
}

func TestPasswordMinimumIsConfigured(t *testing.T) {
	for _, minimum := range []int{8, 15, 64} {
		a, err := accounts.New(accounts.Config{
			Store: accounts.NewMemory(), MinPassword: minimum, PerSource: 100, Hasher: newWorld(t).hasher,
		})
		if err != nil {
			t.Fatalf("New(minimum %d) = %v, want nil", minimum, err)
		}
		enough := strings.Repeat("\u00fc", minimum)
		_, err = a.SignUp(t.Context(), credentials(ada, strings.TrimSuffix(enough, "\u00fc")))
		wantFault(t, "SignUp with one character too few", err, accounts.Field{
			ID: "password", Error: fmt.Sprintf("Password must contain at least %d characters", minimum),
		})
		_, err = a.SignUp(t.Context(), credentials(ada, enough))
		wantError(t, fmt.Sprintf("SignUp with %d characters", minimum), err, nil)
	}
}
