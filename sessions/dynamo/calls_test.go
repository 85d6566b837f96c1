//go:build dynamodb

package dynamo_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/sessions/sessionstest"
	"github.com/latchkey-auth/latchkey/sessions/token"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
	"github.com/latchkey-auth/latchkey/test/network"
)

// counter counts the requests to DynamoDB as they are on the wire, and can
// lose the answers of some.
type counter struct {
	mu    sync.Mutex
	calls map[string]int
	lose  map[string]int // how many answers of an operation are still to be lost
}

// RoundTrip names a request by its operation, whether it is consistent, and of
// two items where it can be, and whether it was refused.
func (c *counter) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	_, operation, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[nameOf(operation, body, resp.StatusCode)]++
	if c.lose[operation] > 0 {
		c.lose[operation]--
		resp.Body.Close()
		return network.Reset(req)
	}
	return resp, nil
}

func nameOf(operation string, body []byte, status int) string {
	var request struct {
		ConsistentRead bool
		RequestItems   map[string]struct {
			ConsistentRead bool
			Keys           []any
		}
	}
	strong := json.Unmarshal(body, &request) == nil && request.ConsistentRead
	for _, of := range request.RequestItems {
		strong = of.ConsistentRead && len(of.Keys) == 2
	}
	if strong {
		operation = "strong " + operation
	}
	if status != http.StatusOK {
		operation = "failed " + operation
	}
	return operation
}

// taken returns the requests since it was last called.
func (c *counter) taken() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := maps.Clone(c.calls)
	clear(c.calls)
	return taken
}

func (c *counter) loses(operation string, answers int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lose[operation] = answers
}

// world is a Manager over a fresh table, its clock, and what it sends.
type world struct {
	*testing.T
	*sessions.Manager
	net    *counter
	store  *dynamo.Store
	client dynamo.Client
	table  string
	now    time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		T: t, net: &counter{calls: map[string]int{}, lose: map[string]int{}},
		table: dynamolocal.Table(t, dynamo.SessionsTable), now: time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC),
	}
	client := dynamo.NewClient(dynamo.ClientConfig{Region: "local", Endpoint: dynamolocal.Endpoint(t), Credentials: dynamolocal.Credentials()})
	w.client = dynamodb.New(client.Options(), func(o *dynamodb.Options) {
		// Without the short times of a function, which a busy machine exceeds.
		o.HTTPClient, o.APIOptions = &http.Client{Transport: w.net}, nil
	})
	w.store = dynamo.New(w.client, w.table)
	w.manage(t)
	return w
}

// manage gives the world a Manager of its store.
func (w *world) manage(t *testing.T) {
	t.Helper()
	var err error
	w.Manager, err = sessions.New(sessions.Config{
		Store: w.store, Keys: sessionstest.NewKeys(t, token.EdDSA), Now: func() time.Time { return w.now },
		Access: time.Hour, Idle: 100 * 24 * time.Hour, Absolute: 365 * 24 * time.Hour,
		ReplayWindow: time.Minute, RotationGap: 90 * time.Second, MaxSessions: 100,
	})
	must(t, err)
}

// signIn starts a session of user u.
func (w *world) signIn() sessions.Grant {
	w.Helper()
	epoch, err := w.Epoch(w.Context(), "public", "u")
	must(w, err)
	g, err := w.Start(w.Context(), sessions.StartRequest{Epoch: epoch})
	must(w, err)
	return g
}

// calls are requests by their name.
type calls = map[string]int

// cost is what an operation costs in requests to DynamoDB.
type cost struct {
	name string
	call func() error
	err  error
	want calls
}

// holdTo makes the calls, one after the other.
func (w *world) holdTo(costs []cost) {
	w.Helper()
	for _, c := range costs {
		if err := c.call(); !errors.Is(err, c.err) {
			w.Errorf("%s = %v, want %v", c.name, err, c.err)
		}
		if got := w.net.taken(); !maps.Equal(got, c.want) {
			w.Errorf("%s makes the requests %v, want %v", c.name, got, c.want)
		}
	}
}

// TestCalls has what every operation costs in requests to DynamoDB.
func TestCalls(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	version := func(n int64) *int64 { return &n }
	g, other := w.signIn(), w.signIn()
	h, both := g.Session.Handle, calls{"strong BatchGetItem": 1}
	w.net.taken()
	var replaced sessions.Grant // the sign-in whose session another one ends
	refresh := func(raw string, want sessions.Outcome) func() error {
		return func() error {
			got, err := w.Refresh(ctx, raw)
			if err == nil && got.Outcome != want {
				t.Errorf("Refresh = %v, want %v", got.Outcome, want)
			}
			if got.Refresh != "" {
				replaced = got
			}
			return err
		}
	}
	w.holdTo([]cost{
		{"check", func() error { _, err := w.Check(ctx, g.Claims); return err }, nil, both},
		{"check of somebody else's handle", func() error {
			claims := g.Claims
			claims.Subject = "other"
			_, err := w.Check(ctx, claims)
			return err
		}, sessions.ErrEnded, calls{}},
		{"refresh", refresh(g.Refresh, sessions.Rotated), nil, calls{"UpdateItem": 1, "strong GetItem": 1}},
		{"replay", refresh(g.Refresh, sessions.Replayed), nil, calls{"failed UpdateItem": 1, "strong GetItem": 1}},
		{"fresh", func() error { return refresh(replaced.Refresh, sessions.Fresh)() }, nil, calls{"failed UpdateItem": 1, "strong GetItem": 1}},
		{"garbage", func() error { _, err := w.Refresh(ctx, "garbage"); return err }, sessions.ErrInvalidToken, calls{}},
		{"forged", func() error { _, err := w.Refresh(ctx, forged(g.Refresh)); return err }, sessions.ErrInvalidToken, calls{}},
		{"information", func() error { _, err := w.Info(ctx, h); return err }, nil, both},
		{"list", func() error { _, err := w.List(ctx, "public", "u"); return err }, nil, calls{"strong Query": 1}},
		{"data", func() error { _, err := w.Data(ctx, h); return err }, nil, calls{"strong BatchGetItem": 1, "strong GetItem": 1}},
		{"data of nobody", func() error { _, err := w.Data(ctx, sessions.Handle{}); return err }, sessions.ErrNotFound, both},
		{"put data", func() error { _, err := w.PutData(ctx, h, []byte(`{}`), version(0)); return err }, nil,
			calls{"strong BatchGetItem": 1, "PutItem": 1}},
		{"put data, whatever is there", func() error { _, err := w.PutData(ctx, h, []byte(`{}`), nil); return err }, nil,
			calls{"strong BatchGetItem": 1, "strong GetItem": 1, "PutItem": 1}},
		{"put data of another version", func() error { _, err := w.PutData(ctx, h, []byte(`{}`), version(7)); return err },
			sessions.ErrConflict, calls{"strong BatchGetItem": 1, "failed PutItem": 1}},
		{"merge claims", func() error { _, _, err := w.MergeClaims(ctx, h, []byte(`{"a":1}`), nil); return err }, nil,
			calls{"strong BatchGetItem": 1, "UpdateItem": 1}},
		{"claims of the user", func() error { _, _, err := w.UserClaims(ctx, "public", "u"); return err }, nil, calls{"strong GetItem": 1}},
		{"merge claims of the user", func() error {
			_, _, err := w.MergeUserClaims(ctx, "public", "u", []byte(`{"st-role":{"v":["admin"],"t":1}}`), nil)
			return err
		}, nil, calls{"strong GetItem": 1, "UpdateItem": 1}},
		{"sign-in", func() error { w.signIn(); return nil }, nil, calls{"strong GetItem": 1, "PutItem": 1, "strong Query": 1}},
		{"sign-in in place of a session", func() error {
			epoch, err := w.Epoch(ctx, "public", "u")
			if err == nil {
				_, err = w.Start(ctx, sessions.StartRequest{Epoch: epoch, Replaces: []sessions.Handle{other.Session.Handle}})
			}
			return err
		}, nil, calls{"strong GetItem": 1, "PutItem": 1, "strong Query": 1, "UpdateItem": 1}},
		{"revoke", func() error { return w.Revoke(ctx, h, "over") }, nil, calls{"UpdateItem": 1}},
		{"revoke again", func() error { return w.Revoke(ctx, h, "over") }, nil, calls{"UpdateItem": 1}},
		{"revoke nothing", func() error { return w.Revoke(ctx, sessions.Handle{}, "over") }, nil, calls{"failed UpdateItem": 1}},
		{"check once revoked", func() error { _, err := w.Check(ctx, g.Claims); return err }, sessions.ErrEnded, both},
		{"refresh once revoked", func() error { return refresh(replaced.Refresh, 0)() }, sessions.ErrEnded,
			calls{"failed UpdateItem": 1, "strong GetItem": 1}},
		{"revoke all others", func() error { return w.RevokeOthers(ctx, w.signIn().Session.Handle, "over") }, nil,
			calls{"strong GetItem": 1, "PutItem": 1, "strong Query": 1, "strong BatchGetItem": 1, "UpdateItem": 1}},
		{"revoke all", func() error { return w.RevokeAll(ctx, "public", "u", "over") }, nil, calls{"UpdateItem": 1}},
		{"disable", func() error { return w.Disable(ctx, "public", "u", "over") }, nil, calls{"UpdateItem": 1}},
		{"enable", func() error { return w.Enable(ctx, "public", "u") }, nil, calls{"strong GetItem": 1, "UpdateItem": 1}},
		{"list two hours later, of which five are removed", func() error {
			w.now = w.now.Add(2 * time.Hour)
			_, err := w.List(ctx, "public", "u")
			return err
		}, nil, calls{"strong Query": 1, "DeleteItem": 10}},
		{"theft", func() error {
			first := w.signIn()
			replaced = first
			for range 2 {
				w.now = w.now.Add(time.Hour)
				must(t, refresh(replaced.Refresh, sessions.Rotated)())
			}
			w.net.taken()
			return refresh(first.Refresh, 0)()
		}, sessions.ErrTheft, calls{"failed UpdateItem": 1, "UpdateItem": 1, "strong GetItem": 1}},
	})
}

// forged changes the last byte of a token, which is part of its MAC.
func forged(raw string) string {
	last := byte('A')
	if raw[len(raw)-1] == 'A' {
		last = 'E'
	}
	return raw[:len(raw)-1] + string(last)
}

// TestLostAnswers loses the answer of a write that was applied. The client's
// second attempt finds it done, and the caller learns nothing of it.
func TestLostAnswers(t *testing.T) {
	w := newWorld(t)
	losing := func(operation string, call func() error) func() error {
		return func() error {
			w.net.loses(operation, 1)
			return call()
		}
	}
	var g, child, again sessions.Grant
	refresh := func(into *sessions.Grant) func() error {
		return func() (err error) { *into, err = w.Refresh(t.Context(), g.Refresh); return err }
	}
	w.holdTo([]cost{
		{"sign-in", losing("PutItem", func() error { g = w.signIn(); return nil }), nil,
			calls{"strong GetItem": 1, "PutItem": 1, "failed PutItem": 1, "strong Query": 1}},
		{"refresh", losing("UpdateItem", refresh(&child)), nil, calls{"UpdateItem": 1, "failed UpdateItem": 1, "strong GetItem": 1}},
		{"refresh again", refresh(&again), nil, calls{"failed UpdateItem": 1, "strong GetItem": 1}},
		{"revoke", losing("UpdateItem", func() error { return w.Revoke(t.Context(), g.Session.Handle, "over") }), nil, calls{"UpdateItem": 2}},
		{"revoke all", losing("UpdateItem", func() error { return w.RevokeAll(t.Context(), "public", "u", "over") }), nil,
			calls{"UpdateItem": 1, "failed UpdateItem": 1}},
	})
	if child.Refresh == "" || again.Refresh != child.Refresh {
		t.Errorf("refresh again gives %q, want the same child %q", again.Refresh, child.Refresh)
	}
	if u, err := w.User(t.Context(), "public", "u"); err != nil || u.Epoch != 1 {
		t.Errorf("User = epoch %d, %v, want 1", u.Epoch, err)
	}
}

// TestKeysCalls has what every operation on keys costs.
func TestKeysCalls(t *testing.T) {
	w := newWorld(t)
	ks := dynamo.NewKeys(w.client, dynamolocal.Table(t, dynamo.KeysTable))
	ctx := t.Context()
	key := token.SigningKey{Number: 1, Algorithm: token.RS256, Public: []byte(`{}`), ActiveFrom: w.now}
	mac := token.MACKey{Number: 1, ActiveFrom: w.now, Sealed: []byte("sealed")}
	put, update := calls{"PutItem": 1}, calls{"UpdateItem": 1}
	w.holdTo([]cost{
		{"add", func() error { return ks.AddSigningKey(ctx, key) }, nil, put},
		{"add again", func() error { return ks.AddSigningKey(ctx, key) }, token.ErrExists, calls{"failed PutItem": 1}},
		{"add a MAC key", func() error { return ks.AddMACKey(ctx, mac) }, nil, put},
		{"revoke", func() error { return ks.RevokeSigningKey(ctx, 1) }, nil, update},
		{"revoke a MAC key", func() error { return ks.RevokeMACKey(ctx, 1) }, nil, update},
		{"the issuer", func() error { return ks.SetIssuer(ctx, "i", "") }, nil, update},
		{"the end of all", func() error { return ks.EndBefore(ctx, w.now) }, nil, update},
		{"the end of all, again", func() error { return ks.EndBefore(ctx, w.now) }, nil, calls{"failed UpdateItem": 1}},
		{"domains", func() error {
			return ks.SetCookieDomains(ctx, token.CookieDomains{}, token.CookieDomains{Present: "a"})
		}, nil, update},
		{"load", func() error { _, err := ks.Load(ctx); return err }, nil, calls{"strong Query": 1}},
	})
}
