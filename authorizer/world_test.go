package authorizer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
	"github.com/latchkey-auth/latchkey/sessions/keys"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

const (
	apiID  = "abcdef123" // the stack's own API
	issuer = "https://api.example.com/auth"
	origin = "https://app.example.com" // a page that may use cookies
)

// clock is a time that tests move.
type clock struct{ ms atomic.Int64 }

func (c *clock) Now() time.Time          { return time.UnixMilli(c.ms.Load()).UTC() }
func (c *clock) Advance(d time.Duration) { c.ms.Add(d.Milliseconds()) }
func newClock() *clock                   { c := &clock{}; c.ms.Store(1_772_366_400_123); return c }

// store counts reads of sessions, and fails when it is down.
type store struct {
	*memory.Store
	down   atomic.Bool
	reads  atomic.Int64
	answer func(sessions.Session) (sessions.Session, error) // what becomes of what is read; nil: nothing
}

func (s *store) Get(ctx context.Context, h sessions.Handle) (sessions.Session, sessions.User, error) {
	s.reads.Add(1)
	if s.down.Load() {
		return sessions.Session{}, sessions.User{}, errors.New("connection refused")
	}
	session, u, err := s.Store.Get(ctx, h)
	if err == nil && s.answer != nil {
		session, err = s.answer(session)
	}
	return session, u, err
}

// world is an authorizer over real tokens and sessions, in memory.
type world struct {
	t       testing.TB
	clock   *clock
	keyring *token.Keyring
	manager *sessions.Manager
	store   *store
	config  authorizer.Config
	log     *bytes.Buffer
}

func newWorld(t testing.TB, alg token.Algorithm) *world {
	t.Helper()
	w := &world{t: t, clock: newClock(), store: &store{Store: memory.New()}, log: &bytes.Buffer{}}
	w.keyring = newKeyring(t, alg, issuer, w.clock.Now)
	var err error
	w.manager, err = sessions.New(sessions.Config{
		Store: w.store, Keys: w.keyring, Now: w.clock.Now,
		Access: time.Hour, Idle: 100 * 24 * time.Hour, Absolute: 365 * 24 * time.Hour,
		ReplayWindow: time.Minute, RotationGap: 90 * time.Second, MaxSessions: 100,
	})
	must(t, err)
	verifier, err := token.NewVerifier(token.VerifierConfig{Keys: w.keyring, MaxLifetime: 24 * time.Hour, Now: w.clock.Now})
	must(t, err)
	csrf, err := fdi.New(fdi.Config{Secure: true, Origins: []string{origin}})
	must(t, err)
	w.config = authorizer.Config{
		Verifier: verifier, Sessions: w.manager, CSRF: csrf, Settings: w.keyring.Settings,
		Log: slog.New(slog.NewTextHandler(w.log, nil)), Now: w.clock.Now,
	}
	return w
}

// newKeyring returns a keyring with the first keys of an issuer.
func newKeyring(t testing.TB, alg token.Algorithm, issuer string, now func() time.Time) *token.Keyring {
	t.Helper()
	store, sealer := memory.NewKeys(), memory.NewSealer([32]byte{1})
	keeper, err := keys.New(keys.Config{Store: store, Sealer: sealer, Algorithm: alg, Every: 168 * time.Hour, Now: now})
	must(t, err)
	must(t, keeper.Bootstrap(context.Background(), issuer, apiID))
	keyring, err := token.NewKeyring(token.KeyringConfig{
		Store: store, Sealer: sealer, AccessLifetime: time.Hour, Now: now,
		Log: slog.New(slog.DiscardHandler),
	})
	must(t, err)
	return keyring
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// signIn starts a session of the user, who has the claims.
func (w *world) signIn(user, claims string) sessions.Grant {
	w.t.Helper()
	return w.signInAt("public", user, claims)
}

func (w *world) signInAt(tenant, user, claims string) sessions.Grant {
	w.t.Helper()
	ctx := context.Background()
	epoch, err := w.manager.Epoch(ctx, tenant, user)
	must(w.t, err)
	if claims != "" {
		w.mergeAt(tenant, user, claims)
	}
	g, err := w.manager.Start(ctx, sessions.StartRequest{Epoch: epoch})
	must(w.t, err)
	return g
}

// merge changes the user's claims.
func (w *world) merge(user, claims string) {
	w.t.Helper()
	w.mergeAt("public", user, claims)
}

func (w *world) mergeAt(tenant, user, claims string) {
	w.t.Helper()
	_, _, err := w.manager.MergeUserClaims(context.Background(), tenant, user, json.RawMessage(claims), nil)
	must(w.t, err)
}

func (w *world) revoke(g sessions.Grant) {
	w.t.Helper()
	must(w.t, w.manager.Revoke(context.Background(), g.Session.Handle, "test"))
}

// authorizer returns the authorizer of the configuration as it is now.
func (w *world) authorizer() *authorizer.Authorizer {
	w.t.Helper()
	a, err := authorizer.New(w.config)
	must(w.t, err)
	return a
}

// ask sends the event and returns what the gateway makes of the answer:
// allow, 401, 403 or 500.
func (w *world) ask(e event) string {
	w.t.Helper()
	return w.send(w.authorizer(), e).outcome(e)
}

func (w *world) send(a *authorizer.Authorizer, e event) reply {
	w.t.Helper()
	return invoke(w.t, a, e.invocation(), e.encode())
}

// sendBytes sends what is no event of ours, from outside of Lambda.
func sendBytes(t testing.TB, a *authorizer.Authorizer, payload []byte) reply {
	t.Helper()
	return invoke(t, a, context.Background(), payload)
}

func invoke(t testing.TB, a *authorizer.Authorizer, ctx context.Context, payload []byte) reply {
	t.Helper()
	body, err := a.Invoke(ctx, payload)
	if err != nil {
		if body != nil {
			t.Fatalf("Invoke returns both an answer and %v", err)
		}
		return reply{err: err}
	}
	var r reply
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	must(t, decoder.Decode(&r))
	if _, err := decoder.Token(); err != io.EOF {
		t.Fatalf("Invoke writes more than one value: %s", body)
	}
	if r.PrincipalID == "" {
		t.Errorf("principalId is empty: %s", body)
	}
	return r
}
