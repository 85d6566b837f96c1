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

func (c *clock) now() time.Time          { return time.Unix(c.unix.Load(), 0).UTC() }
func (c *clock) advance(d time.Duration) { c.unix.Add(int64(d / time.Second)) }

var errDown = errors.New("store is down")

// store is where keys are loaded from. It counts loads.
type store struct {
	mu      sync.Mutex
	records token.Records
	answer  func(context.Context, token.Records) (token.Records, error) // nil: the records
	loads   atomic.Int64
}

func (s *store) Load(ctx context.Context) (token.Records, error) {
	s.loads.Add(1)
	s.mu.Lock()
	r, answer := s.records, s.answer
	r.Signing, r.MAC = slices.Clone(r.Signing), slices.Clone(r.MAC)
	s.mu.Unlock()
	if answer == nil {
		return r, nil
	}
	return answer(ctx, r)
}

func (s *store) change(f func(*token.Records)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.records)
}

func (s *store) add(k token.SigningKey) {
	s.change(func(r *token.Records) { r.Signing = append(r.Signing, k) })
}

func (s *store) setDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answer = nil; down {
		s.answer = func(context.Context, token.Records) (token.Records, error) { return token.Records{}, errDown }
	}
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

// newKey makes the record of a new key.
func newKey(t testing.TB, a token.Algorithm, number int, from time.Time) token.SigningKey {
	t.Helper()
	key, err := token.Generate(a)
	must(t, err)
	return recordOf(t, a, key, number, from)
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
	b := &bench{clock: new(clock), store: new(store), key: key}
	b.unix.Store(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Unix())
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
func newRing(t testing.TB, s *store, now func() time.Time, cache int) (*token.Keyring, *token.Verifier) {
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
func (b *bench) claims() token.Claims {
	return token.Claims{
		Issuer: issuer, Audience: issuer, Subject: "user", RecipeUser: "recipe", Tenant: "public", Handle: "handle",
		IssuedAt: b.now(), Expires: b.now().Add(lifetime),
		Custom: json.RawMessage(`{"st-role":{"v":["admin"],"t":1}}`),
	}
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
