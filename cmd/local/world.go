package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/cmd/local/invoke"
	"github.com/latchkey-auth/latchkey/cmd/local/page"
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
	"github.com/latchkey-auth/latchkey/internal/setup/providers"
	"github.com/latchkey-auth/latchkey/internal/template"
	"github.com/latchkey-auth/latchkey/sessions/memory"
)

// apiID is the id of the API in events and policies.
const apiID = "local"

// world is what a local run is made of.
type world struct {
	options    options
	stack      *template.Stack
	attached   *template.Stack   // whose APIs are served beside it; nil if there is none
	authorizer setup.Constructor // nil: Latchkey's own with its rules
	url        string            // where the API is reached, without a slash at the end
	key        sigv4.Key
	getenv     func(string) string
	now        func() time.Time
	log        *slog.Logger
	functions  *invoke.Functions // all there are, once they are built
	mails      *page.Mailbox
}

// constructors returns how each function of the template is built. Test
// TestFunctionsAreInTheTemplate keeps it equal to the folders and the template.
func constructors() map[string]api.Constructor {
	return map[string]api.Constructor{
		authorizerID:          api.Plain(setup.Authorizer(rules.All)),
		"SignUpFunction":      api.SignUp,
		"SignInFunction":      api.SignIn,
		"LoginsFunction":      api.Logins(providers.OpenID),
		"RefreshFunction":     api.Refresh,
		"RevokeFunction":      api.Revoke,
		"DataFunction":        api.Data,
		"ImpersonateFunction": api.Impersonate,
		"JwksFunction":        api.JWKS,
		"MailFunction":        api.Mail,
		"RotateKeysFunction":  rotate,
		"NotesFunction":       api.Plain(notes),
	}
}

func rotate(cfg setup.Config, b api.Backends) (setup.Handler, error) {
	return rotatekeys.New(cfg, b.Backends, b.Providers)
}

func notes(_ setup.Config, b setup.Backends) (setup.Handler, error) {
	return setup.Handler{Handler: lambda.NewHandler(handler.New(authorizer.Backend{Now: b.Now}).Handle)}, nil
}

// assemble builds every function of the template over one set of stores, makes
// the keys, and returns what serves the API and Lambda's Invoke API to callers
// on this machine.
func assemble(ctx context.Context, w world) (http.Handler, error) {
	functions := &invoke.Functions{ByID: map[string]invoke.Function{}, Log: w.log}
	w.functions, w.mails = functions, page.NewMailbox(w.now, w.log)
	open := inMemory(w)
	if w.options.dynamodb != "" {
		open = onDynamoDB(w)
	}
	var unfit faults
	for _, f := range w.stack.Functions {
		h, err := w.build(ctx, f, open)
		if err != nil {
			unfit.add(f.ID, err)
			continue
		}
		functions.ByID[f.ID] = invoke.Function{Handler: h, Timeout: f.Timeout, Aliases: aliasesOf(f.ID)}
	}
	if err := errors.Join(unfit.err(), w.addAttached(functions)); err != nil {
		return nil, err
	}
	if err := w.patiently(ctx, func(ctx context.Context) error { return w.makeKeys(ctx, open) }); err != nil {
		return nil, err
	}
	entrance, err := gateway.New(gateway.Config{
		API: w.stack.APIs[0], APIID: apiID, Invoke: watch(functions), Key: w.key, Now: w.now, Log: w.log,
	})
	if err != nil {
		return nil, err
	}
	all, err := w.serveAttached(functions, w.withPage(entrance))
	if err != nil {
		return nil, err
	}
	return onlyHere(w.options.addr, split(all, functions)), nil
}

// addAttached builds the functions of the template that attaches.
func (w world) addAttached(functions *invoke.Functions) error {
	for id := range w.options.elsewhere {
		if !w.attaches(id) {
			return fmt.Errorf("-invoke: no template that attaches has a function %s", id)
		}
	}
	if w.attached == nil {
		return nil
	}
	for _, f := range w.attached.Functions {
		h, err := w.backend(f)
		if err != nil {
			return fmt.Errorf("%s: %w", f.ID, err)
		}
		functions.ByID[f.ID] = invoke.Function{Handler: h, Timeout: f.Timeout}
	}
	return nil
}

// watch returns what invokes functions and notes the authorizer's decisions
// for the page.
func watch(functions *invoke.Functions) func(context.Context, string, []byte) ([]byte, error) {
	return func(ctx context.Context, name string, event []byte) ([]byte, error) {
		answer, err := functions.Invoke(ctx, name, event)
		if id, _, _ := strings.Cut(name, ":"); id == authorizerID {
			page.Decided(ctx, answer, err)
		}
		return answer, err
	}
}

// withPage adds the page at "/", unless the template has a route there, and the
// description of the API from beside Latchkey's own template.
func (w world) withPage(entrance http.Handler) http.Handler {
	for _, route := range w.stack.APIs[0].Routes {
		if route.Key == "GET /" {
			return entrance
		}
	}
	own := w.options.template
	if w.attached != nil {
		own = w.options.latchkey
	}
	return page.NewRecorder(w.now, w.mails).Handler(entrance, filepath.Dir(own))
}

// split sends Lambda's paths to the functions and everything else, as it came,
// to the API.
func split(entrance http.Handler, functions http.Handler) http.Handler {
	lambdas := http.NewServeMux()
	lambdas.Handle(invoke.Path, functions)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/2015-03-31/") {
			lambdas.ServeHTTP(rw, r)
			return
		}
		entrance.ServeHTTP(rw, r)
	})
}

// build returns the handler of one function, configured by its environment in
// the template.
func (w world) build(ctx context.Context, f template.Function, open opener) (lambda.Handler, error) {
	construct, known := constructors()[f.ID]
	if !known {
		return nil, errors.New("there is no such function in this repository")
	}
	if f.ID == authorizerID && w.authorizer != nil {
		construct = api.Plain(w.authorizer)
	}
	cfg, err := w.config(f)
	if err != nil {
		return nil, err
	}
	b, err := open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return construct(cfg, b)
}

// config reads the function's configuration. The API is reached by plain http,
// which is why cookies are not marked Secure. Its own page may use it.
func (w world) config(f template.Function) (setup.Config, error) {
	cfg, err := setup.FromEnv(func(name string) string { return f.Environment[name] })
	cfg.Region = template.Region
	cfg.DynamoDBEndpoint = w.options.dynamodb
	cfg.Insecure = true
	if cfg.CookieSameSite == "none" {
		err = errors.Join(err, errors.New("-set: CookieSameSite=none needs https, and this is plain http"))
	}
	cfg.Origins = append(cfg.Origins, w.url, strings.Replace(w.url, "127.0.0.1", "localhost", 1))
	return cfg, err
}

// opener returns the backends of a function with that configuration.
type opener func(context.Context, setup.Config) (api.Backends, error)

// inMemory returns an opener whose backends share one set of stores, empty at
// first.
func inMemory(w world) opener {
	store, keys, users, providers := memory.New(), memory.NewKeys(), accounts.NewMemory(), logins.NewMemory()
	return func(_ context.Context, cfg setup.Config) (api.Backends, error) {
		b := setup.Backends{Sessions: store, Keys: keys}
		return w.complete(cfg, api.Backends{Backends: b, Accounts: users, Providers: providers}), nil
	}
}

// complete adds what is the same whatever the store is, and takes away what
// the template does not give the function, so that it is missed here too.
func (w world) complete(cfg setup.Config, b api.Backends) api.Backends {
	b.Now, b.Log, b.Metrics, b.Hasher = w.now, w.log, nil, hashing.Default()
	b.Sessions = page.Watch(b.Sessions)
	if cfg.SessionsTable == "" {
		b.Sessions = nil
	}
	if cfg.KeysTable == "" {
		b.Keys, b.Providers = nil, nil
	}
	if cfg.AccountsTable == "" {
		b.Accounts = nil
	}
	if cfg.MailFunction != "" {
		b.Mail = requests{functions: w.functions, function: cfg.MailFunction}
	}
	if cfg.MailFrom != "" {
		b.Sender = w.mails
	}
	if cfg.KMSKey != "" {
		b.Sealer = memory.NewSealer(sha256.Sum256([]byte("Seals the keys of local runs. Everybody knows it.")))
	}
	return b
}
