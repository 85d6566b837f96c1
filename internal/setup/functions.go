package setup

import (
	"context"
	"errors"
	"maps"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/endpoints/admin"
	"github.com/latchkey-auth/latchkey/internal/endpoints/frontend"
	"github.com/latchkey-auth/latchkey/internal/endpoints/own"
	"github.com/latchkey-auth/latchkey/internal/keys"
	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Constructor builds the handler of one function.
type Constructor func(Config, Backends) (lambda.Handler, error)

// Authorizer returns a constructor of the authorizer with the given rules, and
// with claims that every signed-in caller must have on every API. It needs
// Sessions and Keys.
func Authorizer(rules []authorizer.Rule, global ...authorizer.Validator) Constructor {
	return func(cfg Config, b Backends) (lambda.Handler, error) {
		if err := b.check(needSessions, needKeys); err != nil {
			return nil, err
		}
		p, err := newParts(cfg, b)
		if err != nil {
			return nil, err
		}
		return authorizer.New(authorizer.Config{
			Verifier: p.Verifier,
			Sessions: sessions.NewChecker(b.Sessions, p.Keys, b.Now),
			CSRF:     p.Protocol,
			Settings: p.Keys.Settings,
			Rules:    rules,
			Global:   global,
			Metrics:  b.Metrics,
			Stack:    cfg.Stack,
			Log:      b.Log,
			Now:      b.Now,
		})
	}
}

// SignUp builds the sign-up function. It needs Sessions, Keys, Sealer and
// Accounts.
func SignUp(cfg Config, b Backends) (lambda.Handler, error) {
	return serve(cfg, b, func(g *groups) routes { return g.frontend.SignUp() }, needSessions, needKeys, needSealer, needAccounts)
}

// SignIn builds the sign-in function. It needs Sessions, Keys, Sealer and
// Accounts.
func SignIn(cfg Config, b Backends) (lambda.Handler, error) {
	return serve(cfg, b, func(g *groups) routes { return g.frontend.SignIn() }, needSessions, needKeys, needSealer, needAccounts)
}

// Refresh builds the refresh function. It needs Sessions, Keys and Sealer.
func Refresh(cfg Config, b Backends) (lambda.Handler, error) {
	return serve(cfg, b, func(g *groups) routes { return g.frontend.Refresh() }, needSessions, needKeys, needSealer)
}

// Revoke builds the revoke function. It needs Sessions and Keys.
func Revoke(cfg Config, b Backends) (lambda.Handler, error) {
	return serve(cfg, b, func(g *groups) routes {
		all := g.frontend.SignOut()
		maps.Copy(all, g.own.Routes())
		maps.Copy(all, g.admin.SessionRoutes())
		return all
	}, needSessions, needKeys)
}

// Data builds the data function. It needs Sessions and Keys.
func Data(cfg Config, b Backends) (lambda.Handler, error) {
	return serve(cfg, b, func(g *groups) routes { return g.admin.DataRoutes() }, needSessions, needKeys)
}

// JWKS builds the function that publishes the keys. It needs Keys.
func JWKS(cfg Config, b Backends) (lambda.Handler, error) {
	return serve(cfg, b, func(g *groups) routes { return g.frontend.JWKS() }, needKeys)
}

// RotateKeys builds the function that makes and retires keys. It needs Keys
// and Sealer.
func RotateKeys(cfg Config, b Backends) (lambda.Handler, error) {
	keeper, err := Keeper(cfg, b)
	if err != nil {
		return nil, err
	}
	return keys.Handler{Keeper: keeper, Pause: keys.Sleep}, nil
}

// Keeper returns the keeper of the stack's keys. It needs Keys and Sealer.
func Keeper(cfg Config, b Backends) (*keys.Keeper, error) {
	if err := b.check(needKeys, needSealer); err != nil {
		return nil, err
	}
	return keys.New(keys.Config{Store: b.Keys, Sealer: b.Sealer, Algorithm: cfg.Algorithm, Every: cfg.KeyRotation, Now: b.Now})
}

// Bootstrap gives a stack what no function can do without: the first keys, and
// the issuer and API id of the settings. Repeating it is safe, and keeps
// notBefore. It needs Keys and Sealer.
func Bootstrap(ctx context.Context, cfg Config, b Backends, s token.Settings) error {
	keeper, err := Keeper(cfg, b)
	if err != nil {
		return err
	}
	return errors.Join(keeper.Configure(ctx, s.Issuer, s.APIID), keeper.Rotate(ctx))
}

// groups are the endpoints, by whom they are for.
type groups struct {
	frontend frontend.Service
	own      own.Service
	admin    admin.Service
}

type routes = map[string]web.Route

// serve returns the handler of the routes that are chosen.
func serve(cfg Config, b Backends, choose func(*groups) routes, needs ...string) (lambda.Handler, error) {
	if err := b.check(needs...); err != nil {
		return nil, err
	}
	p, err := newParts(cfg, b)
	if err != nil {
		return nil, err
	}
	s := frontend.Service{Protocol: p.Protocol, Verifier: p.Verifier, Keys: p.Keys, Tenants: cfg.Tenants, Log: b.Log}
	if b.Sessions != nil {
		if s.Sessions, err = manager(cfg, b, p.Keys); err != nil {
			return nil, err
		}
	}
	if b.Accounts != nil {
		if s.Accounts, err = registry(cfg, b); err != nil {
			return nil, err
		}
	}
	g := &groups{
		frontend: s,
		own:      own.Service{Sessions: s.Sessions, Backend: authorizer.Backend{Now: b.Now}},
		admin:    admin.Service{Sessions: s.Sessions, Tenants: cfg.Tenants},
	}
	return &web.Mux{Routes: choose(g), Log: b.Log}, nil
}

// registry returns the accounts.
func registry(cfg Config, b Backends) (*accounts.Accounts, error) {
	return accounts.New(accounts.Config{
		Store: b.Accounts, MinPassword: cfg.MinPassword, Service: serviceNames(cfg), Now: b.Now,
	})
}

// manager returns the manager of the sessions, whose events are logged.
func manager(cfg Config, b Backends, ring *token.Keyring) (*sessions.Manager, error) {
	return sessions.New(sessions.Config{
		Store: b.Sessions, Keys: ring,
		Access: cfg.Access, Idle: cfg.Idle, Absolute: cfg.Absolute, Replay: cfg.Replay, Gap: cfg.Gap,
		MaxSessions: cfg.MaxSessions, Now: b.Now,
		Events: func(ctx context.Context, e sessions.Event) {
			b.Log.InfoContext(ctx, "session "+string(e.Kind), "session", e.Handle.String(), "user", e.User, "tenant", e.Tenant, "reason", e.Reason)
		},
	})
}

// serviceNames are words that are too easy to guess as passwords here.
func serviceNames(cfg Config) []string {
	names := []string{"latchkey"}
	if cfg.APIDomain != "" {
		names = append(names, cfg.APIDomain)
	}
	for _, origin := range cfg.Origins {
		_, host, _ := strings.Cut(origin, "://")
		names = append(names, host)
	}
	return names
}

// parts are what most functions are made of.
type parts struct {
	Keys     *token.Keyring
	Verifier *token.Verifier
	Protocol *fdi.Protocol
}

func newParts(cfg Config, b Backends) (parts, error) {
	ring, err := token.NewKeyring(token.KeyringConfig{
		Store: b.Keys, Sealer: b.Sealer, AccessLifetime: cfg.Access, Idle: cfg.Idle, Now: b.Now, Log: b.Log,
	})
	if err != nil {
		return parts{}, err
	}
	verifier, err := token.NewVerifier(token.VerifierConfig{Keys: ring, MaxLifetime: maxAccess, Now: b.Now})
	if err != nil {
		return parts{}, err
	}
	protocol, err := fdi.New(fdi.Config{
		Secure: !cfg.Insecure, Domain: cfg.CookieDomain, SameSite: cfg.CookieSameSite,
		GatewayPath: cfg.GatewayPath, Origins: cfg.Origins,
	})
	return parts{Keys: ring, Verifier: verifier, Protocol: protocol}, err
}
