package token_test

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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

// store is a key store that counts loads and can be down.
type store struct {
	mu      sync.Mutex
	records token.Records
	down    bool
	loads   atomic.Int64
}

func (s *store) Load(context.Context) (token.Records, error) {
	s.loads.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return token.Records{}, errDown
	}
	r := s.records
	r.Signing = append([]token.SigningKey(nil), r.Signing...)
	r.MAC = append([]token.MACKey(nil), r.MAC...)
	return r, nil
}

func (s *store) AddSigningKey(_ context.Context, k token.SigningKey) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k.Number != len(s.records.Signing)+1 {
		return token.ErrExists
	}
	s.records.Signing = append(s.records.Signing, k)
	return nil
}

func (s *store) RevokeSigningKey(_ context.Context, number int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records.Signing[number-1].Revoked = true
	return nil
}

func (s *store) AddMACKey(_ context.Context, k token.MACKey) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records.MAC = append(s.records.MAC, k)
	return nil
}

func (s *store) PutSettings(_ context.Context, settings token.Settings) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records.Settings = settings
	return nil
}

func (s *store) setDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// open is a sealer that does not seal.
type open struct{}

func (open) Seal(_ context.Context, _, _ string, secret []byte) ([]byte, error) { return secret, nil }
func (open) Open(_ context.Context, _, _ string, sealed []byte) ([]byte, error) { return sealed, nil }

// newKey makes a key record.
func newKey(t testing.TB, a token.Algorithm, number int, from time.Time) (token.SigningKey, crypto.Signer) {
	t.Helper()
	key, err := token.Generate(a)
	if err != nil {
		t.Fatal(err)
	}
	kid, err := token.Thumbprint(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	jwk, err := token.PublicJWK(kid, a, key.Public())
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return token.SigningKey{Number: number, ID: kid, Algorithm: a, Public: jwk, Sealed: sealed, ActiveFrom: from}, key
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
	b := &bench{clock: newClock(), store: new(store)}
	b.record, b.key = newKey(t, a, 1, b.now().Add(-time.Hour))
	b.records = token.Records{
		Settings: token.Settings{Issuer: issuer, APIID: "api"},
		Signing:  []token.SigningKey{b.record},
		MAC:      []token.MACKey{{Number: 1, ID: "m1", Sealed: make([]byte, token.MACSize), Created: b.now()}},
	}
	b.ring, b.verifier = newRing(t, b.store, b.now, 0)
	return b
}

// newRing returns another process over the same store.
func newRing(t testing.TB, s token.KeyStore, now func() time.Time, cache int) (*token.Keyring, *token.Verifier) {
	t.Helper()
	ring, err := token.NewKeyring(token.KeyringConfig{Store: s, Sealer: open{}, AccessLifetime: lifetime, Idle: 24 * time.Hour, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := token.NewVerifier(token.VerifierConfig{Keys: ring, MaxLifetime: lifetime, CacheSize: cache, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return ring, verifier
}

// claims are those of a good token.
func (b *bench) claims() token.Claims {
	return token.Claims{
		Issuer: issuer, Audience: issuer, Subject: "user", RecipeUser: "recipe", Tenant: "public", Handle: "handle",
		IssuedAt: b.now(), Expires: b.now().Add(lifetime),
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
	if err != nil {
		t.Fatal(err)
	}
	raw, err := signer.Sign(c)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
