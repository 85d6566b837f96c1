package setup_test

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/latchkey-auth/latchkey/functions/authorizer/rules"
	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/accounts/hashing"
	"github.com/latchkey-auth/latchkey/internal/mail"
	"github.com/latchkey-auth/latchkey/internal/rotatekeys"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// functions are all constructors, with the variables of what each needs.
func functions() map[string]struct {
	build api.Constructor
	needs []string
} {
	type function = struct {
		build api.Constructor
		needs []string
	}
	return map[string]function{
		"authorizer":  {api.Plain(setup.Authorizer(rules.All)), []string{"SESSIONS_TABLE", "KEYS_TABLE"}},
		"signup":      {api.SignUp, []string{"SESSIONS_TABLE", "KEYS_TABLE", "KMS_KEY_ID", "ACCOUNTS_TABLE"}},
		"signin":      {api.SignIn, []string{"SESSIONS_TABLE", "KEYS_TABLE", "KMS_KEY_ID", "ACCOUNTS_TABLE"}},
		"refresh":     {api.Refresh, []string{"SESSIONS_TABLE", "KEYS_TABLE", "KMS_KEY_ID"}},
		"revoke":      {api.Revoke, []string{"SESSIONS_TABLE", "KEYS_TABLE"}},
		"data":        {api.Data, []string{"SESSIONS_TABLE", "KEYS_TABLE", "ACCOUNTS_TABLE"}},
		"impersonate": {api.Impersonate, []string{"SESSIONS_TABLE", "KEYS_TABLE", "KMS_KEY_ID"}},
		"jwks":        {api.JWKS, []string{"KEYS_TABLE"}},
		"mail":        {api.Mail, []string{"SESSIONS_TABLE", "ACCOUNTS_TABLE", "MAIL_FROM"}},
		"rotatekeys":  {api.Plain(rotatekeys.Build), []string{"KEYS_TABLE", "KMS_KEY_ID"}},
	}
}

// everything returns the variables that some function needs.
func everything() []string {
	return []string{"SESSIONS_TABLE", "KEYS_TABLE", "KMS_KEY_ID", "ACCOUNTS_TABLE", "MAIL_FROM"}
}

// noSender sends nothing.
type noSender struct{ mail.Sender }

// inMemory returns backends with just those things that the variables would bring.
func inMemory(variables ...string) api.Backends {
	b := api.Backends{Hasher: hashing.Default(), Backends: setup.Backends{
		Now: time.Now, Log: slog.New(slog.DiscardHandler), Metrics: io.Discard,
	}}
	for _, variable := range variables {
		switch variable {
		case "SESSIONS_TABLE":
			b.Sessions = memory.New()
		case "KEYS_TABLE":
			b.Keys = memory.NewKeys()
		case "KMS_KEY_ID":
			b.Sealer = memory.NewSealer([32]byte{1})
		case "ACCOUNTS_TABLE":
			b.Accounts = accounts.NewMemory()
		case "MAIL_FROM":
			b.Sender = noSender{}
		}
	}
	return b
}

// bootstrap makes the settings and the first keys.
func bootstrap(t *testing.T, cfg setup.Config, b api.Backends) {
	t.Helper()
	keeper, err := rotatekeys.Keeper(cfg, b.Backends)
	must(t, err)
	must(t, keeper.Bootstrap(t.Context(), "https://api.example.com/auth", "abc"))
}

func defaults(t *testing.T) setup.Config {
	t.Helper()
	cfg, err := setup.FromEnv(env(nil))
	must(t, err)
	return cfg
}

// Each function starts with what it needs and nothing else, and says by name
// what is missing.
func TestWhatEachFunctionNeeds(t *testing.T) {
	cfg := defaults(t)
	for name, function := range functions() {
		if h, err := function.build(cfg, inMemory(function.needs...)); err != nil || h.Handler == nil || (h.WarmUp == nil) != (name == "rotatekeys" || name == "mail") {
			t.Errorf("%s with %v = %v, %v, want a handler, and a warm-up wherever tokens are verified", name, function.needs, h, err)
		}
		for i, missing := range function.needs {
			others := slices.Delete(slices.Clone(function.needs), i, i+1)
			if _, err := function.build(cfg, inMemory(others...)); err == nil || err.Error() != missing+" is not set" {
				t.Errorf("%s without %s = %v, want an error that names it alone", name, missing, err)
			}
		}
		if _, err := function.build(cfg, api.Backends{}); err == nil || !namesAll(err, append(function.needs, "clock")) {
			t.Errorf("%s with nothing = %v, want an error that names a clock and %v", name, err, function.needs)
		}
	}
}

func namesAll(err error, names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return !strings.Contains(err.Error(), name) })
}

func TestStoresAreThoseWhoseTablesAreNamed(t *testing.T) {
	for variable, has := range map[string]func(api.Backends) bool{
		"SESSIONS_TABLE": func(b api.Backends) bool { return b.Sessions != nil },
		"KEYS_TABLE":     func(b api.Backends) bool { return b.Keys != nil },
		"ACCOUNTS_TABLE": func(b api.Backends) bool { return b.Accounts != nil },
	} {
		for _, name := range []string{"", "a-table"} {
			cfg, err := setup.FromEnv(env(map[string]string{variable: name}))
			must(t, err)
			base, err := setup.AWS(cfg)
			if err != nil || base.Sealer != nil {
				t.Errorf("AWS with %s=%q = %v with the Sealer %v, want none", variable, name, err, base.Sealer)
			}
			var got bool
			look := func(_ setup.Config, b api.Backends) (setup.Handler, error) { got = has(b); return setup.Handler{}, nil }
			if _, err := api.OnAWS(look)(cfg, base); err != nil || got != (name != "") {
				t.Errorf("a function with %s=%q has that store: %v, %v, want %v", variable, name, got, err, name != "")
			}
		}
	}
}

func get(t *testing.T, h lambda.Handler, routeKey string) events.APIGatewayV2HTTPResponse {
	t.Helper()
	event, err := json.Marshal(events.APIGatewayV2HTTPRequest{Version: "2.0", RouteKey: routeKey})
	must(t, err)
	answer, err := h.Invoke(t.Context(), event)
	if err != nil {
		t.Fatalf("Invoke(%s) = %v, want a response", routeKey, err)
	}
	var r events.APIGatewayV2HTTPResponse
	must(t, json.Unmarshal(answer, &r))
	return r
}

// PUBLIC_KEYS stands in for the table of keys, so that `sam local` needs none.
func TestPublicKeys(t *testing.T) {
	key, err := token.Generate(token.ES256)
	must(t, err)
	kid, errKid := token.Thumbprint(key.Public())
	jwk, errJWK := token.PublicJWK(kid, token.ES256, key.Public())
	must(t, errors.Join(errKid, errJWK))
	cfg, err := setup.FromEnv(env(map[string]string{"PUBLIC_KEYS": `{"keys":[` + string(jwk) + `]}`, "API_DOMAIN": "api.example.com", "API_GATEWAY_PATH": "/v1"}))
	must(t, err)
	b, err := setup.AWS(cfg)
	must(t, err)
	handler, err := api.JWKS(cfg, api.Backends{Backends: b})
	must(t, err)
	if r := get(t, handler, keysRoute); r.StatusCode != 200 || !strings.Contains(r.Body, kid) {
		t.Errorf("%s = %d %s, want 200 with key %s", keysRoute, r.StatusCode, r.Body, kid)
	}
	if r := get(t, handler, "GET /auth/.well-known/openid-configuration"); !strings.Contains(r.Body, `"issuer":"https://api.example.com/v1/auth"`) {
		t.Errorf("%s = %s, want the issuer of the custom domain", "GET /auth/.well-known/openid-configuration", r.Body)
	}
}

func TestPublicKeysThatAreNone(t *testing.T) {
	for _, text := range []string{"x", "{}", `{"keys":[]}`, `{"keys":[{"kty":"oct","k":"AAAA"}]}`} {
		_, err := setup.AWS(setup.Config{PublicKeys: text})
		if err == nil || !strings.Contains(err.Error(), "PUBLIC_KEYS") {
			t.Errorf("AWS(PUBLIC_KEYS=%s) = %v, want an error that names it", text, err)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
