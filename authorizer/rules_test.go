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
	const route, path = "/greeting/{name}", "/greeting/x"
	for want, events := range map[string]map[string]event{
		"allow": {
			"the route":              {kind: http2Kind, method: "GET", resource: route, path: path},
			"the route, REST":        {kind: requestKind, method: "GET", resource: route, path: path},
			"the route, payload 1.0": {kind: http1Kind, method: "GET", resource: route, path: path},
		},
		"401": {
			"the path, but another route":    {kind: http2Kind, method: "GET", resource: "/{proxy+}", path: route},
			"the path, but another resource": {kind: requestKind, method: "GET", resource: "/{proxy+}", path: route},
			"another parameter name":         {kind: http2Kind, method: "GET", resource: "/greeting/{id}"},
			"a slash at the end":             {kind: http2Kind, method: "GET", resource: route + "/"},
			"another case":                   {kind: http2Kind, method: "GET", resource: "/Greeting/{name}"},
			"HEAD":                           {kind: http2Kind, method: "HEAD", resource: route},
			"ANY":                            {kind: http2Kind, method: "GET", routeKey: "ANY " + route},
			"$default":                       {kind: http2Kind, method: "GET", routeKey: "$default"},
			"another API":                    {kind: http2Kind, method: "GET", resource: route, api: "other1"},
			"another API, REST":              {kind: requestKind, method: "GET", resource: route, api: "other1"},
			"TOKEN":                          {kind: tokenKind, method: "GET", path: route},
			"handshake":                      {kind: socketKind},
			"method in doubt":                {kind: http2Kind, method: "GET", resource: route, context: "HEAD"},
		},
	} {
		for name, e := range events {
			if got := w.ask(e); got != want {
				t.Errorf("%s = %s, want %s", name, got, want)
			}
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
			text := string(c.e.encode())
			changed := strings.Replace(text, test.old, test.new, 1)
			agreed, doubted := w.ask(c.e), sendBytes(t, w.authorizer(), []byte(changed)).effect()
			if changed == text || agreed != c.agreed || doubted != c.doubted {
				t.Errorf("%s: %s = %s, where it disagrees %s, want %s, %s", name, c.e.resource, agreed, doubted, c.agreed, c.doubted)
			}
		}
	}
}

// Settings are asked for only if a rule's route was met, and without them
// nothing is decided.
func TestRulesNeedTheSettings(t *testing.T) {
	w := newWorld(t, token.ES256)
	w.config.Rules = []authorizer.Rule{{Route: "GET /greeting", Session: authorizer.Optional}}
	for _, test := range []struct {
		resource string
		settings token.Settings
		err      error
		want     string
		asked    int
	}{
		{"", token.Settings{}, errors.New("down"), "401", 0},
		{"/greeting", token.Settings{APIID: apiID}, errors.New("down"), "500", 1},
		{"/greeting", token.Settings{}, nil, "500", 1},
		{"/greeting", token.Settings{APIID: apiID}, nil, "allow", 1},
	} {
		asked := 0
		w.config.Settings = func(context.Context) (token.Settings, error) {
			asked++
			return test.settings, test.err
		}
		if got := w.ask(event{kind: http2Kind, method: "GET", resource: test.resource}); got != test.want || asked != test.asked {
			t.Errorf("%q with %v, %v = %s after %d questions, want %s after %d", test.resource, test.settings, test.err, got, asked, test.want, test.asked)
		}
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
	rules := func(rules ...authorizer.Rule) func(*authorizer.Config) {
		return func(c *authorizer.Config) { c.Rules = rules }
	}
	route := func(route string) func(*authorizer.Config) { return rules(authorizer.Rule{Route: route}) }
	for name, change := range map[string]func(*authorizer.Config){
		"no verifier":              func(c *authorizer.Config) { c.Verifier = nil },
		"no sessions":              func(c *authorizer.Config) { c.Sessions = nil },
		"no CSRF protocol":         func(c *authorizer.Config) { c.CSRF = nil },
		"rules without settings":   func(c *authorizer.Config) { c.Settings, c.Rules = nil, []authorizer.Rule{{Route: "GET /a"}} },
		"a route without method":   route("/a"),
		"a route for any method":   route("ANY /a"),
		"the default route":        route("$default"),
		"a greedy route":           route("GET /{proxy+}"),
		"a method in lower case":   route("get /a"),
		"two spaces":               route("GET  /a"),
		"no path":                  route("GET a"),
		"two rules for one route":  rules(authorizer.Rule{Route: "GET /a"}, authorizer.Rule{Route: "GET /a"}),
		"a requirement beyond":     rules(authorizer.Rule{Route: "GET /a", Session: 2}),
		"a requirement below":      rules(authorizer.Rule{Route: "GET /a", Session: -1}),
		"a check beyond":           rules(authorizer.Rule{Route: "GET /a", Check: 2}),
		"a check below":            rules(authorizer.Rule{Route: "GET /a", Check: -1}),
		"a validator of an object": rules(authorizer.Rule{Route: "GET /a", Claims: []authorizer.Validator{authorizer.Equals("x", []int{1})}}),
		"a dropped validator that is not there": func(c *authorizer.Config) {
			c.Global = []authorizer.Validator{authorizer.True("st-ev")}
			c.Rules = []authorizer.Rule{{Route: "GET /a", Without: []string{"st-role"}}}
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
