package endpoints_test

import (
	"context"
	"strings"
	"testing"
	"time"
)

// faults are the ways in which a store does not answer.
func faults() map[string]func(stop context.CancelFunc) func(context.Context) error {
	return map[string]func(context.CancelFunc) func(context.Context) error{
		"down": func(context.CancelFunc) func(context.Context) error {
			return func(context.Context) error { return errDown }
		},
		"hung": func(stop context.CancelFunc) func(context.Context) error {
			return func(ctx context.Context) error { stop(); <-ctx.Done(); return ctx.Err() }
		},
	}
}

// expectTryAgain asserts an answer that leaves the client as it was.
func expectTryAgain(t *testing.T, name string, a answer) {
	t.Helper()
	if a.StatusCode != 503 || a.Headers["retry-after"] == "" || !strings.Contains(a.Body, "temporarily unavailable") {
		t.Errorf("%s = %d %s, Retry-After %q, want 503 and when to try again", name, a.StatusCode, a.Body, a.Headers["retry-after"])
	}
	for _, header := range []string{"front-token", "st-access-token", "st-refresh-token", "anti-csrf", "set-cookie"} {
		if _, there := a.Headers[header]; there || len(a.Cookies) > 0 || len(a.MultiValueHeaders) > 0 {
			t.Errorf("%s touched tokens: %v, %v, %q", name, a.Headers, a.MultiValueHeaders, a.Cookies)
		}
	}
	if strings.Contains(a.Body, "arn:aws") || strings.Contains(a.Body, "context") {
		t.Errorf("%s tells what is down: %s", name, a.Body)
	}
}

// While the sessions cannot be reached nobody is signed out, nothing is said
// to be revoked that is not, and reading goes on.
func TestSessionsUnreachable(t *testing.T) {
	for name, fault := range faults() {
		t.Run(name, func(t *testing.T) {
			c := signedUp(t, "cookie")
			of := map[string]string{"handle": c.handle(), "userId": "u"}
			failing := func(r request) answer {
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				c.sessions.fail = fault(stop)
				defer func() { c.sessions.fail = nil }()
				return c.serve(ctx, c.event(r))
			}
			for _, r := range []request{
				{route: refreshRoute}, {route: signOutRoute}, {route: signInRoute, body: form("alice@example.com", password)},
			} {
				expectTryAgain(t, r.route, failing(r))
			}
			for _, route := range adminRoutes() {
				expectTryAgain(t, route, failing(request{route: route, params: of, body: `{"a":1}`, admin: true}))
			}
			for _, route := range []string{"POST /notes", "DELETE /auth/sessions", "GET /auth/sessions"} {
				if a := failing(request{route: route, body: aNote}); a.StatusCode != 500 {
					t.Errorf("%s = %d, want the authorizer's error", route, a.StatusCode)
				}
			}
			if a := failing(request{route: "GET /notes"}); a.StatusCode != 200 {
				t.Errorf("GET /notes = %d, want 200", a.StatusCode)
			}
			c.expect(201, request{route: "POST /notes", body: aNote})
			c.expect(200, request{route: refreshRoute})
		})
	}
}

// Behind the authorizer the store may fail as well, later than it did there.
func TestOwnSessionsUnreachable(t *testing.T) {
	c := signedUp(t, "header")
	for _, route := range []string{"GET /auth/sessions", "DELETE /auth/sessions", "DELETE /auth/sessions/{handle}"} {
		e := c.event(request{route: route, params: map[string]string{"handle": c.handle()}})
		calls := 0
		c.sessions.fail = func(context.Context) error {
			if calls++; calls > 1 {
				return errDown
			}
			return nil
		}
		expectTryAgain(t, route, c.serve(t.Context(), e))
		c.sessions.fail = nil
	}
	c.expect(201, request{route: "POST /notes", body: aNote})
}

// An attempt that cannot be counted is not made.
func TestAccountsUnreachable(t *testing.T) {
	for name, fault := range faults() {
		t.Run(name, func(t *testing.T) {
			c := signedUp(t, "cookie")
			for _, r := range []request{
				{route: signInRoute, body: form("alice@example.com", password)},
				{route: signUpRoute, body: form("bob@example.com", password)},
				{route: "GET /auth/emailpassword/email/exists", query: map[string]string{"email": "alice@example.com"}},
			} {
				ctx, stop := context.WithCancel(t.Context())
				c.accounts.fail = fault(stop)
				expectTryAgain(t, r.route, c.serve(ctx, c.event(r)))
				c.accounts.fail = nil
				stop()
			}
			c.expect(200, request{route: refreshRoute})
		})
	}
}

// A sandbox that has the keys goes on with them; one that starts while they
// cannot be had answers that it cannot say.
func TestKeysUnreachable(t *testing.T) {
	c := signedUp(t, "header")
	c.expect(200, request{route: keysRoute})
	c.expect(200, request{route: "GET /notes"})
	c.expect(200, request{route: refreshRoute})
	c.keys.fail = func(context.Context) error { return errDown }
	c.advance(10 * time.Minute)
	c.expect(200, request{route: keysRoute})
	c.expect(200, request{route: "GET /notes"})
	c.expect(200, request{route: refreshRoute})

	c.stack.start()
	for _, r := range []request{
		{route: keysRoute}, {route: discoveryRoute}, {route: refreshRoute}, {route: signOutRoute},
		{route: signInRoute, body: form("alice@example.com", password)},
	} {
		expectTryAgain(t, r.route, c.serve(t.Context(), c.event(r)))
	}
	if a := c.serve(t.Context(), c.event(request{route: "GET /notes"})); a.StatusCode != 500 {
		t.Errorf("GET /notes in a sandbox without keys = %d, want the authorizer's error", a.StatusCode)
	}
	expectOver(t, c.stack.client("cookie").send(request{route: refreshRoute}), "unauthorised")
	c.keys.fail = nil
	c.advance(2 * time.Second)
	c.expect(200, request{route: signOutRoute})
}

// What is logged, through a life with all its refusals and faults, holds no
// password and no token.
func TestLogHoldsNoSecrets(t *testing.T) {
	eachMode(t, func(t *testing.T, c *client) {
		access, refresh := c.tokens()
		c.advance(2 * time.Minute)
		c.expect(200, request{route: refreshRoute})
		twin := c.stack.client("header")
		twin.access, twin.refresh = access, refresh
		c.sessions.fail = func(context.Context) error { return errDown }
		c.send(request{route: refreshRoute})
		c.send(request{route: signInRoute, body: form("alice@example.com", password)})
		c.send(request{route: "POST /notes", body: aNote})
		c.sessions.fail = nil
		c.advance(2 * time.Minute)
		twin.send(request{route: refreshRoute})
		latest, child := c.tokens()
		log := c.log.String()
		for _, secret := range []string{password, access, refresh, latest, child, "alice@example.com"} {
			if secret != "" && strings.Contains(log, secret) {
				t.Errorf("the log holds %.12q", secret)
			}
		}
		for _, line := range []string{"request failed", "session stale"} {
			if !strings.Contains(log, line) {
				t.Errorf("the log lacks %q: %s", line, log)
			}
		}
	})
}
