package dynamo_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-auth/latchkey/internal/awsclient"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/sessions/token"
	"github.com/latchkey-auth/latchkey/test/network"
)

// operations is every call of both stores.
func operations(ctx context.Context, client dynamo.Client) map[string]func() error {
	st, ks := dynamo.New(client, "sessions"), dynamo.NewKeys(client, "keys")
	u := sessions.KeyOf("public", "u")
	h := sessions.NewHandle(u)
	s := sessions.Session{Handle: h, Claims: json.RawMessage(`{}`)}
	return map[string]func() error{
		"Create":           func() error { return st.Create(ctx, s) },
		"Get":              func() error { _, _, err := st.Get(ctx, h); return err },
		"Rotate":           func() error { _, _, err := st.Rotate(ctx, h, sessions.Rotation{}); return err },
		"Revoke":           func() error { return st.Revoke(ctx, h, time.Now(), "over") },
		"List":             func() error { return st.List(ctx, u, func(sessions.User, []sessions.Session) error { return nil }) },
		"Remove":           func() error { return st.Remove(ctx, h, sessions.Over{}) },
		"SetClaims":        func() error { return st.SetClaims(ctx, h, s.Claims, 1) },
		"User":             func() error { _, err := st.User(ctx, u); return err },
		"Move":             func() error { _, _, err := st.Move(ctx, u, sessions.Move{}); return err },
		"Enable":           func() error { return st.Enable(ctx, u, 1) },
		"SetUserClaims":    func() error { return st.SetUserClaims(ctx, u, s.Claims, 0) },
		"Data":             func() error { _, err := st.Data(ctx, h); return err },
		"PutData":          func() error { return st.PutData(ctx, h, sessions.Data{JSON: s.Claims, Version: 1}, time.Now()) },
		"Load":             func() error { _, err := ks.Load(ctx); return err },
		"AddSigningKey":    func() error { return ks.AddSigningKey(ctx, token.SigningKey{}) },
		"RevokeSigningKey": func() error { return ks.RevokeSigningKey(ctx, 1) },
		"AddMACKey":        func() error { return ks.AddMACKey(ctx, token.MACKey{}) },
		"RevokeMACKey":     func() error { return ks.RevokeMACKey(ctx, 1) },
		"SetIssuer":        func() error { return ks.SetIssuer(ctx, "i", "a") },
		"EndBefore":        func() error { return ks.EndBefore(ctx, time.Now()) },
		"SetCookieDomains": func() error {
			return ks.SetCookieDomains(ctx, token.CookieDomains{}, token.CookieDomains{Present: "a"})
		},
	}
}

// saysNothing reports whether the error leaves the outcome unknown.
func saysNothing(err error) bool {
	for _, own := range []error{
		sessions.ErrNotFound, sessions.ErrExists, sessions.ErrConflict, sessions.ErrCorrupt, token.ErrExists,
	} {
		if errors.Is(err, own) {
			return false
		}
	}
	return err != nil
}

// TestFaults makes every call on a network that is broken for good, in a way
// that is tried again, in one that is not, and in one that looks like success.
// Package awsclient has all others. The clock is the bubble's.
func TestFaults(t *testing.T) {
	for _, answer := range []network.Answer{
		network.Hang, network.Refusal(400, "AccessDeniedException"), network.Reply(200, `{"Item":`),
	} {
		synctest.Test(t, func(t *testing.T) {
			for name, call := range operations(t.Context(), client(network.Of(answer))) {
				start := time.Now()
				if err := call(); !saysNothing(err) || time.Since(start) > awsclient.Budget {
					t.Errorf("%s = %v after %v, want an error that leaves the outcome unknown within %v",
						name, err, time.Since(start), awsclient.Budget)
				}
			}
		})
	}
}

// client reaches DynamoDB by the network.
func client(net *network.Network) dynamo.Client {
	return dynamo.NewClient(dynamo.ClientConfig(net.Service()))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
