package token_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	josejwt "github.com/go-jose/go-jose/v4/jwt"
	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// FuzzVerify: any text at all is refused for one of three reasons, and what
// is accepted is what was signed. Nobody can forge, so only the seed passes.
func FuzzVerify(f *testing.F) {
	b := newBench(f, token.ES256)
	good := b.sign(f, b.claims())
	f.Add(good)
	f.Add(b.sign(f, b.claimsOf("other")))
	f.Add("..")
	f.Fuzz(func(t *testing.T, raw string) {
		c, err := b.verifier.Verify(t.Context(), raw)
		switch {
		case err == nil && (raw[:strings.LastIndexByte(raw, '.')] == good[:strings.LastIndexByte(good, '.')] || c.Subject == "other"):
		case err == nil:
			t.Errorf("Verify(%s) = %v, want an error", raw, c)
		case !errors.Is(err, token.ErrInvalid) && !errors.Is(err, token.ErrExpired):
			t.Errorf("Verify(%q) = %v, want ErrInvalid or ErrExpired", raw, err)
		}
		if err == nil && !token.LooksLikeOurs(raw) {
			t.Errorf("LooksLikeOurs(%s) = false of a good token", raw)
		}
	})
}

// FuzzSubset signs any header and payload with the right key. What we accept,
// two other libraries accept as well, and all read the same claims from it.
// And it is what our own signer could have signed.
func FuzzSubset(f *testing.F) {
	b := newBench(f, token.ES256)
	header, payload := b.header(), b.payload(f)
	f.Add(header, payload)
	f.Add(strings.ReplaceAll(header, ",", " ,\n"), payload)
	f.Add(header, strings.Replace(payload, "{", `{"nbf":1767323040,`, 1))
	f.Add(header, strings.Replace(payload, "{", `{"SUB":"x","a":1e999,"b":[[],{}],"c":"\u2028"`+",", 1))
	for _, member := range []string{`"crit":["b64"]`, `"alg":"none"`, `"jwk":{}`} {
		f.Add("{"+member+","+header[1:], payload)
	}
	for _, member := range []string{`"sub":"admin"`, `"\u0073ub":"admin"`, `"exp":"1"`, `"ſub":1`, `"aud":["a"]`} {
		f.Add(header, "{"+member+","+payload[1:])
	}
	f.Fuzz(func(t *testing.T, header, payload string) {
		raw := b.forge(t, header, payload)
		_, verifier := newRing(t, b.store, b.now, 2)
		c, err := verifier.Verify(t.Context(), raw)
		if err != nil {
			return
		}
		agrees(t, "golang-jwt", raw, c, b.golangJWT)
		agrees(t, "go-jose", raw, c, b.goJose)
		again, err := c.Payload()
		if err != nil {
			return // a name that we protect and others may use
		}
		d, err := verifier.Verify(t.Context(), b.forge(t, b.header(), string(again)))
		if err != nil || !sameClaims(c, d) {
			t.Errorf("Verify(%s signed again) = %v, %v, want %v", raw, d, err, c)
		}
	})
}

func agrees(t *testing.T, name, raw string, c token.Claims, other func(string) (string, time.Time, error)) {
	t.Helper()
	subject, expires, err := other(raw)
	if err != nil || subject != c.Subject || !expires.Equal(c.Expires) {
		t.Errorf("%s reads %s as %q until %v, %v; we as %q until %v", name, raw, subject, expires, err, c.Subject, c.Expires)
	}
}

// golangJWT verifies with golang-jwt, all of its checks on.
func (b *bench) golangJWT(raw string) (string, time.Time, error) {
	claims := jwt.MapClaims{}
	_, err := jwt.NewParser(
		jwt.WithValidMethods([]string{string(b.record.Algorithm)}), jwt.WithStrictDecoding(), jwt.WithJSONNumber(), jwt.WithIssuer(issuer),
		jwt.WithAudience(issuer), jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithTimeFunc(b.now), jwt.WithLeeway(10*time.Second),
	).ParseWithClaims(raw, claims, func(*jwt.Token) (any, error) { return b.key.Public(), nil })
	if err != nil {
		return "", time.Time{}, err
	}
	subject, err := claims.GetSubject()
	if err != nil {
		return "", time.Time{}, err
	}
	expires, err := claims.GetExpirationTime()
	if err != nil {
		return "", time.Time{}, err
	}
	return subject, expires.Time, nil
}

// goJose verifies with go-jose, all of its checks on.
func (b *bench) goJose(raw string) (string, time.Time, error) {
	parsed, err := josejwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(b.record.Algorithm)})
	if err != nil {
		return "", time.Time{}, err
	}
	var c josejwt.Claims
	if err := parsed.Claims(b.key.Public(), &c); err != nil {
		return "", time.Time{}, err
	}
	expected := josejwt.Expected{Issuer: issuer, AnyAudience: josejwt.Audience{issuer}, Time: b.now()}
	if err := c.ValidateWithLeeway(expected, 10*time.Second); err != nil {
		return "", time.Time{}, err
	}
	return c.Subject, c.Expiry.Time(), nil
}
