package authorizer_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// limit is a promise that holds with the cache off and does not with it on.
type limit struct {
	source func(event) string
	// broken plays the case and reports whether the promise was broken.
	broken func(t *testing.T, g *gateway) bool
}

const (
	isAdmin = `{"st-role":{"v":["admin"],"t":1}}`
	noAdmin = `{"st-role":{"v":[],"t":2}}`
)

// limits are what whoever turns a cache on gives up. The documentation says so,
// and this is why it is true.
func limits() map[string]limit {
	return map[string]limit{
		"a revoke acts on the next write": {byToken, func(t *testing.T, g *gateway) bool {
			grant := g.w.signIn("u1", "")
			post := event{kind: http2Kind, method: "POST"}.bearer(grant.Access)
			return g.passes(t, post) && !g.after(func() { g.w.revoke(grant) }).refuses(post)
		}},
		"rules of single routes": {byToken, func(t *testing.T, g *gateway) bool {
			live := g.w.signIn("u1", noAdmin).Access
			notes, reports := event{kind: http2Kind, method: "GET"}.bearer(live), event{kind: http2Kind, method: "GET", resource: "/reports"}.bearer(live)
			return g.passes(t, notes) && !g.refuses(reports)
		}},
		"anti-CSRF": {func(e event) string { return e.headers["Cookie"] }, func(t *testing.T, g *gateway) bool {
			post := event{kind: http2Kind, method: "POST"}.cookie(g.w.signIn("u1", "").Access)
			return g.passes(t, post) && !g.refuses(post.with("Origin", "https://evil.example"))
		}},
		"changed claims act at once": {byToken, func(t *testing.T, g *gateway) bool {
			grant := g.w.signIn("u1", isAdmin)
			write := event{kind: http2Kind, method: "POST", resource: "/reports"}.bearer(grant.Access)
			return g.passes(t, write) && !g.after(func() { g.w.setClaims(grant, noAdmin) }).refuses(write)
		}},
		"a denial ends with its cause": {byToken, func(t *testing.T, g *gateway) bool {
			grant := g.w.signIn("u1", noAdmin)
			write := event{kind: http2Kind, method: "POST", resource: "/reports"}.bearer(grant.Access)
			return g.refuses(write) && g.after(func() { g.w.setClaims(grant, isAdmin) }).refuses(write)
		}},
		"a live session may write after it read": {byToken, func(t *testing.T, g *gateway) bool {
			live := g.w.signIn("u1", "").Access
			return g.passes(t, event{kind: http2Kind, method: "GET"}.bearer(live)) && g.refuses(event{kind: http2Kind, method: "POST"}.bearer(live))
		}},
		"a token ends at its time": {byToken, func(t *testing.T, g *gateway) bool {
			grant := g.w.signIn("u1", "")
			get := event{kind: http2Kind, method: "GET"}.bearer(grant.Access)
			g.w.clock.Advance(grant.Claims.Expires.Sub(g.w.clock.Now()) - time.Second)
			return g.passes(t, get) && !g.after(func() { g.w.clock.Advance(time.Second) }).refuses(get)
		}},
		"an answer is the caller's own": {func(e event) string { return e.headers["User-Agent"] }, func(t *testing.T, g *gateway) bool {
			get := event{kind: http2Kind, method: "GET"}.with("User-Agent", "browser")
			theirs := get.bearer(g.w.signIn("u2", "").Access)
			if !g.passes(t, get.bearer(g.w.signIn("u1", "").Access)) {
				return false
			}
			context, _ := g.pass(theirs)
			return context["user"] == "u1"
		}},
	}
}

// passes lets a request through that must pass whether a cache is on or not.
func (g *gateway) passes(t *testing.T, e event) bool {
	t.Helper()
	if g.refuses(e) {
		t.Errorf("%s %s is refused, want it to pass", e.method, e.template())
		return false
	}
	return true
}

func (g *gateway) refuses(e event) bool {
	_, passed := g.pass(e)
	return !passed
}

func (g *gateway) after(change func()) *gateway {
	change()
	return g
}

func (w *world) setClaims(g sessions.Grant, claims string) {
	w.t.Helper()
	_, _, err := w.manager.MergeClaims(context.Background(), g.Session.Handle, json.RawMessage(claims), nil)
	must(w.t, err)
}

func newGateway(t *testing.T, ttl time.Duration, source func(event) string) *gateway {
	t.Helper()
	w := newWorld(t, token.ES256)
	admin := []authorizer.Validator{authorizer.Includes("st-role", "admin")}
	w.config.Rules = []authorizer.Rule{{Route: "GET /reports", Claims: admin}, {Route: "POST /reports", Claims: admin}}
	return &gateway{w: w, a: w.authorizer(), ttl: ttl, source: source, kept: map[string]keptReply{}}
}

// TestWhatACacheGivesUp: each of these promises is kept while the cache is off,
// and broken with it on.
func TestWhatACacheGivesUp(t *testing.T) {
	for name, l := range limits() {
		t.Run(name, func(t *testing.T) {
			for ttl, want := range map[time.Duration]bool{0: false, 5 * time.Minute: true} {
				if got := l.broken(t, newGateway(t, ttl, l.source)); got != want {
					t.Errorf("with a TTL of %v it is broken: %t, want %t", ttl, got, want)
				}
			}
		})
	}
}

// TestBackendsHoldWhatACacheGivesUp: a backend that asks for its caller refuses
// a write 31 s after the revoke, and a read once the token has ended, though
// the gateway lets both through.
func TestBackendsHoldWhatACacheGivesUp(t *testing.T) {
	g := newGateway(t, time.Hour, func(e event) string { return byToken(e) + e.method })
	grant := g.w.signIn("u1", "")
	get, post := event{kind: http2Kind, method: "GET"}.bearer(grant.Access), event{kind: http2Kind, method: "POST"}.bearer(grant.Access)
	expect := func(when string, e event, want error) {
		t.Helper()
		context, passed := g.pass(e)
		if _, err := g.caller(e, context); !passed || !errors.Is(err, want) {
			t.Errorf("%s %s: the gateway lets it pass: %t, the backend says %v, want true, %v", when, e.method, passed, err, want)
		}
	}
	g.w.clock.Advance(time.Second)
	expect("at first", post, nil)
	expect("at first", get, nil)
	g.w.revoke(grant)
	expect("revoked", post, nil)
	g.w.clock.Advance(31 * time.Second)
	expect("revoked for 31 s", post, authorizer.ErrStale)
	expect("revoked for 31 s", get, nil)
	g.w.clock.Advance(grant.Claims.Expires.Sub(g.w.clock.Now()))
	expect("once the token ended", get, authorizer.ErrExpired)
	expect("once the token ended", post, authorizer.ErrExpired)
}
