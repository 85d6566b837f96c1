package dynamo_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-auth/latchkey/internal/awsclient"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/sessions/token"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
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

// TestFaults makes every call on a network that is broken for good. The clock
// is the bubble's: budgets are measured exactly.
func TestFaults(t *testing.T) {
	for _, fault := range []struct {
		name     string
		answer   answer
		attempts int
	}{
		{"hung", hang, 2},
		{"hung halfway", hangHalfway, 2},
		{"reset", reset, 2},
		{"throttled", refusal(400, "ProvisionedThroughputExceededException"), 2},
		{"throttled for seconds", refusal(400, "ThrottlingException", "X-Amz-Retry-After", "4000"), 1},
		{"over a limit", refusal(400, "RequestLimitExceeded"), 2},
		{"internal error", refusal(500, "InternalServerError"), 2},
		{"unavailable", reply(503, "<html>"), 2},
		{"not permitted", refusal(400, "AccessDeniedException"), 1},
		{"no table", refusal(400, "ResourceNotFoundException"), 1},
		{"half a body", reply(200, `{"Item":`), 1},
		{"redirected", reply(307, "", "Location", "http://other.example/"), 1},
	} {
		t.Run(fault.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { broken(t, fault.answer, fault.attempts) })
		})
	}
}

func broken(t *testing.T, a answer, attempts int) {
	net := &network{answers: []answer{a}}
	for name, call := range operations(t.Context(), net.client()) {
		net.requests = 0
		start := time.Now()
		err := call()
		if !saysNothing(err) {
			t.Errorf("%s = %v, want an error that leaves the outcome unknown", name, err)
		}
		if took := time.Since(start); took > awsclient.Budget {
			t.Errorf("%s took %v, want at most %v", name, took, awsclient.Budget)
		}
		if net.requests != attempts {
			t.Errorf("%s made %d requests, want %d", name, net.requests, attempts)
		}
	}
}

// TestHungSocket is one of the faults on a real connection, with a listener
// that accepts and never answers.
func TestHungSocket(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	client := dynamo.NewClient(dynamo.ClientConfig{
		Region: "local", Endpoint: fmt.Sprintf("http://%s", l.Addr()), Credentials: dynamolocal.Credentials(),
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, _, err = dynamo.New(client, "sessions").Get(ctx, sessions.Handle{})
	if !saysNothing(err) || ctx.Err() != nil {
		t.Errorf("Get = %v, caller's context %v, want an error of the client's own", err, ctx.Err())
	}
}
