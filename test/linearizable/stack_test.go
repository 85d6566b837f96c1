//go:build dynamodb

package linearizable

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
)

const apiID = "abcdef123"

// clock is the time of all instances. It goes on with the calls that are made.
type clock struct{ at atomic.Int64 }

func (c *clock) Now() time.Time       { return time.UnixMilli(c.at.Load()).UTC() }
func (c *clock) pass(d time.Duration) { c.at.Add(d.Milliseconds()) }

// instance is what runs in one sandbox.
type instance struct {
	*sessions.Manager
	gate *authorizer.Authorizer
}

// stack is some instances over one table.
type stack struct {
	clock     *clock
	instances []instance
}

// newStack returns a stack whose instances reach the table as connect says.
func newStack(t *testing.T, instances int, connect func() dynamo.Client) *stack {
	t.Helper()
	s := &stack{clock: &clock{}}
	s.clock.at.Store(1_772_366_400_123)
	table := dynamolocal.Table(t, dynamo.SessionsTable)
	keys := newKeys(t, s.clock.Now())
	for range instances {
		s.instances = append(s.instances, s.instance(t, dynamo.New(connect(), table), keys))
	}
	return s
}

func (s *stack) instance(t *testing.T, store sessions.Store, keys keys) instance {
	t.Helper()
	keyring, err := token.NewKeyring(token.KeyringConfig{
		Store: keys.store, Sealer: keys.sealer, AccessLifetime: time.Hour,
		Now: s.clock.Now, Log: slog.New(slog.DiscardHandler),
	})
	must(t, err)
	manager, err := sessions.New(sessions.Config{
		Store: store, Keys: keyring, Now: s.clock.Now,
		Access: time.Hour, Idle: 100 * 24 * time.Hour, Absolute: 365 * 24 * time.Hour,
		Replay: time.Minute, Gap: 90 * time.Second, MaxSessions: 100,
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

// keys are the keys of all instances.
type keys struct {
	store  *memory.Keys
	sealer *memory.Sealer
}

func newKeys(t *testing.T, now time.Time) keys {
	t.Helper()
	ctx := t.Context()
	k := keys{memory.NewKeys(), memory.NewSealer([32]byte{1})}
	private, err := token.Generate(token.EdDSA)
	must(t, err)
	kid, err := token.Thumbprint(private.Public())
	must(t, err)
	jwk, err := token.PublicJWK(kid, token.EdDSA, private.Public())
	must(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	sealed, err := k.sealer.Seal(ctx, token.PurposeSigning, kid, pkcs8)
	must(t, err)
	must(t, k.store.AddSigningKey(ctx, token.SigningKey{
		Number: 1, ID: kid, Algorithm: token.EdDSA, Public: jwk, Sealed: sealed, ActiveFrom: now.Add(-time.Hour),
	}))
	sealed, err = k.sealer.Seal(ctx, token.PurposeMAC, "m1", make([]byte, token.MACSize))
	must(t, err)
	must(t, k.store.AddMACKey(ctx, token.MACKey{Number: 1, ID: "m1", Sealed: sealed, ActiveFrom: now.Add(-time.Hour)}))
	must(t, k.store.SetIssuer(ctx, "https://api.example.com/auth", apiID))
	return k
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
