package sessionstest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

func keyStoreRules() []rule[token.KeyStore] {
	return []rule[token.KeyStore]{
		{"keys", keepsKeys},
		{"keys-together", addsOneOfMany},
		{"gives-up", keyStoreGivesUp},
		{"issuer", settingsFrom(0)},
		{"end-before", settingsFrom(1)},
		{"cookie-domains", settingsFrom(2)},
		{"end-before-earlier", endBeforeEarlier},
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

// holds fails the test if a write before it failed, or if the store does not
// contain exactly these records.
func holds(t *testing.T, ks token.KeyStore, want token.Records, writes ...error) {
	t.Helper()
	if err := errors.Join(writes...); err != nil {
		t.Fatalf("writing keys = %v, want nil", err)
	}
	got, err := ks.Load(t.Context())
	if err != nil {
		t.Fatalf("Load = %v, want nil", err)
	}
	for i := range got.Signing {
		got.Signing[i].ActiveFrom = got.Signing[i].ActiveFrom.UTC()
	}
	for i := range got.MAC {
		got.MAC[i].ActiveFrom = got.MAC[i].ActiveFrom.UTC()
	}
	got.Settings.NotBefore = got.Settings.NotBefore.UTC()
	if !slices.EqualFunc(got.Signing, want.Signing, equal) || !slices.EqualFunc(got.MAC, want.MAC, equal) || got.Settings != want.Settings {
		t.Errorf("Load = %+v, want %+v", got, want)
	}
}

func equal[K any](a, b K) bool { return reflect.DeepEqual(a, b) }

// keepsKeys adds keys of both kinds with the same numbers, in order, and
// revokes some, twice each, and some that do not exist. A number is taken once,
// even if the key is revoked.
func keepsKeys(t *testing.T, ks token.KeyStore) {
	ctx := t.Context()
	var want token.Records
	holds(t, ks, want, ks.RevokeSigningKey(ctx, 7), ks.RevokeMACKey(ctx, 7))
	for number := 1; number <= 12; number++ {
		s, m := signingKey(number), macKey(number)
		if number == 2 {
			s.Sealed, s.Algorithm, s.Revoked, s.ActiveFrom = nil, token.EdDSA, true, s.ActiveFrom.Add(5*time.Millisecond)
		}
		want.Signing, want.MAC = append(want.Signing, s), append(want.MAC, m)
		holds(t, ks, want, ks.AddSigningKey(ctx, s), ks.AddMACKey(ctx, m))
	}
	want.Signing[2].Revoked = true
	want.MAC[4].Revoked, want.MAC[4].Sealed = true, nil
	for range 2 {
		holds(t, ks, want, ks.RevokeSigningKey(ctx, 3), ks.RevokeMACKey(ctx, 5))
	}
	for _, number := range []int{1, 3, 5} {
		s, m := signingKey(13), macKey(13)
		s.Number, m.Number = number, number
		if err := ks.AddSigningKey(ctx, s); !errors.Is(err, token.ErrExists) {
			t.Errorf("AddSigningKey of a number that is there = %v, want ErrExists", err)
		}
		if err := ks.AddMACKey(ctx, m); !errors.Is(err, token.ErrExists) {
			t.Errorf("AddMACKey of a number that is there = %v, want ErrExists", err)
		}
	}
	want.Settings = token.Settings{Issuer: "https://api.example.com/auth", APIID: "a1b2c3"}
	holds(t, ks, want, ks.SetIssuer(ctx, want.Settings.Issuer, want.Settings.APIID))
}

func addsOneOfMany(t *testing.T, ks token.KeyStore) {
	by := func(i int) token.MACKey {
		k := macKey(1)
		k.ID = fmt.Sprintf("by%d", i)
		return k
	}
	winner := oneWins(t, 20, token.ErrExists, func(i int) error { return ks.AddMACKey(t.Context(), by(i)) })
	holds(t, ks, token.Records{MAC: []token.MACKey{by(winner)}})
}

// keyStoreGivesUp ends the context before each call, when there is nothing to
// wait for, and during a Load: one that did not return would hang the test.
func keyStoreGivesUp(t *testing.T, ks token.KeyStore) {
	want := token.Records{Signing: []token.SigningKey{signingKey(1)}}
	holds(t, ks, want, ks.AddSigningKey(t.Context(), signingKey(1)))
	ctx, cancel := context.WithCancel(t.Context())
	go cancel()
	if r, err := ks.Load(ctx); err != nil && !errors.Is(err, context.Canceled) || err == nil && len(r.Signing) != 1 {
		t.Errorf("Load with a context that ends = %d keys, %v, want 1 or %v", len(r.Signing), err, context.Canceled)
	}
	<-ctx.Done()
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
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a cancelled context = %v, want %v", name, err, context.Canceled)
		}
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
			holds(t, ks, token.Records{Settings: want}, err)
		}
	}
}

func endBeforeEarlier(t *testing.T, ks token.KeyStore) {
	want := token.Records{Settings: token.Settings{NotBefore: epochOfTests()}}
	for _, before := range []time.Time{epochOfTests(), epochOfTests(), epochOfTests().Add(-time.Millisecond), {}} {
		holds(t, ks, want, ks.EndBefore(t.Context(), before))
	}
}

func cookieDomainsOvertaken(t *testing.T, ks token.KeyStore) {
	ctx := t.Context()
	none := token.CookieDomains{}
	winner := oneWins(t, 20, token.ErrExists, func(i int) error {
		return ks.SetCookieDomains(ctx, none, domains(fmt.Sprint(i)))
	})
	want := token.Settings{Cookies: domains(fmt.Sprint(winner))}
	if err := ks.SetCookieDomains(ctx, domains("another"), none); !errors.Is(err, token.ErrExists) {
		t.Errorf("SetCookieDomains in the place of others than there are = %v, want ErrExists", err)
	}
	holds(t, ks, token.Records{Settings: want})
	holds(t, ks, token.Records{}, ks.SetCookieDomains(ctx, want.Cookies, none))
}
