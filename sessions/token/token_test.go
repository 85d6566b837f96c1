package token_test

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

const (
	issuer   = "https://api.example.com/auth"
	lifetime = time.Hour
)

// clock is a clock that tests turn by hand.
type clock struct{ unix atomic.Int64 }

func newClock() *clock {
	c := new(clock)
	c.unix.Store(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Unix())
	return c
}

func (c *clock) now() time.Time          { return time.Unix(c.unix.Load(), 0).UTC() }
func (c *clock) advance(d time.Duration) { c.unix.Add(int64(d / time.Second)) }

var errDown = errors.New("store is down")

// store is a key store that counts loads, and can be down.
type store struct {
	token.KeyStore // nil
	mu             sync.Mutex
	records        token.Records
	down           bool
	loads          atomic.Int64
}

func (s *store) Load(context.Context) (token.Records, error) {
	s.loads.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return token.Records{}, errDown
	}
	r := s.records
	r.Signing, r.MAC = slices.Clone(r.Signing), slices.Clone(r.MAC)
	return r, nil
}

func (s *store) AddSigningKey(_ context.Context, k token.SigningKey) error {
	return s.change(func(r *token.Records) error {
		if k.Number != len(r.Signing)+1 {
			return token.ErrExists
		}
		r.Signing = append(r.Signing, k)
		return nil
	})
}

func (s *store) RevokeSigningKey(_ context.Context, number int) error {
	return s.change(func(r *token.Records) error {
		r.Signing[number-1].Revoked = true
		return nil
	})
}

func (s *store) endBefore(notBefore time.Time) {
	_ = s.change(func(r *token.Records) error { r.Settings.NotBefore = notBefore; return nil })
}

func (s *store) addMAC(k token.MACKey) {
	_ = s.change(func(r *token.Records) error { r.MAC = append(r.MAC, k); return nil })
}

func (s *store) change(f func(*token.Records) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f(&s.records)
}

func (s *store) setDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// open is a sealer that does not seal, and counts how often it opens. A secret
// of MAC keys opens as one, and no other does.
type open struct{ opens *atomic.Int64 }

func (open) Seal(_ context.Context, _, _ string, secret []byte) ([]byte, error) { return secret, nil }

func (o open) Open(_ context.Context, purpose, _ string, sealed []byte) ([]byte, error) {
	o.opens.Add(1)
	if (purpose == token.PurposeMAC) != (len(sealed) == token.MACSize) {
		return nil, errors.New("sealed for another purpose")
	}
	return sealed, nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newKey makes a key record.
func newKey(t testing.TB, a token.Algorithm, number int, from time.Time) (token.SigningKey, crypto.Signer) {
	t.Helper()
	key, err := token.Generate(a)
	must(t, err)
	return recordOf(t, a, key, number, from), key
}

func recordOf(t testing.TB, a token.Algorithm, key crypto.Signer, number int, from time.Time) token.SigningKey {
	t.Helper()
	kid, err := token.Thumbprint(key.Public())
	must(t, err)
	jwk, err := token.PublicJWK(kid, a, key.Public())
	must(t, err)
	sealed, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	return token.SigningKey{Number: number, ID: kid, Algorithm: a, Public: jwk, Sealed: sealed, ActiveFrom: from}
}

// bench is one process with one key of each kind in its store.
type bench struct {
	*clock
	*store
	ring     *token.Keyring
	verifier *token.Verifier
	key      crypto.Signer // of the signing key
	record   token.SigningKey
}

func newBench(t testing.TB, a token.Algorithm) *bench {
	t.Helper()
	key, err := token.Generate(a)
	must(t, err)
	return newBenchOf(t, a, key)
}

func newBenchOf(t testing.TB, a token.Algorithm, key crypto.Signer) *bench {
	t.Helper()
	b := &bench{clock: newClock(), store: new(store), key: key}
	b.record = recordOf(t, a, key, 1, b.now().Add(-time.Hour))
	b.records = token.Records{
		Settings: token.Settings{Issuer: issuer, APIID: "api"},
		Signing:  []token.SigningKey{b.record},
		MAC:      []token.MACKey{{Number: 1, ID: "m1", Sealed: make([]byte, token.MACSize), ActiveFrom: b.now()}},
	}
	b.ring, b.verifier = newRing(t, b.store, b.now, 0)
	return b
}

// newRing returns another process over the same store.
func newRing(t testing.TB, s token.KeyStore, now func() time.Time, cache int) (*token.Keyring, *token.Verifier) {
	t.Helper()
	ring, err := token.NewKeyring(token.KeyringConfig{
		Store: s, Sealer: open{new(atomic.Int64)}, AccessLifetime: lifetime, Now: now,
	})
	must(t, err)
	verifier, err := token.NewVerifier(token.VerifierConfig{Keys: ring, MaxLifetime: lifetime, CacheSize: cache, Now: now})
	must(t, err)
	return ring, verifier
}

// claims are those of a good token.
func (b *bench) claims() token.Claims { return goodClaims(b.now()) }

func goodClaims(now time.Time) token.Claims {
	return token.Claims{
		Issuer: issuer, Audience: issuer, Subject: "user", RecipeUser: "recipe", Tenant: "public", Handle: "handle",
		IssuedAt: now, Expires: now.Add(lifetime),
		Custom: json.RawMessage(`{"st-role":{"v":["admin"],"t":1}}`),
	}
}

// claimsOf are those of a good token of another user.
func (b *bench) claimsOf(user string) token.Claims {
	c := b.claims()
	c.Subject = user
	return c
}

func (b *bench) sign(t testing.TB, c token.Claims) string {
	t.Helper()
	signer, err := b.ring.Signer(t.Context())
	must(t, err)
	raw, err := signer.Sign(c)
	must(t, err)
	return raw
}

// header is the one that our signer writes.
func (b *bench) header() string {
	return `{"alg":"` + string(b.record.Algorithm) + `","kid":"` + b.record.ID + `","typ":"at+jwt"}`
}

// payload is that of a good token.
func (b *bench) payload(t testing.TB) string {
	t.Helper()
	p, err := b.claims().Payload()
	must(t, err)
	return string(p)
}

// forge signs any header and payload with the right key.
func (b *bench) forge(t testing.TB, header, payload string) string {
	t.Helper()
	return b.seal(t, encode(header)+"."+encode(payload))
}

// seal adds the signature to two segments.
func (b *bench) seal(t testing.TB, segments string) string {
	t.Helper()
	signature, err := jwt.GetSigningMethod(string(b.record.Algorithm)).Sign(segments, b.key)
	must(t, err)
	return segments + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func encode(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
