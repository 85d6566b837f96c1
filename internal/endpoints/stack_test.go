package endpoints_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
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
	"github.com/latchkey-auth/latchkey/internal/gateway"
	"github.com/latchkey-auth/latchkey/internal/gateway/sigv4"
	"github.com/latchkey-auth/latchkey/internal/logins"
	"github.com/latchkey-auth/latchkey/internal/rotatekeys"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
	"github.com/latchkey-auth/latchkey/internal/template"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
	"github.com/latchkey-auth/latchkey/test/provider"
)

const (
	apiID   = "abc123"
	issuer  = "https://api.example.com/auth"
	page    = "https://app.example.com" // the origin that is allowed
	backend = "AKIABACKEND"             // the key that backends sign with
)

// declared is the API of template.yaml.
var declared = sync.OnceValue(func() template.API {
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		panic(err)
	}
	parsed, err := template.Read(text)
	if err != nil {
		panic(err)
	}
	stack, err := parsed.Stack(map[string]string{"AllowedOrigins": page})
	if err != nil {
		panic(err)
	}
	return stack.APIs[0]
})

// routes are all routes of the API, by their keys.
func routes() map[string]template.Route {
	all := map[string]template.Route{}
	for _, r := range declared().Routes {
		all[r.Key] = r
	}
	return all
}

// protected reports whether the authorizer stands before a route.
func protected(route string) bool {
	_, is := declared().Authorizers[routes()[route].Auth]
	return is
}

// httpEvent is what a function gets of a request.
type httpEvent = events.APIGatewayV2HTTPRequest

// stack is the deployed functions over stores in memory, behind the routes of
// the template: the authorizer first, then the function of the route.
type stack struct {
	t         *testing.T
	open      func() stores
	kept      stores // that were opened last
	sessions  *sessionStore
	accounts  *accountStore
	keys      *keyStore
	sealer    *sealer
	mail      *postbox
	hasher    accounts.Hasher
	providers *providerStore
	network   provider.Network // of providers
	log       *strings.Builder
	functions map[string]lambda.Handler // by the template's names
	entrance  http.Handler
	meddle    func(*httpEvent) // changes what a function other than the authorizer gets; may be nil
	domain    string           // CookieDomain, from the next start on
	verifies  string           // EmailVerification, likewise

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
	s.entrance = s.entranceOf(apiID)
	s.start()
	if err := s.bootstrap(); err != nil {
		t.Fatal(err)
	}
	return s
}

// entranceOf returns the gateway of an API that the functions are behind.
func (s *stack) entranceOf(id string) http.Handler {
	s.t.Helper()
	g, err := gateway.New(gateway.Config{
		API: declared(), APIID: id, Invoke: s.invoke, Now: s.now, Log: slog.New(slog.DiscardHandler),
		Key: sigv4.Key{ID: backend, Secret: backend, Region: template.Region},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return g
}

// invoke calls a function, of which each sandbox has the alias live.
func (s *stack) invoke(ctx context.Context, name string, event []byte) ([]byte, error) {
	name, _, _ = strings.Cut(name, ":")
	if s.meddle != nil && name != "AuthorizerFunction" {
		var e httpEvent
		if err := json.Unmarshal(event, &e); err != nil {
			return nil, err
		}
		s.meddle(&e)
		event, _ = json.Marshal(e) // it was JSON
	}
	return s.functions[name].Invoke(ctx, event)
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
	notes := handler.New(authorizer.Backend{Now: s.now}).Handle
	s.functions = map[string]lambda.Handler{
		"AuthorizerFunction": build(api.Plain(setup.Authorizer(rules.All))), "NotesFunction": lambda.NewHandler(notes),
		"SignUpFunction": build(api.SignUp), "SignInFunction": build(api.SignIn), "LoginsFunction": build(api.Logins(s.others)),
		"RefreshFunction": build(api.Refresh), "RevokeFunction": build(api.Revoke), "DataFunction": build(api.Data),
		"ImpersonateFunction": build(api.Impersonate), "JwksFunction": build(api.JWKS),
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
