package sessions_test

import (
	"context"
	"crypto/x509"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/sessionstest"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

const issuer = "https://api.example.com/auth"

// stage is a Manager over the memory store with real keys, a clock set by
// hand, and a store that can be told to fail.
type stage struct {
	m     *sessions.Manager
	store *sessionstest.Counter
	keys  *token.Keyring
	now   time.Time

	mu     sync.Mutex
	events []sessions.Event
}

func newStage(t testing.TB, alg token.Algorithm, issuer string) *stage {
	t.Helper()
	s := &stage{
		store: sessionstest.NewCounter(memory.New()),
		now:   time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC),
	}
	s.keys = newKeyring(t, alg, issuer, func() time.Time { return s.now })
	s.manage(t)
	return s
}

// manage gives the stage its Manager.
func (s *stage) manage(t interface {
	Helper()
	Fatal(...any)
}) {
	t.Helper()
	var err error
	if s.m, err = sessions.New(s.config()); err != nil {
		t.Fatal(err)
	}
}

func (s *stage) config() sessions.Config {
	return sessions.Config{
		Store: s.store, Keys: s.keys, Now: func() time.Time { return s.now },
		Access: time.Hour, Idle: 100 * 24 * time.Hour, Absolute: 365 * 24 * time.Hour,
		Replay: time.Minute, Gap: 90 * time.Second, MaxSessions: 3,
		Events: func(_ context.Context, e sessions.Event) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.events = append(s.events, e)
		},
	}
}

// newKeyring returns a keyring with one key of each kind, in memory.
func newKeyring(t testing.TB, alg token.Algorithm, issuer string, now func() time.Time) *token.Keyring {
	t.Helper()
	ctx, store, sealer := context.Background(), memory.NewKeys(), memory.NewSealer([32]byte{1})
	sealed, err := sealer.Seal(ctx, token.PurposeMAC, "m1", []byte("0123456789abcdef0123456789abcdef"))
	must(t, err)
	must(t, store.AddMACKey(ctx, token.MACKey{Number: 1, ID: "m1", Sealed: sealed, ActiveFrom: now()}))
	must(t, store.AddSigningKey(ctx, newSigningKey(t, alg, sealer, now())))
	must(t, store.SetIssuer(ctx, issuer, ""))
	k, err := token.NewKeyring(token.KeyringConfig{
		Store: store, Sealer: sealer, AccessLifetime: time.Hour, Now: now,
	})
	must(t, err)
	return k
}

func newSigningKey(t testing.TB, alg token.Algorithm, sealer token.Sealer, from time.Time) token.SigningKey {
	t.Helper()
	key, err := token.Generate(alg)
	must(t, err)
	kid, err := token.Thumbprint(key.Public())
	must(t, err)
	jwk, err := token.PublicJWK(kid, alg, key.Public())
	must(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	sealed, err := sealer.Seal(context.Background(), token.PurposeSigning, kid, secret)
	must(t, err)
	return token.SigningKey{Number: 1, ID: kid, Algorithm: alg, Public: jwk, Sealed: sealed, ActiveFrom: from}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// start signs the user in.
func (s *stage) start(t testing.TB, user string) sessions.Grant {
	t.Helper()
	s.now = s.now.Add(time.Second)
	epoch, err := s.m.Epoch(t.Context(), "public", user)
	must(t, err)
	g, err := s.m.Start(t.Context(), sessions.StartRequest{Epoch: epoch})
	must(t, err)
	return g
}
