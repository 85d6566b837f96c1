package frontend

import (
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/web"
)

// plainForm reads a form by encoding/json, the lenient one of the two: of
// repeated names it takes the last.
func plainForm(text string) (accounts.Credentials, error) {
	var c accounts.Credentials
	var members map[string]any
	if err := json.Unmarshal([]byte(text), &members); err != nil {
		return c, err
	}
	fields, _ := members["formFields"].([]any)
	for _, field := range fields {
		members, _ := field.(map[string]any)
		value, _ := members["value"].(string)
		switch members["id"] {
		case accounts.FieldEmail:
			c.Email = value
		case accounts.FieldPassword:
			c.Password = accounts.Secret(value)
		}
	}
	return c, nil
}

// body writes the form that a client sends for the credentials.
func body(c accounts.Credentials) string {
	text := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	return `{"formFields":[{"id":"email","value":` + text(c.Email) + `},{"id":"password","value":` + text(string(c.Password)) + `}]}`
}

func formOf(body string) (accounts.Credentials, error) {
	r := &web.Request{Body: []byte(body)}
	_, filled, err := (&Service{Tenants: []string{"public"}}).form(r, accounts.FieldEmail, accounts.FieldPassword)
	return accounts.Credentials{Email: filled[accounts.FieldEmail], Password: accounts.Secret(filled[accounts.FieldPassword])}, err
}

// FuzzForm reads bodies of sign-up and sign-in. What is accepted, a second
// reader reads as the same e-mail and password, and it comes back from a
// round trip; what is refused is the client's fault and gives no credentials
// that anyone could go on with.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{
		body(accounts.Credentials{Email: "a@example.com", Password: "correct horse battery 9"}),
		`{"formFields":[{"id":"email","value":"a"},{"id":"email","value":"b"}]}`, `{"formFields":[{"value":"\u0000\ud83d\ude00","id":"password"}]}`,
		`{"formFields":[{"id":"email","id":"password","value":"a"}]}`, `{"formFields":[],"formFields":[]}`, `{"formFields":[{"ID":"email","id":"email","value":null}]}`,
		`{"formFields":null}`, `{"formFields":[{"id":"e\u006dail","value":"x","more":{}}],"x":1}`, `{"formFields":[{"id":"password","value":"\ud800"}]}`, `[]`, ``,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := formOf(text)
		var invalid web.Invalid
		switch {
		case err == nil:
		case errors.As(err, &invalid), errors.Is(err, web.ErrBadRequest), errors.Is(err, web.ErrTooLarge):
			return
		default:
			t.Fatalf("form(%q) = %v, want an error that is the client's", text, err)
		}
		if plain, err := plainForm(text); err != nil || plain != c {
			t.Errorf("form(%q) = %q with a password of %d bytes; encoding/json reads %q, %d bytes, %v",
				text, c.Email, len(c.Password), plain.Email, len(plain.Password), err)
		}
		if again, err := formOf(body(c)); len(body(c)) <= maxForm && (err != nil || again != c) {
			t.Errorf("form(%q) comes back as %q, %v", text, again.Email, err)
		}
	})
}

// FuzzFormOf: every e-mail and password that is text arrives as it was sent.
func FuzzFormOf(f *testing.F) {
	f.Add("a@example.com", "correct horse battery 9")
	f.Add("\u00e9\u202e", "\x00\"\\\u2028\U0001f600")
	f.Fuzz(func(t *testing.T, email, password string) {
		want := accounts.Credentials{Email: email, Password: accounts.Secret(password)}
		if !utf8.ValidString(email) || !utf8.ValidString(password) || len(body(want)) > maxForm {
			return
		}
		if got, err := formOf(body(want)); err != nil || got != want {
			t.Errorf("form(%q, %q) = %q with a password of %d bytes, %v", email, password, got.Email, len(got.Password), err)
		}
	})
}
