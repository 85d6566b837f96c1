package linearizable

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
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
	apiID     = "abcdef123"
	instances = 4
)

// clock is the time of all instances. It goes on with the calls that are made.
type clock struct{ at atomic.Int64 }

func (c *clock) Now() time.Time       { return time.UnixMilli(c.at.Load()).UTC() }
func (c *clock) pass(d time.Duration) { c.at.Add(d.Milliseconds()) }

// instance is what runs in one sandbox.
type instance struct {
	*sessions.Manager
	gate *authorizer.Authorizer
}

// stack is some instances over one store.
type stack struct {
	clock     *clock
	instances []instance
}

// newStack returns a stack each of whose instances opens the store.
func newStack(t *testing.T, open func() sessions.Store) *stack {
	t.Helper()
	s := &stack{clock: &clock{}}
	s.clock.at.Store(1_772_366_400_123)
	keys := newRing(t, s.clock.Now().Add(-time.Hour))
	for range instances {
		s.instances = append(s.instances, s.instance(t, open(), keys))
	}
	return s
}

func (s *stack) instance(t *testing.T, store sessions.Store, keys ring) instance {
	t.Helper()
	keyring, err := token.NewKeyring(token.KeyringConfig{
		Store: keys.store, Sealer: keys.sealer, AccessLifetime: time.Hour,
		Now: s.clock.Now, Log: slog.New(slog.DiscardHandler),
	})
	must(t, err)
	manager, err := sessions.New(sessions.Config{
		Store: store, Keys: keyring, Now: s.clock.Now,
		Access: time.Hour, Idle: 100 * 24 * time.Hour, Absolute: 365 * 24 * time.Hour,
		ReplayWindow: time.Minute, RotationGap: 90 * time.Second, MaxSessions: 100,
	})
	must(t, err)
	verifier, err := token.NewVerifier(token.VerifierConfig{Keys: keyring, MaxLifetime: 24 * time.Hour, Now: s.clock.Now})
	must(t, err)
	csrf, err := fdi.New(fdi.Config{Secure: true})
	must(t, err)
	gate, err := authorizer.New(authorizer.Config{
		Verifier: verifier, Sessions: sessions.NewChecker(store, keyring, s.clock.Now), CSRF: csrf,
		Log: slog.New(slog.DiscardHandler), Now: s.clock.Now,
		Settings: keyring.Settings,
		Rules:    []authorizer.Rule{{Route: "POST /reports", Claims: []authorizer.Validator{authorizer.Includes("st-role", "admin")}}},
	})
	must(t, err)
	return instance{manager, gate}
}

// ask authorizes a request to an HTTP API.
func (i instance) ask(ctx context.Context, operation Operation, access string) Answer {
	method, path := string(operation), "/notes"
	if operation == Report {
		method, path = "POST", "/reports"
	}
	route := method + " " + path
	event, err := json.Marshal(map[string]any{
		"version": "2.0", "type": "REQUEST", "routeKey": route,
		"routeArn": "arn:aws:execute-api:eu-west-1:123456789012:" + apiID + "/$default/" + method + path,
		"headers":  map[string]string{"authorization": "Bearer " + access},
		"requestContext": map[string]any{
			"apiId": apiID, "routeKey": route, "http": map[string]any{"method": method},
		},
	})
	if err != nil {
		return Unknown
	}
	policy, err := i.gate.Invoke(ctx, event)
	switch {
	case err == nil && strings.Contains(string(policy), `"Effect":"Deny"`):
		return Denied
	case err == nil:
		return Done
	case errors.Is(err, authorizer.ErrUnauthorized):
		return Refused
	}
	return Unknown
}

// ring is where the keys of all instances are.
type ring struct {
	store  *memory.Keys
	sealer *memory.Sealer
}

// newRing makes keys that are in use at now.
func newRing(t *testing.T, now time.Time) ring {
	t.Helper()
	r := ring{memory.NewKeys(), memory.NewSealer([32]byte{1})}
	keeper, err := keys.New(keys.Config{
		Store: r.store, Sealer: r.sealer, Algorithm: token.EdDSA, Every: 24 * time.Hour, Now: func() time.Time { return now },
	})
	must(t, err)
	must(t, keeper.Bootstrap(t.Context(), "https://api.example.com/auth", apiID))
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
