package sessionstest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

func keyStoreRules() []rule[token.KeyStore] {
	return []rule[token.KeyStore]{
		{"keys-together", keysConcurrently},
		{"load", loadReturnsAll},
		{"load-gives-up", loadGivesUp},
		{"signing-keys", signingKeys},
		{"signing-key-revoked", revokeSigningKey},
		{"mac-keys", macKeys},
		{"mac-key-revoked", revokeMACKey},
		{"issuer", settingsFrom(0)},
		{"end-before", settingsFrom(1)},
		{"end-before-earlier", endBeforeEarlier},
		{"cookie-domains", settingsFrom(2)},
		{"cookie-domains-overtaken", cookieDomainsOvertaken},
	}
}

func signingKey(number int) token.SigningKey {
	return token.SigningKey{
		Number: number, ID: fmt.Sprintf("kid-%d", number), Algorithm: token.RS256,
		Public: json.RawMessage(fmt.Sprintf(`{"kty":"RSA","kid":"kid-%d"}`, number)),
		Sealed: []byte{0, 1, 255, byte(number)}, ActiveFrom: epochOfTests().AddDate(0, 0, number),
	}
}

func macKey(number int) token.MACKey {
	return token.MACKey{
		Number: number, ID: fmt.Sprintf("m%d", number),
		Sealed: []byte{0, 128, byte(number)}, ActiveFrom: epochOfTests().AddDate(0, 0, number),
	}
}

func load(t *testing.T, ks token.KeyStore) token.Records {
	t.Helper()
	r, err := ks.Load(t.Context())
	if err != nil {
		t.Fatalf("Load = %v, want nil", err)
	}
	return r
}

// succeed fails the test if a call failed.
func succeed(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatalf("writing keys = %v, want nil", err)
	}
}

// holds reports whether the store contains exactly these records.
func holds(t *testing.T, ks token.KeyStore, want token.Records) {
	t.Helper()
	got := load(t, ks)
	for i := range got.Signing {
		got.Signing[i].ActiveFrom = got.Signing[i].ActiveFrom.UTC()
	}
	for i := range got.MAC {
		got.MAC[i].ActiveFrom = got.MAC[i].ActiveFrom.UTC()
	}
	got.Settings.NotBefore = got.Settings.NotBefore.UTC()
	if len(got.Signing) == 0 {
		got.Signing = nil
	}
	if len(got.MAC) == 0 {
		got.MAC = nil
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Load = %+v, want %+v", got, want)
	}
}

func keysConcurrently(t *testing.T, ks token.KeyStore) {
	const number = 1
	winner := oneWins(t, 20, token.ErrExists, func(i int) error {
		k := macKey(number)
		k.ID = fmt.Sprintf("by%d", i)
		return ks.AddMACKey(t.Context(), k)
	})
	want := macKey(number)
	want.ID = fmt.Sprintf("by%d", winner)
	holds(t, ks, token.Records{MAC: []token.MACKey{want}})

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := ks.Load(ctx)
	for name, err := range map[string]error{
		"Load":             err,
		"AddSigningKey":    ks.AddSigningKey(ctx, signingKey(1)),
		"RevokeSigningKey": ks.RevokeSigningKey(ctx, 1),
		"AddMACKey":        ks.AddMACKey(ctx, macKey(1)),
		"RevokeMACKey":     ks.RevokeMACKey(ctx, 1),
		"SetIssuer":        ks.SetIssuer(ctx, "https://a.example/auth", "a"),
		"EndBefore":        ks.EndBefore(ctx, epochOfTests()),
		"SetCookieDomains": ks.SetCookieDomains(ctx, token.CookieDomains{}, domains("a")),
	} {
		if err == nil || errors.Is(err, token.ErrExists) {
			t.Errorf("%s with a cancelled context = %v, want an error that says nothing of the outcome", name, err)
		}
	}
}

func loadReturnsAll(t *testing.T, ks token.KeyStore) {
	ctx := t.Context()
	var want token.Records
	holds(t, ks, want)
	for number := 1; number <= 12; number++ {
		succeed(t, ks.AddSigningKey(ctx, signingKey(number)), ks.AddMACKey(ctx, macKey(number)))
		want.Signing = append(want.Signing, signingKey(number))
		want.MAC = append(want.MAC, macKey(number))
		holds(t, ks, want)
	}
	want.Settings = token.Settings{Issuer: "https://api.example.com/auth", APIID: "a1b2c3"}
	succeed(t, ks.SetIssuer(ctx, want.Settings.Issuer, want.Settings.APIID))
	holds(t, ks, want)
}

// loadGivesUp ends the context before the call, when there is nothing to wait
// for, and during the call. A Load that did not return would hang the test.
func loadGivesUp(t *testing.T, ks token.KeyStore) {
	succeed(t, ks.AddSigningKey(t.Context(), signingKey(1)))
	for _, before := range []bool{true, false} {
		ctx, cancel := context.WithCancel(t.Context())
		if before {
			cancel()
		} else {
			go cancel()
		}
		r, err := ks.Load(ctx)
		if (before || err != nil) && !errors.Is(err, context.Canceled) {
			t.Errorf("Load with a context that ended = %v, want %v", err, context.Canceled)
		}
		if err == nil && len(r.Signing) != 1 {
			t.Errorf("Load has %d signing keys and no error, want 1", len(r.Signing))
		}
		cancel()
	}
}

// signingKeys adds two keys and then one with a number that is taken. A MAC key
// may have the same number.
func signingKeys(t *testing.T, ks token.KeyStore) {
	ctx := t.Context()
	bare, other := signingKey(2), signingKey(3)
	bare.Sealed, bare.Algorithm, bare.Revoked, other.Number = nil, token.EdDSA, true, 1
	bare.ActiveFrom = bare.ActiveFrom.Add(5 * time.Millisecond)
	succeed(t, ks.AddMACKey(ctx, macKey(2)), ks.AddSigningKey(ctx, signingKey(1)), ks.AddSigningKey(ctx, bare))
	if err := ks.AddSigningKey(ctx, other); !errors.Is(err, token.ErrExists) {
		t.Errorf("AddSigningKey of a number that is there = %v, want ErrExists", err)
	}
	holds(t, ks, token.Records{Signing: []token.SigningKey{signingKey(1), bare}, MAC: []token.MACKey{macKey(2)}})
}

// revokeSigningKey revokes a key twice, and one that does not exist.
func revokeSigningKey(t *testing.T, ks token.KeyStore) {
	ctx := t.Context()
	succeed(t, ks.RevokeSigningKey(ctx, 7))
	holds(t, ks, token.Records{})
	revoked := signingKey(1)
	revoked.Revoked = true
	succeed(t, ks.AddSigningKey(ctx, signingKey(1)), ks.AddSigningKey(ctx, signingKey(2)))
	for range 2 {
		succeed(t, ks.RevokeSigningKey(ctx, 1))
		holds(t, ks, token.Records{Signing: []token.SigningKey{revoked, signingKey(2)}})
	}
}

func macKeys(t *testing.T, ks token.KeyStore) {
	ctx := t.Context()
	other := macKey(3)
	other.Number = 1
	succeed(t, ks.AddSigningKey(ctx, signingKey(2)), ks.AddMACKey(ctx, macKey(1)), ks.AddMACKey(ctx, macKey(2)))
	if err := ks.AddMACKey(ctx, other); !errors.Is(err, token.ErrExists) {
		t.Errorf("AddMACKey of a number that is there = %v, want ErrExists", err)
	}
	holds(t, ks, token.Records{Signing: []token.SigningKey{signingKey(2)}, MAC: []token.MACKey{macKey(1), macKey(2)}})
}

// revokeMACKey revokes a key twice, and one that does not exist.
func revokeMACKey(t *testing.T, ks token.KeyStore) {
	ctx := t.Context()
	succeed(t, ks.RevokeMACKey(ctx, 7))
	holds(t, ks, token.Records{})
	succeed(t, ks.AddMACKey(ctx, macKey(1)), ks.AddMACKey(ctx, macKey(2)), ks.AddSigningKey(ctx, signingKey(1)))
	revoked := macKey(1)
	revoked.Revoked, revoked.Sealed = true, nil
	want := token.Records{Signing: []token.SigningKey{signingKey(1)}, MAC: []token.MACKey{revoked, macKey(2)}}
	for range 2 {
		succeed(t, ks.RevokeMACKey(ctx, 1))
		holds(t, ks, want)
	}
	if err := ks.AddMACKey(ctx, macKey(1)); !errors.Is(err, token.ErrExists) {
		t.Errorf("AddMACKey of the number of a revoked key = %v, want ErrExists", err)
	}
	holds(t, ks, want)
}

func domains(present string) token.CookieDomains {
	return token.CookieDomains{Present: present, Replaced: [3]string{"one.example", `odd, "name"`}}
}

// settingsFrom writes the settings one by one, twice, beginning with that one.
func settingsFrom(first int) func(*testing.T, token.KeyStore) {
	return func(t *testing.T, ks token.KeyStore) {
		ctx := t.Context()
		var want token.Settings
		for i := range 6 {
			var err error
			switch name := fmt.Sprintf("%d.example", i); (first + i) % 3 {
			case 0:
				want.Issuer, want.APIID = "https://"+name, name
				err = ks.SetIssuer(ctx, want.Issuer, want.APIID)
			case 1:
				want.NotBefore = epochOfTests().Add(time.Duration(i) * time.Hour)
				err = ks.EndBefore(ctx, want.NotBefore)
			case 2:
				were := want.Cookies
				want.Cookies = domains(name)
				err = ks.SetCookieDomains(ctx, were, want.Cookies)
			}
			succeed(t, err)
			holds(t, ks, token.Records{Settings: want})
		}
	}
}

func endBeforeEarlier(t *testing.T, ks token.KeyStore) {
	ctx := t.Context()
	succeed(t, ks.EndBefore(ctx, epochOfTests()))
	for _, earlier := range []time.Time{epochOfTests(), epochOfTests().Add(-time.Millisecond), {}} {
		succeed(t, ks.EndBefore(ctx, earlier))
		holds(t, ks, token.Records{Settings: token.Settings{NotBefore: epochOfTests()}})
	}
}

func cookieDomainsOvertaken(t *testing.T, ks token.KeyStore) {
	ctx := t.Context()
	none := token.CookieDomains{}
	winner := oneWins(t, 20, token.ErrExists, func(i int) error {
		return ks.SetCookieDomains(ctx, none, domains(fmt.Sprint(i)))
	})
	want := token.Records{Settings: token.Settings{Cookies: domains(fmt.Sprint(winner))}}
	holds(t, ks, want)
	if err := ks.SetCookieDomains(ctx, domains("another"), none); !errors.Is(err, token.ErrExists) {
		t.Errorf("SetCookieDomains in the place of others than there are = %v, want ErrExists", err)
	}
	holds(t, ks, want)
	succeed(t, ks.SetCookieDomains(ctx, want.Settings.Cookies, none))
	holds(t, ks, token.Records{})
}
