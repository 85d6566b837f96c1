package accounts_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

func TestSecretsAreNotPrinted(t *testing.T) {
	const secret = "nine-white-owls"
	values := []any{
		accounts.Secret(secret),
		accounts.User{ID: "id", Hash: secret},
		&accounts.Credentials{Email: ada, Password: secret},
		[]accounts.Secret{secret},
		map[string]accounts.Secret{"password": secret},
	}
	for _, v := range values {
		var all bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10.3s"} {
			fmt.Fprintf(&all, verb+"\n", v)
		}
		slog.New(slog.NewTextHandler(&all, nil)).Info("text", "value", v)
		slog.New(slog.NewJSONHandler(&all, nil)).Info("json", "value", v)
		encoded, err := json.Marshal(v)
		if err != nil {
			t.Errorf("Marshal(%T) = %v, want nil", v, err)
		}
		all.Write(encoded)
		for _, form := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), "nin"} {
			if strings.Contains(all.String(), form) {
				t.Errorf("printing a %T shows %q", v, form)
			}
		}
		if !strings.Contains(all.String(), "[redacted]") {
			t.Errorf("printing a %T does not say that something was left out", v)
		}
	}
}

func TestErrorsHoldNothingOfTheForm(t *testing.T) {
	w, _ := newWorldOfAda(t)
	w.store.fail = map[string]error{"Reset": errStorage}
	for _, c := range []accounts.Credentials{
		credentials("strange address", "secret7"),
		credentials("strange@example.com", "secretsecret"),
		credentials("strange@example.com", "secret\x00"),
		credentials(ada, password),
	} {
		_, up := w.SignUp(t.Context(), c)
		_, in := w.SignIn(t.Context(), c, nil)
		said := fmt.Sprint(up, in)
		for _, typed := range []string{"strange", "secret", ada, password} {
			if strings.Contains(said, typed) {
				t.Errorf("the errors %q hold %q", said, typed)
			}
		}
	}
}
