package authorizer_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// A rule holds for the route that the gateway matched, of the stack's own API,
// and for nothing that merely looks like it.
func TestRulesMatchExactly(t *testing.T) {
	w := newWorld(t, token.ES256)
	w.config.Rules = []authorizer.Rule{{Route: "GET /greeting/{name}", Session: authorizer.Optional}}
	for _, test := range []struct {
		name string
		e    event
		want string
	}{
		{"the route", event{kind: http2Kind, method: "GET", resource: "/greeting/{name}", path: "/greeting/x"}, "allow"},
		{"the route, REST", event{kind: requestKind, method: "GET", resource: "/greeting/{name}", path: "/greeting/x"}, "allow"},
		{"the route, payload 1.0", event{kind: http1Kind, method: "GET", resource: "/greeting/{name}", path: "/greeting/x"}, "allow"},
		{"the path, but another route", event{kind: http2Kind, method: "GET", resource: "/{proxy+}", path: "/greeting/{name}"}, "401"},
		{"the path, but another resource", event{kind: requestKind, method: "GET", resource: "/{proxy+}", path: "/greeting/{name}"}, "401"},
		{"another parameter name", event{kind: http2Kind, method: "GET", resource: "/greeting/{id}"}, "401"},
		{"a slash at the end", event{kind: http2Kind, method: "GET", resource: "/greeting/{name}/"}, "401"},
		{"another case", event{kind: http2Kind, method: "GET", resource: "/Greeting/{name}"}, "401"},
		{"HEAD", event{kind: http2Kind, method: "HEAD", resource: "/greeting/{name}"}, "401"},
		{"POST", event{kind: http2Kind, method: "POST", resource: "/greeting/{name}"}, "401"},
		{"ANY", event{kind: http2Kind, method: "GET", routeKey: "ANY /greeting/{name}"}, "401"},
		{"$default", event{kind: http2Kind, method: "GET", routeKey: "$default"}, "401"},
		{"another API", event{kind: http2Kind, method: "GET", resource: "/greeting/{name}", api: "other1"}, "401"},
		{"another API, REST", event{kind: requestKind, method: "GET", resource: "/greeting/{name}", api: "other1"}, "401"},
		{"TOKEN", event{kind: tokenKind, method: "GET", path: "/greeting/{name}"}, "401"},
		{"handshake", event{kind: socketKind}, "401"},
		{"method in doubt", event{kind: http2Kind, method: "GET", resource: "/greeting/{name}", context: "HEAD"}, "401"},
		{"override", event{kind: requestKind, method: "GET", resource: "/greeting/{name}"}.with("X-HTTP-Method-Override", "GET"), "401"},
	} {
		if got := w.ask(test.e); got != test.want {
			t.Errorf("%s = %s, want %s", test.name, got, test.want)
		}
	}
}

// An event that names two APIs, routes or resources gets what its rules ask
// for, and none of what they allow.
func TestRulesNeedAnEventThatAgrees(t *testing.T) {
	w := newWorld(t, token.ES256)
	w.config.Rules = []authorizer.Rule{
		{Route: "GET /greeting", Session: authorizer.Optional},
		{Route: "GET /reports", Claims: []authorizer.Validator{authorizer.Includes("st-role", "admin")}},
		{Route: "GET /account", Check: authorizer.Always},
	}
	live, revoked := w.signIn("u1", "").Access, w.signIn("u2", "")
	w.revoke(revoked)
	for name, test := range map[string]struct{ kind, old, new string }{
		"API in the context":      {http2Kind, `"apiId":"abcdef123"`, `"apiId":"other1"`},
		"API in the ARN":          {http2Kind, `:abcdef123/prod`, `:other1/prod`},
		"route key":               {http2Kind, `","stage"`, `/x","stage"`},
		"resource in the context": {requestKind, `"resourcePath":"/`, `"resourcePath":"/x`},
		"API missing":             {requestKind, `"apiId":"abcdef123",`, ``},
	} {
		get := func(path string) event { return event{kind: test.kind, method: "GET", resource: path} }
		for _, c := range []struct {
			e               event
			agreed, doubted string
		}{
			{get("/greeting"), "allow", "401"},
			{get("/greeting").bearer(live), "allow", "allow"},
			{get("/reports").bearer(live), "403", "403"},
			{get("/account").bearer(revoked.Access), "401", "401"},
		} {
			if got := w.ask(c.e); got != c.agreed {
				t.Fatalf("%s: %s as it should be = %s, want %s", name, c.e.resource, got, c.agreed)
			}
			changed := strings.Replace(string(c.e.encode()), test.old, test.new, 1)
			if changed == string(c.e.encode()) {
				t.Fatalf("%s: nothing to change in %s", name, changed)
			}
			if got := sendBytes(t, w.authorizer(), []byte(changed)).effect(); got != c.doubted {
				t.Errorf("%s disagrees: %s = %s, want %s", name, c.e.resource, got, c.doubted)
			}
		}
	}
}

// Naming two methods does not escape a rule: all rules of the path apply.
func TestMethodInDoubtGetsEveryRuleOfThePath(t *testing.T) {
	w := newWorld(t, token.ES256)
	role := func(name string) []authorizer.Validator {
		return []authorizer.Validator{authorizer.Includes("st-role", name)}
	}
	w.config.Rules = []authorizer.Rule{
		{Route: "GET /reports", Claims: role("reader")},
		{Route: "POST /reports", Claims: role("writer")},
		{Route: "PUT /notes", Claims: role("nobody")},
	}
	reader := w.signIn("u1", `{"st-role":{"v":["reader"],"t":1}}`).Access
	both := w.signIn("u2", `{"st-role":{"v":["reader","writer"],"t":1}}`).Access
	clear := event{kind: requestKind, method: "GET", resource: "/reports"}
	doubt := clear.with("X-HTTP-Method-Override", "POST")
	for _, test := range []struct {
		name string
		e    event
		want string
	}{
		{"reader reads", clear.bearer(reader), "allow"},
		{"reader asks for POST by a header", doubt.bearer(reader), "403"},
		{"writer asks for POST by a header", doubt.bearer(both), "allow"},
	} {
		if got := w.ask(test.e); got != test.want {
			t.Errorf("%s = %s, want %s", test.name, got, test.want)
		}
	}
}

// Settings are asked for only if a rule's route was met, and without them
// nothing is decided.
func TestRulesNeedTheSettings(t *testing.T) {
	w := newWorld(t, token.ES256)
	asked := 0
	w.config.Settings = func(context.Context) (token.Settings, error) {
		asked++
		return token.Settings{APIID: "other1"}, errors.New("down")
	}
	w.config.Rules = []authorizer.Rule{{Route: "GET /greeting", Session: authorizer.Optional}}
	if got := w.ask(event{kind: http2Kind, method: "GET"}); got != "401" || asked != 0 {
		t.Errorf("another route = %s after %d questions, want 401 after 0", got, asked)
	}
	if got := w.ask(event{kind: http2Kind, method: "GET", resource: "/greeting"}); got != "500" || asked != 1 {
		t.Errorf("the rule's route = %s after %d questions, want 500 after 1", got, asked)
	}
	w.config.Settings = func(context.Context) (token.Settings, error) { return token.Settings{}, nil }
	if got := w.ask(event{kind: http2Kind, method: "GET", resource: "/greeting"}); got != "500" {
		t.Errorf("settings that name no API = %s, want 500", got)
	}
}

// What is asked of every caller is asked on every API. A rule drops one for its
// own route of its own API, and none where the method is in doubt; a tenant's is
// asked of that tenant's callers.
func TestGlobalValidators(t *testing.T) {
	w := newWorld(t, token.ES256)
	w.config.Global = []authorizer.Validator{
		authorizer.True("st-ev"), authorizer.Includes("st-role", "staff").ForTenants("acme"),
		authorizer.Func("beta", func(c authorizer.Caller) (bool, map[string]any) { return c.User != "u3", nil }),
	}
	w.config.Rules = []authorizer.Rule{{Route: "GET /verify", Without: []string{"st-ev"}}}
	const verified = `{"st-ev":{"v":true,"t":1}}`
	callers := map[string]string{
		"verified": w.signIn("u1", verified).Access, "not": w.signIn("u2", "").Access, "beta": w.signIn("u3", verified).Access,
		"acme's": w.signInAt("acme", "u4", verified).Access, "acme's staff": w.signInAt("acme", "u5", `{"st-ev":{"v":true,"t":1},"st-role":{"v":["staff"],"t":1}}`).Access,
	}
	for _, kind := range allKinds() {
		for _, api := range []string{"", "other1"} {
			for _, test := range []struct{ resource, caller, want string }{
				{"", "verified", "allow"}, {"", "not", "403"}, {"", "beta", "403"}, {"", "acme's", "403"}, {"", "acme's staff", "allow"},
				{"/verify", "not", "allow"}, {"/verify", "beta", "403"}, {"/verify", "acme's", "403"},
			} {
				want := test.want
				if test.caller == "not" && (api != "" || kind == tokenKind || kind == socketKind) {
					want = "403"
				}
				e := event{kind: kind, method: "GET", api: api, resource: test.resource}.bearer(callers[test.caller])
				if got := w.ask(e); got != want {
					t.Errorf("%s, API %q, %s, %s = %s, want %s", kind, api, test.resource, test.caller, got, want)
				}
				if got := w.ask(e.with("X-HTTP-Method-Override", "GET")); test.caller == "not" && kind != tokenKind && got != "403" {
					t.Errorf("%s, API %q, %s, in doubt, %s = %s, want 403", kind, api, test.resource, test.caller, got)
				}
			}
		}
	}
}

func TestNewRefuses(t *testing.T) {
	w := newWorld(t, token.ES256)
	route := func(route string) func(*authorizer.Config) {
		return func(c *authorizer.Config) { c.Rules = []authorizer.Rule{{Route: route}} }
	}
	for name, change := range map[string]func(*authorizer.Config){
		"no verifier":             func(c *authorizer.Config) { c.Verifier = nil },
		"no sessions":             func(c *authorizer.Config) { c.Sessions = nil },
		"no CSRF protocol":        func(c *authorizer.Config) { c.CSRF = nil },
		"rules without settings":  func(c *authorizer.Config) { c.Settings, c.Rules = nil, []authorizer.Rule{{Route: "GET /a"}} },
		"a route without method":  route("/a"),
		"a route for any method":  route("ANY /a"),
		"the default route":       route("$default"),
		"a greedy route":          route("GET /{proxy+}"),
		"a method in lower case":  route("get /a"),
		"two spaces":              route("GET  /a"),
		"no path":                 route("GET a"),
		"two rules for one route": func(c *authorizer.Config) { c.Rules = []authorizer.Rule{{Route: "GET /a"}, {Route: "GET /a"}} },
		"an unknown requirement":  func(c *authorizer.Config) { c.Rules = []authorizer.Rule{{Route: "GET /a", Session: 2}} },
		"a requirement below":     func(c *authorizer.Config) { c.Rules = []authorizer.Rule{{Route: "GET /a", Session: -1}} },
		"a check beyond":          func(c *authorizer.Config) { c.Rules = []authorizer.Rule{{Route: "GET /a", Check: 2}} },
		"an unknown check":        func(c *authorizer.Config) { c.Rules = []authorizer.Rule{{Route: "GET /a", Check: -1}} },
		"a dropped validator that is not there": func(c *authorizer.Config) {
			c.Rules = []authorizer.Rule{{Route: "GET /a", Without: []string{"st-ev"}}}
		},
		"a zero validator": func(c *authorizer.Config) { c.Global = []authorizer.Validator{{}} },
		"a validator of an object": func(c *authorizer.Config) {
			c.Rules = []authorizer.Rule{{Route: "GET /a", Claims: []authorizer.Validator{authorizer.Equals("x", []int{1})}}}
		},
	} {
		cfg := w.config
		change(&cfg)
		if _, err := authorizer.New(cfg); err == nil {
			t.Errorf("New with %s = nil, want an error", name)
		}
	}
	_, err := authorizer.New(authorizer.Config{Rules: []authorizer.Rule{{Route: "x"}}})
	if err == nil || strings.Count(err.Error(), "\n") != 4 {
		t.Errorf("New reports %v, want five faults", err)
	}
}
