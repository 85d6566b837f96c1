package token_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	josejwt "github.com/go-jose/go-jose/v4/jwt"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// FuzzSubset signs any header and payload with the right key, of ES256 or
// EdDSA, as JSON or as segments that are encoded already. What we accept,
// another library accepts as well, and reads the same claims from it. And it is
// what our own signer could have signed.
func FuzzSubset(f *testing.F) {
	benches := map[bool]*bench{false: fuzzBench(f, token.ES256), true: fuzzBench(f, token.EdDSA)}
	for edwards, b := range benches {
		header, payload := b.header(), b.payload(f)
		seed := func(header, payload string) { f.Add(edwards, false, header, payload) }
		seed(header, payload)
		seed(strings.ReplaceAll(header, ",", " ,\n"), payload)
		seed(header, strings.Replace(payload, "{", `{"nbf":1767323040,`, 1))
		seed(header, strings.Replace(payload, "{", `{"SUB":"x","a":1e999,"b":[[],{}],"c":"\u2028"`+",", 1))
		for _, member := range []string{`"crit":["b64"]`, `"alg":"none"`, `"jwk":{}`} {
			seed("{"+member+","+header[1:], payload)
		}
		for _, member := range []string{`"sub":"admin"`, `"\u0073ub":"admin"`, `"exp":"1"`, `"ſub":1`, `"aud":["a"]`} {
			seed(header, "{"+member+","+payload[1:])
		}
		for _, c := range []string{"", "\n", "=", "."} {
			f.Add(edwards, true, encode(header)+c, encode(payload)+c)
		}
	}
	f.Fuzz(func(t *testing.T, edwards, encoded bool, header, payload string) {
		b := benches[edwards]
		segments := header + "." + payload
		if !encoded {
			segments = encode(header) + "." + encode(payload)
		}
		b.isInSubset(t, b.seal(t, segments))
	})
}

// isInSubset fails unless a token that we accept is accepted by go-jose too and
// could be our own.
func (b *bench) isInSubset(t *testing.T, raw string) {
	_, verifier := newRing(t, b.store, b.now, 2)
	c, err := verifier.Verify(t.Context(), raw)
	if err != nil {
		if !errors.Is(err, token.ErrInvalid) && !errors.Is(err, token.ErrExpired) {
			t.Errorf("Verify(%q) = %v, want ErrInvalid or ErrExpired", raw, err)
		}
		return
	}
	subject, expires, err := b.goJose(raw)
	if err != nil || subject != c.Subject || !expires.Equal(c.Expires) || !token.LooksLikeOurs(raw) {
		t.Errorf("go-jose reads %s as %q until %v, %v; we as %q until %v", raw, subject, expires, err, c.Subject, c.Expires)
	}
	again, err := c.Payload()
	if err != nil {
		return // a name that we protect and others may use
	}
	d, err := verifier.Verify(t.Context(), b.forge(t, b.header(), string(again)))
	if err != nil || !sameClaims(c, d) {
		t.Errorf("Verify(%s signed again) = %v, %v, want %v", raw, d, err, c)
	}
}

// fuzzBench has the same key in every process: inputs made in one, seeds among
// them, are tried in others.
func fuzzBench(f *testing.F, a token.Algorithm) *bench {
	f.Helper()
	seed := sha256.Sum256([]byte("a key for fuzzing"))
	if a == token.EdDSA {
		return newBenchOf(f, a, ed25519.NewKeyFromSeed(seed[:]))
	}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed[:])
	must(f, err)
	return newBenchOf(f, a, key)
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
