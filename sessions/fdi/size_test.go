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

// start signs a user in with claims of that many bytes.
func start(t *testing.T, m *sessions.Manager, user string, claims int) (sessions.Grant, error) {
	t.Helper()
	ctx := context.Background()
	epoch, err := m.Epoch(ctx, "public", user)
	if err != nil {
		t.Fatal(err)
	}
	text := `{"a":"` + strings.Repeat("x", claims-len(`{"a":""}`)) + `"}`
	return m.Start(ctx, sessions.StartRequest{Epoch: epoch, Claims: json.RawMessage(text)})
}

// The sizes that sessions reckon with are the real ones: the largest claims
// that they accept make a front-token and tokens, each with its cookie's name, of
// at most 4,096 bytes each, and larger ones would not fit, or exceed the
// claims' own limit.
func TestLargestClaimsFit(t *testing.T) {
	const limit = 4096
	for name, test := range map[string]struct{ issuer, user string }{
		"short names":     {"https://a.example/auth", "u"},
		"long issuer":     {"https://" + strings.Repeat("a", 180) + ".example/auth", "5b3a2f0e-9c1d-4e7a-8b6f-0d2c4a6e8f10"},
		"very long user":  {"https://a.example/auth", strings.Repeat("u", 256)},
		"quotes in names": {"https://a.example/auth", strings.Repeat(`"`, 100)},
		"both very long":  {"https://" + strings.Repeat("a", 180) + ".example/auth", strings.Repeat("u", 256)},
		"all quotes":      {"https://a.example/auth", strings.Repeat(`"`, 256)},
	} {
		t.Run(name, func(t *testing.T) {
			m := manager(t, test.issuer)
			size := 2000
			g, err := start(t, m, test.user, size)
			for errors.Is(err, sessions.ErrClaims) && size > 20 {
				size--
				g, err = start(t, m, test.user, size)
			}
			if err != nil {
				t.Fatal(err)
			}
			got := largest(t, g)
			if got > limit {
				t.Errorf("claims of %d bytes make %d bytes, want at most %d", size, got, limit)
			}
			// Three bytes of claims are four bytes of base64.
			if size < 2000 && got < limit-4 {
				t.Errorf("claims of %d bytes are refused, though those of %d make %d bytes", size+1, size, got)
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
