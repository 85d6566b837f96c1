package fdi_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// manager returns a Manager in memory whose access tokens are as long as they
// get: RS256, with an issuer of the given length.
func manager(t *testing.T, issuer string) *sessions.Manager {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, keys, sealer := context.Background(), memory.NewKeys(), memory.NewSealer([32]byte{1})
	private, err := token.Generate(token.RS256)
	check(err)
	kid, err := token.Thumbprint(private.Public())
	check(err)
	jwk, err := token.PublicJWK(kid, token.RS256, private.Public())
	check(err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	check(err)
	sealed, err := sealer.Seal(ctx, "signing", kid, pkcs8)
	check(err)
	check(keys.AddSigningKey(ctx, token.SigningKey{Number: 1, ID: kid, Algorithm: token.RS256, Public: jwk, Sealed: sealed, ActiveFrom: signedIn()}))
	sealed, err = sealer.Seal(ctx, "mac", "m1", bytes.Repeat([]byte{2}, 32))
	check(err)
	check(keys.AddMACKey(ctx, token.MACKey{Number: 1, ID: "m1", Sealed: sealed, ActiveFrom: signedIn()}))
	check(keys.SetIssuer(ctx, issuer, ""))
	ring, err := token.NewKeyring(token.KeyringConfig{Store: keys, Sealer: sealer, AccessLifetime: time.Hour, Now: signedIn})
	check(err)
	m, err := sessions.New(sessions.Config{
		Store: memory.New(), Keys: ring, Now: signedIn,
		Access: time.Hour, Idle: 100 * 24 * time.Hour, Absolute: 365 * 24 * time.Hour, Gap: time.Minute, MaxSessions: 100,
	})
	check(err)
	return m
}

// start signs a user in with as many claims as the user and a session may have.
func start(t *testing.T, m *sessions.Manager, user string) (sessions.Grant, error) {
	t.Helper()
	full := func(name string, size int) json.RawMessage {
		return json.RawMessage(`{"` + name + `":"` + strings.Repeat("x", size-8) + `"}`)
	}
	ctx := context.Background()
	epoch, err := m.Epoch(ctx, "public", user)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := m.MergeUserClaims(ctx, "public", user, full("a", 600), nil); err != nil {
		t.Fatal(err)
	}
	return m.Start(ctx, sessions.StartRequest{Epoch: epoch, Claims: full("b", 1000)})
}

// The sizes that sessions reckon with are the real ones: the most claims that
// there can be make a front-token and tokens, each with its cookie's name, of
// at most 4,096 bytes each, or the names leave no room for them.
func TestLargestClaimsFit(t *testing.T) {
	const limit = 4096
	for name, test := range map[string]struct {
		issuer, user string
		err          error
	}{
		"short names":     {"https://a.example/auth", "u", nil},
		"long issuer":     {"https://" + strings.Repeat("a", 180) + ".example/auth", "5b3a2f0e-9c1d-4e7a-8b6f-0d2c4a6e8f10", nil},
		"very long user":  {"https://a.example/auth", strings.Repeat("u", 256), nil},
		"quotes in names": {"https://a.example/auth", strings.Repeat(`"`, 100), nil},
		"both very long":  {"https://" + strings.Repeat("a", 180) + ".example/auth", strings.Repeat("u", 256), nil},
		"all quotes":      {"https://a.example/auth", strings.Repeat(`"`, 256), sessions.ErrUser},
	} {
		t.Run(name, func(t *testing.T) {
			g, err := start(t, manager(t, test.issuer), test.user)
			if !errors.Is(err, test.err) {
				t.Fatalf("Start = %v, want %v", err, test.err)
			}
			if err != nil {
				return
			}
			if got := largest(t, g); got > limit || len(g.Claims.Custom) < 1590 {
				t.Errorf("claims of %d bytes make %d bytes, want at most %d", len(g.Claims.Custom), got, limit)
			}
		})
	}
}

// largest returns the size of the largest of the front-token, with the name of
// the cookie that frontends keep it in, and the tokens.
func largest(t *testing.T, g sessions.Grant) int {
	t.Helper()
	reply, err := protocol(t, fdi.Config{Secure: true}).Grant(g, fdi.Header, fdi.Request{})
	if err != nil {
		t.Fatal(err)
	}
	return max(
		len("sFrontToken="+reply.Headers[fdi.FrontTokenHeader]),
		len("st-access-token="+reply.Headers[fdi.AccessTokenHeader]),
		len(reply.Headers[fdi.RefreshTokenHeader]),
	)
}
