package authorizer_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// gateway is API Gateway with its authorizer cache on: an answer, a denial too,
// is kept for the stage under the values of the identity sources, and used for
// every request that has the same ones, of whatever route and method, however
// long its token is good. A request without an identity is 401 unasked. Errors
// are not kept.
type gateway struct {
	w      *world
	a      *authorizer.Authorizer
	ttl    time.Duration
	source func(event) string
	kept   map[string]keptReply
}

type keptReply struct {
	reply reply
	until time.Time
}

// pass returns the context for the backend, and whether the request passes.
func (g *gateway) pass(e event) (map[string]string, bool) {
	identity := g.source(e)
	if identity == "" {
		return nil, false
	}
	key := or(e.stage, "prod") + "|" + identity
	k, found := g.kept[key]
	if !found || !g.w.clock.Now().Before(k.until) {
		k = keptReply{g.w.send(g.a, e), g.w.clock.Now().Add(g.ttl)}
		if k.reply.err == nil {
			g.kept[key] = k
		}
	}
	if k.reply.outcome(e) != "allow" {
		return nil, false
	}
	return k.reply.Context, true
}

// caller is whom a backend takes the request to be from.
func (g *gateway) caller(e event, context map[string]string) (authorizer.Caller, error) {
	backend, m := authorizer.Backend{Now: g.w.clock.Now}, map[string]any{}
	for name, value := range context {
		m[name] = value
	}
	if e.kind == http2Kind {
		return authorizer.CallerFrom(httpRequest(e.method, m), backend)
	}
	return authorizer.CallerFrom(restRequest(e.method, m), backend)
}

func byToken(e event) string { return e.headers["Authorization"] }

func identitySources() map[string]func(event) string {
	return map[string]func(event) string{
		"token":             byToken,
		"token and route":   func(e event) string { return byToken(e) + "|" + e.routeKey + e.resource },
		"token and method":  func(e event) string { return byToken(e) + "|" + e.method },
		"the same for all":  func(event) string { return "all" },
		"the user's device": func(e event) string { return e.headers["User-Agent"] },
	}
}

// However the cache is keyed and however long it keeps, the answer to a read
// never lets a write through; and no write reaches a backend that asks for
// its caller unless the session was live within the last 30 s.
func TestNoCacheLetsARevokedSessionWrite(t *testing.T) {
	for name, source := range identitySources() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, token.ES256)
			a := w.authorizer()
			rapid.Check(t, func(rt *rapid.T) {
				g := &gateway{w: w, a: a, source: source, kept: map[string]keptReply{},
					ttl: time.Duration(rapid.SampledFrom([]int{1, 30, 60, 300, 3600}).Draw(rt, "ttl")) * time.Second}
				play(rt, g)
			})
		})
	}
}

// play sends requests at random times, and revokes the session somewhere in
// between.
func play(rt *rapid.T, g *gateway) {
	grant := g.w.signIn("u1", "")
	var revoked time.Time
	kind := rapid.SampledFrom([]string{requestKind, http1Kind, http2Kind}).Draw(rt, "kind")
	for range rapid.IntRange(1, 12).Draw(rt, "requests") {
		g.w.clock.Advance(time.Duration(rapid.IntRange(0, 50_000).Draw(rt, "pause")) * time.Millisecond)
		if revoked.IsZero() && rapid.IntRange(0, 3).Draw(rt, "revoke") == 0 {
			g.w.revoke(grant)
			revoked = g.w.clock.Now()
		}
		method := rapid.SampledFrom([]string{"GET", "HEAD", "POST", "DELETE"}).Draw(rt, "method")
		e := event{kind: kind, method: method, routeKey: "ANY /notes"}.bearer(grant.Access).with("User-Agent", "browser")
		context, passed := g.pass(e)
		if !passed || method == "GET" || method == "HEAD" {
			continue
		}
		if context["checked"] != "store" {
			rt.Fatalf("%s passes on the answer to a read: %v", method, context)
		}
		caller, err := g.caller(e, context)
		if err != nil || revoked.IsZero() {
			continue
		}
		if late := g.w.clock.Now().Sub(revoked); late > 31*time.Second {
			rt.Fatalf("%s reaches the backend %v after the revoke: %v", method, late, caller)
		}
	}
}
