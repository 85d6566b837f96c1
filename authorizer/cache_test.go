package authorizer_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions"
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
	ttl    time.Duration // 0: the cache is off
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

// newGateway returns a gateway before an authorizer of routes for administrators.
func newGateway(t *testing.T, ttl time.Duration, source func(event) string) *gateway {
	t.Helper()
	w := newWorld(t, token.ES256)
	admin := []authorizer.Validator{authorizer.Includes("st-role", "admin")}
	w.config.Rules = []authorizer.Rule{{Route: "GET /reports", Claims: admin}, {Route: "POST /reports", Claims: admin}}
	return &gateway{w: w, a: w.authorizer(), ttl: ttl, source: source, kept: map[string]keptReply{}}
}

func (g *gateway) refuses(e event) bool {
	_, passed := g.pass(e)
	return !passed
}

// limit is a promise that holds with the cache off and does not with it on: what
// the second of two requests gets after a change.
type limit struct {
	source          func(event) string
	claims          string // of the caller's session
	first, second   event
	firstIsRefused  bool
	change          func(*gateway, sessions.Grant)
	refused, broken bool // whether the second is refused, with the cache off and on
}

const (
	isAdmin = `{"st-role":{"v":["admin"],"t":1}}`
	noAdmin = `{"st-role":{"v":[],"t":2}}`
)

// limits are given up with a cache. The documentation says so,
// and this is why it is true.
func limits() map[string]limit {
	get, post := event{kind: http2Kind, method: "GET"}, event{kind: http2Kind, method: "POST"}
	getReports, postReports := get, post
	getReports.resource, postReports.resource = "/reports", "/reports"
	claims := func(to string) func(*gateway, sessions.Grant) {
		return func(g *gateway, grant sessions.Grant) {
			g.w.merge(grant.Session.User, to)
		}
	}
	return map[string]limit{
		"a revoke acts on the next write": {source: byToken, first: post, second: post, refused: true,
			change: func(g *gateway, grant sessions.Grant) { g.w.revoke(grant) }},
		"rules of single routes": {source: byToken, claims: noAdmin, first: get, second: getReports, refused: true},
		"anti-CSRF": {source: func(e event) string { return e.headers["User-Agent"] }, first: post.with("rid", "x"),
			second: post.with("Origin", "https://evil.example"), refused: true},
		"changed claims act at once":   {source: byToken, claims: isAdmin, first: postReports, second: postReports, change: claims(noAdmin), refused: true},
		"a denial ends with its cause": {source: byToken, claims: noAdmin, first: postReports, firstIsRefused: true, second: postReports, change: claims(isAdmin), broken: true},
		"a live session may write":     {source: byToken, first: get, second: post, broken: true},
		"a token ends at its time": {source: byToken, first: get, second: get, refused: true,
			change: func(g *gateway, grant sessions.Grant) { g.w.clock.Advance(grant.Claims.Expires.Sub(g.w.clock.Now())) }},
	}
}

// TestWhatACacheGivesUp: each of these promises is kept while the cache is off,
// and broken with it on.
func TestWhatACacheGivesUp(t *testing.T) {
	for name, l := range limits() {
		for ttl, refused := range map[time.Duration]bool{0: l.refused, 5 * time.Minute: l.broken} {
			g := newGateway(t, ttl, l.source)
			grant := g.w.signIn("u1", l.claims)
			with := func(e event) event { return e.with("User-Agent", "browser").bearer(grant.Access) }
			if name == "anti-CSRF" {
				with = func(e event) event { return e.with("User-Agent", "browser").with("Cookie", cookies(grant.Access)) }
			}
			g.w.clock.Advance(56 * time.Minute)
			if got := g.refuses(with(l.first)); got != l.firstIsRefused {
				t.Errorf("%s, TTL %v: the first request is refused: %t, want %t", name, ttl, got, l.firstIsRefused)
			}
			if l.change != nil {
				l.change(g, grant)
			}
			if got := g.refuses(with(l.second)); got != refused {
				t.Errorf("%s, TTL %v: the second request is refused: %t, want %t", name, ttl, got, refused)
			}
		}
	}
	g := newGateway(t, time.Minute, func(event) string { return "all" })
	get := event{kind: http2Kind, method: "GET"}
	g.pass(get.bearer(g.w.signIn("u1", "").Access))
	if context, _ := g.pass(get.bearer(g.w.signIn("u2", "").Access)); context["user"] != "u1" {
		t.Errorf("an answer kept for all is %q's, want u1's", context["user"])
	}
}
