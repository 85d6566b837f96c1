package authorizer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// drawn returns circumstances, each part drawn on its own.
func drawn(t *rapid.T) circumstances {
	of := func(name string, values ...string) string { return rapid.SampledFrom(values).Draw(t, name) }
	mostly := func(name string) bool { return rapid.IntRange(0, 7).Draw(t, name) > 0 }
	c := circumstances{
		token: of("token", tokenStates()...), transport: of("transport", transports()...),
		page:    page{of("rid", "", "anti-csrf"), of("origin", "", origin, "https://evil.example"), of("site", "", "same-origin", "cross-site")},
		session: of("session", sessionStates()...), inToken: rapid.Bool().Draw(t, "claim in token"), inStore: rapid.Bool().Draw(t, "claim in store"),
		keys: mostly("keys"), store: mostly("store"), sets: mostly("settings"), global: !mostly("no global validator"),
		rules: map[string]string{},
	}
	for _, route := range []string{"GET /a", "POST /a", "GET /b"} {
		c.rules[route] = of("rule of "+route, ruleKinds()...)
	}
	c.event = request(t, of)
	if c.override = !mostly("no override"); c.override {
		c.event = c.event.with(of("override", "X-HTTP-Method-Override", "x-http-method", "X-Method-Override"), of("overriding", "GET", "POST"))
	}
	return c
}

// request draws an event without a token.
func request(t *rapid.T, of func(string, ...string) string) event {
	verbs := []string{"GET", "GET", "HEAD", "POST", "POST", "PUT", "DELETE", "get", "G*T", "REPORT"}
	e := event{
		kind: of("kind", allKinds()...), method: of("method", append(verbs, "")...),
		path:     "/" + rapid.StringMatching(`[a-z*?:/%.]{0,12}`).Draw(t, "path"),
		resource: of("resource", "/a", "/a", "/b", "/other", "/a/", "/{proxy+}"),
		api:      of("API", "", "", "", "other1"), stage: of("stage", "", "", "$default", "v1_a-B"),
		alias: of("alias", "", "live", "live", "checked", "checked", "optional", "optional", "7"),
	}
	if rapid.IntRange(0, 4).Draw(t, "agree") == 0 {
		e.verb = of("verb", verbs...)
	}
	return e
}

// put places the token where the circumstances want it.
func (g *grants) put(c circumstances, raw string) event {
	e := c.page.onto(c.event)
	if c.token == "none" {
		return e
	}
	switch c.transport {
	case "bearer in lower case":
		return e.with("Authorization", "bearer "+raw)
	case "bearer beside a bad cookie":
		return e.bearer(raw).with("Cookie", cookies(tamper(raw)))
	case "two bearers":
		return e.with("Authorization", "Bearer "+raw+", Bearer "+raw)
	case "cookie":
		return e.with("Cookie", cookies(raw))
	case "cookie twice":
		return e.with("Cookie", cookies(raw, raw))
	case "cookie beside an application's bearer":
		return e.with("Cookie", "x=1; "+cookies(raw)).with("Authorization", "Bearer xyz")
	case "cookie beside another provider's bearer":
		return e.with("Cookie", cookies(raw)).bearer(g.foreign)
	case "cookie beside a bad one":
		return e.with("Cookie", cookies(g.expired, "garbage", raw))
	case "cookie beside another stack's":
		return e.with("Cookie", cookies(g.foreign, raw))
	case "cookies of two sessions":
		if c.token == "good" {
			return e.with("Cookie", cookies(raw, g.signIn("another", "").Access))
		}
		return e.with("Cookie", cookies(raw))
	}
	return e.bearer(raw)
}

// grants are tokens for every state, with and without the claim.
type grants struct {
	*world
	expired string
	foreign string // of another stack, of the same form
	users   int
}

// raw returns a token in the state that is wanted, of a session that is.
func (g *grants) raw(c circumstances) string {
	if c.token == "expired" {
		return g.expired
	}
	claims := map[bool]string{true: `{"st-role":{"v":["admin"],"t":1}}`, false: `{"st-role":{"v":[],"t":1}}`}
	g.users++
	grant := g.signIn(fmt.Sprint("u", g.users), claims[c.inToken])
	if c.inToken != c.inStore {
		g.merge(grant.Session.User, claims[c.inStore])
	}
	if c.session == "revoked" {
		g.revoke(grant)
	}
	if c.token == "bad" {
		return tamper(grant.Access)
	}
	return grant.Access
}

// arrange makes the world as the circumstances have it.
func (g *grants) arrange(c circumstances) *authorizer.Authorizer {
	config := g.config
	claim := []authorizer.Validator{authorizer.Includes("st-role", "admin")}
	config.Rules = c.configured(claim)
	if c.global {
		config.Global = claim
	}
	if !c.keys {
		config.Verifier = verifierFunc(func(context.Context, string) (token.Claims, error) { return token.Claims{}, token.ErrUnavailable })
	}
	if !c.sets {
		config.Settings = func(context.Context) (token.Settings, error) { return token.Settings{}, errors.New("down") }
	}
	g.store.down.Store(!c.store)
	g.store.answer = map[string]func(sessions.Session) (sessions.Session, error){
		"gone":    func(sessions.Session) (sessions.Session, error) { return sessions.Session{}, sessions.ErrNotFound },
		"corrupt": func(s sessions.Session) (sessions.Session, error) { s.User = "somebody else"; return s, nil },
	}[c.session]
	a, err := authorizer.New(config)
	must(g.t, err)
	return a
}

func (g *grants) restore() {
	g.store.down.Store(false)
	g.store.answer = nil
}

// Whatever the request, the token, the session, the stores and the rules are,
// the gateway's reading of the answer is what the oracle says; the context
// says truly whether the store was asked; and the policy allows what was decided
// about and nothing else.
func TestDecisionsAgreeWithTheOracle(t *testing.T) {
	w := newWorld(t, token.ES256)
	over := w.signIn("u0", "")
	g := &grants{world: w, expired: over.Access, foreign: w.other().sign(t, over.Claims)}
	w.clock.Advance(2 * time.Hour)
	seen := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		for range 20 {
			c := drawn(rt)
			g.restore()
			e := g.put(c, g.raw(c))
			r := w.send(g.arrange(c), e)
			got, want := r.outcome(e), c.oracle()
			if got != want {
				rt.Fatalf("%+v = %s, want %s", c, got, want)
			}
			seen[got]++
			if want := map[bool]string{true: "store", false: "token"}[c.checked()]; got == "allow" && c.carried() == 1 && r.Context["checked"] != want {
				rt.Fatalf("%+v is checked by the %s, want the %s", c, r.Context["checked"], want)
			}
			if got == "allow" && !slices.Equal(r.PolicyDocument.Statement[0].Resource, c.names()) {
				rt.Fatalf("the policy for %s allows %v, want %v", e.arn(), r.PolicyDocument, c.names())
			}
		}
	})
	g.restore()
	for _, outcome := range []string{"allow", "401", "403", "500"} {
		if seen[outcome] < 20 {
			t.Errorf("%d of the answers were %s: the generator says nothing of it", seen[outcome], outcome)
		}
	}
}

// names returns what a policy about the event names: both verbs of a read, of
// its stage alone, else the one verb.
func (c circumstances) names() []string {
	e := c.event
	stage, _, _ := strings.Cut(strings.TrimPrefix(e.arn(), "arn:aws:"), "/")
	stage = "arn:aws:" + stage + "/" + or(e.stage, "prod")
	switch {
	case e.kind == socketKind:
		return []string{stage + "/$connect"}
	case !c.written():
		return []string{stage + "/GET/*", stage + "/HEAD/*"}
	}
	return []string{stage + "/" + or(e.verb, e.method) + "/*"}
}
