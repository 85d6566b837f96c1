package endpoints_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/examples/notes/handler"
	"github.com/latchkey-auth/latchkey/functions/authorizer/rules"
	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/accounts/hashing"
	"github.com/latchkey-auth/latchkey/internal/logins"
	"github.com/latchkey-auth/latchkey/internal/rotatekeys"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
	"github.com/latchkey-auth/latchkey/test/provider"
)

const (
	apiID  = "abc123"
	issuer = "https://api.example.com/auth"
	page   = "https://app.example.com" // the origin that is allowed
)

// stack is the deployed functions over stores in memory, behind what API
// Gateway does: the authorizer first, then the function of the route.
type stack struct {
	t          *testing.T
	open       func() stores
	kept       stores // that were opened last
	sessions   *sessionStore
	accounts   *accountStore
	keys       *keyStore
	sealer     *sealer
	mail       *postbox
	hasher     accounts.Hasher
	providers  *providerStore
	network    provider.Network // of providers
	log        *strings.Builder
	authorizer lambda.Handler
	functions  map[string]lambda.Handler // by name
	domain     string                    // CookieDomain, from the next start on
	verifies   string                    // EmailVerification, likewise

	mu    sync.Mutex
	clock time.Time
}

// stores are what a stack keeps everything in.
type stores struct {
	sessions  sessions.Store
	accounts  accounts.Store
	keys      token.KeyStore
	providers logins.Store
}

func newStack(t *testing.T) *stack {
	t.Helper()
	kept := stores{memory.New(), accounts.NewMemory(), memory.NewKeys(), logins.NewMemory()}
	return newStackOver(t, func() stores { return kept })
}

// newStackOver returns a stack whose sandboxes open those stores when they
// start.
func newStackOver(t *testing.T, open func() stores) *stack {
	t.Helper()
	// The jar knows the real time only, so the clock starts there.
	s := &stack{t: t, open: open, clock: time.Now().Truncate(time.Second), log: &strings.Builder{}}
	s.sessions, s.accounts, s.keys = &sessionStore{}, &accountStore{}, &keyStore{}
	s.mail, s.hasher = &postbox{}, hashing.Default()
	s.providers, s.network = &providerStore{}, provider.Network{}
	s.sealer = &sealer{Sealer: memory.NewSealer([32]byte{1})}
	s.start()
	if err := s.bootstrap(); err != nil {
		t.Fatal(err)
	}
	return s
}

// bootstrap makes what is due of the settings and the keys.
func (s *stack) bootstrap() error {
	keeper, err := rotatekeys.Keeper(s.config(), s.backends().Backends)
	if err != nil {
		return err
	}
	return errors.Join(keeper.Bootstrap(s.t.Context(), issuer, apiID), keeper.SetCookieDomain(s.t.Context(), s.domain))
}

// start builds the functions anew, as in sandboxes that hold nothing yet.
func (s *stack) start() {
	s.t.Helper()
	s.kept = s.open()
	s.sessions.open(s.kept.sessions)
	s.accounts.open(s.kept.accounts)
	s.keys.KeyStore, s.providers.Store = s.kept.keys, s.kept.providers
	build := func(c api.Constructor) lambda.Handler {
		h, err := c(s.config(), s.backends())
		if err != nil {
			s.t.Fatal(err)
		}
		return h
	}
	s.authorizer = build(api.Plain(setup.Authorizer(rules.All)))
	s.functions = map[string]lambda.Handler{
		"signup": build(api.SignUp), "signin": build(api.SignIn), "logins": build(api.Logins(s.others)), "refresh": build(api.Refresh),
		"revoke": build(api.Revoke), "data": build(api.Data), "impersonate": build(api.Impersonate), "jwks": build(api.JWKS),
		"notes": lambda.NewHandler(handler.New(authorizer.Backend{Now: s.now}).Handle),
	}
}

func (s *stack) config() setup.Config {
	cfg, err := setup.FromEnv(func(name string) string {
		return map[string]string{
			"ALLOWED_ORIGINS": page, "TENANTS": "public,acme", "SIGNING_ALGORITHM": "ES256", "API_DOMAIN": "api.example.com",
			"COOKIE_DOMAIN": s.domain, "EMAIL_VERIFICATION": s.verifies,
		}[name]
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return cfg
}

func (s *stack) backends() api.Backends {
	return api.Backends{Accounts: s.accounts, Providers: s.providers, Hasher: s.hasher, Mail: s.mail.requests(), Backends: setup.Backends{
		Sessions: s.sessions, Keys: s.keys, Sealer: s.sealer,
		Now: s.now, Log: slog.New(slog.NewJSONHandler(s.log, nil)), Metrics: io.Discard,
	}}
}

func (s *stack) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock
}

func (s *stack) advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = s.clock.Add(d)
}

// calls counts what the stores and the key service were asked.
func (s *stack) calls() int {
	return s.sessions.count() + s.accounts.count() + s.keys.count() + s.sealer.count() + s.mail.count() + s.providers.count()
}

// free asserts that what is done asks no store for anything.
func (s *stack) free(do func()) {
	s.t.Helper()
	before := s.calls()
	do()
	if n := s.calls() - before; n > 0 {
		s.t.Errorf("%d calls to stores, want none", n)
	}
}

// routes are all routes of the API, with the function that answers each.
func routes() map[string]string {
	all := map[string]string{
		"POST /auth/user/password": "signin",
		"GET /auth/sessions":       "revoke", "DELETE /auth/sessions": "revoke", "DELETE /auth/sessions/{handle}": "revoke",
		"GET /admin/sessions/{handle}": "revoke", "DELETE /admin/sessions/{handle}": "revoke",
		"GET /admin/users/{userId}/sessions": "revoke", "DELETE /admin/users/{userId}/sessions": "revoke",
		"GET /admin/sessions/{handle}/data": "data", "PUT /admin/sessions/{handle}/data": "data",
		"PATCH /admin/sessions/{handle}/claims": "data", "POST /admin/sessions/revoke": "revoke",
		"GET /admin/users": "data", "POST /admin/users": "data", "DELETE /admin/users/{userId}": "data",
		"GET /admin/users/{userId}": "data", "PATCH /admin/users/{userId}": "data",
		"GET /admin/users/{userId}/claims": "data", "PATCH /admin/users/{userId}/claims": "data",
		"POST /admin/sessions": "impersonate", "POST /admin/sessions/{handle}/token": "impersonate",
		"POST /auth/logout/{provider}": "logins",
		"GET /notes":                   "notes", "POST /notes": "notes", "GET /greeting": "notes", "GET /reports": "notes",
	}
	for route, function := range map[string]string{
		"POST /signup": "signup", "GET /emailpassword/email/exists": "signup", "GET /signup/email/exists": "signup",
		"POST /user/password/reset/token": "signin", "POST /user/password/reset": "signin",
		"POST /user/email/verify/token": "signin", "POST /user/email/verify": "signin", "GET /user/email/verify": "signin",
		"GET /authorisationurl": "logins", "POST /signinup": "logins",
		"POST /signin": "signin", "POST /session/refresh": "refresh", "POST /signout": "revoke",
		"GET /jwt/jwks.json": "jwks", "GET /.well-known/jwks.json": "jwks", "GET /.well-known/openid-configuration": "jwks",
	} {
		method, path, _ := strings.Cut(route, " ")
		all[method+" /auth"+path] = function
		all[method+" /auth/{tenantId}"+path] = function
	}
	return all
}

// protected reports whether the authorizer stands before a route.
func protected(route string) bool {
	_, path, _ := strings.Cut(route, " ")
	return strings.HasPrefix(path, "/auth/sessions") || route == changeRoute || strings.Contains(path, "/user/email/") || routes()[route] == "notes"
}

type (
	httpEvent = events.APIGatewayV2HTTPRequest
	answer    = events.APIGatewayV2HTTPResponse
)

// serve answers a request as API Gateway does.
func (s *stack) serve(ctx context.Context, e httpEvent) answer {
	s.t.Helper()
	if protected(e.RouteKey) {
		context, status := s.authorize(ctx, e)
		if status != 200 {
			return answer{StatusCode: status}
		}
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: context}
	}
	return s.invoke(ctx, routes()[e.RouteKey], e)
}

func (s *stack) invoke(ctx context.Context, function string, e httpEvent) answer {
	s.t.Helper()
	event, err := json.Marshal(e)
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := s.functions[function].Invoke(ctx, event)
	if err != nil {
		s.t.Fatalf("%s: Invoke = %v, want a response", e.RouteKey, err)
	}
	var a answer
	if err := json.Unmarshal(text, &a); err != nil {
		s.t.Fatal(err)
	}
	return a
}

// authorize asks the authorizer and returns the status that its answer means.
func (s *stack) authorize(ctx context.Context, e httpEvent) (map[string]any, int) {
	s.t.Helper()
	e.RequestContext.Authorizer = nil
	stage := "arn:aws:execute-api:eu-central-1:123456789012:" + apiID + "/$default/"
	event, err := json.Marshal(events.APIGatewayV2CustomAuthorizerV2Request{
		Version: "2.0", Type: "REQUEST", RouteArn: stage + e.RequestContext.HTTP.Method + e.RawPath,
		RouteKey: e.RouteKey, RawPath: e.RawPath, Cookies: e.Cookies, Headers: e.Headers, RequestContext: e.RequestContext,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := s.authorizer.Invoke(ctx, event)
	if errors.Is(err, authorizer.ErrUnauthorized) {
		return nil, 401
	}
	if err != nil {
		return nil, 500
	}
	var policy events.APIGatewayV2CustomAuthorizerIAMPolicyResponse
	if err := json.Unmarshal(text, &policy); err != nil {
		s.t.Fatal(err)
	}
	if len(policy.PolicyDocument.Statement) != 1 || policy.PolicyDocument.Statement[0].Effect != "Allow" {
		return nil, 403
	}
	return policy.Context, 200
}
