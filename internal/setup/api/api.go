// Package api builds the functions behind the routes of the API, and the one
// that sends their mails.
package api

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/latchkey-auth/latchkey"
	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/endpoints/admin"
	"github.com/latchkey-auth/latchkey/internal/endpoints/frontend"
	"github.com/latchkey-auth/latchkey/internal/endpoints/own"
	"github.com/latchkey-auth/latchkey/internal/logins"
	"github.com/latchkey-auth/latchkey/internal/mail"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/web"
)

// Backends are those of every function, and those that only some functions
// need.
type Backends struct {
	setup.Backends
	Accounts  accounts.Store
	Hasher    accounts.Hasher // of passwords; nil if the function signs nobody up or in
	Mail      mail.Requests   // where mails are requested; nil: none are sent
	Sender    mail.Sender     // of the mail function
	Providers logins.Store    // of other logins
}

// Constructor builds the handler of one function.
type Constructor func(setup.Config, Backends) (setup.Handler, error)

// Plain makes a Constructor of one that needs no accounts.
func Plain(build setup.Constructor) Constructor {
	return func(cfg setup.Config, b Backends) (setup.Handler, error) { return build(cfg, b.Backends) }
}

// OnAWS returns the constructor of a deployed function. It opens the table of
// accounts if one is configured, and the parts that only some functions link.
func OnAWS(build Constructor, open ...func(setup.Config, *Backends)) setup.Constructor {
	return func(cfg setup.Config, base setup.Backends) (setup.Handler, error) {
		b := Backends{Backends: base}
		if cfg.AccountsTable != "" {
			b.Accounts = accounts.NewDynamo(base.DynamoDB, cfg.AccountsTable)
		}
		if cfg.KeysTable != "" {
			b.Providers = logins.NewDynamo(base.DynamoDB, cfg.KeysTable)
		}
		for _, open := range open {
			open(cfg, &b)
		}
		return build(cfg, b)
	}
}

// Hashing is what OnAWS opens for a function that hashes passwords.
func Hashing(h accounts.Hasher) func(setup.Config, *Backends) {
	return func(_ setup.Config, b *Backends) { b.Hasher = h }
}

// needAccounts is the variable that brings the accounts.
const needAccounts setup.Need = "ACCOUNTS_TABLE"

// SignUp builds the sign-up function. It needs Sessions, Keys, Sealer and
// Accounts.
func SignUp(cfg setup.Config, b Backends) (setup.Handler, error) {
	return serve(cfg, b, func(g *groups) routes { return g.frontend.SignUp() }, setup.NeedSessions, setup.NeedKeys, setup.NeedSealer, needAccounts)
}

// SignIn builds the sign-in function. It needs Sessions, Keys, Sealer and
// Accounts.
func SignIn(cfg setup.Config, b Backends) (setup.Handler, error) {
	return serve(cfg, b, func(g *groups) routes { return g.frontend.SignIn() }, setup.NeedSessions, setup.NeedKeys, setup.NeedSealer, needAccounts)
}

// Logins returns the constructor of the function of other logins, which speaks
// to providers through what others returns. It needs Sessions, Keys, Sealer,
// Accounts and Providers.
func Logins(others func(setup.Config, Backends) frontend.OtherLogins) Constructor {
	return func(cfg setup.Config, b Backends) (setup.Handler, error) {
		if b.Providers == nil {
			return setup.Handler{}, errors.New(string(setup.NeedKeys) + " is not set")
		}
		choose := func(g *groups) routes {
			g.frontend.Others = others(cfg, b)
			return g.frontend.Logins()
		}
		return serve(cfg, b, choose, setup.NeedSessions, setup.NeedKeys, setup.NeedSealer, needAccounts)
	}
}

// Refresh builds the refresh function. It needs Sessions, Keys and Sealer.
func Refresh(cfg setup.Config, b Backends) (setup.Handler, error) {
	return serve(cfg, b, func(g *groups) routes { return g.frontend.Refresh() }, setup.NeedSessions, setup.NeedKeys, setup.NeedSealer)
}

// Revoke builds the revoke function. It needs Sessions and Keys.
func Revoke(cfg setup.Config, b Backends) (setup.Handler, error) {
	return serve(cfg, b, func(g *groups) routes {
		all := g.frontend.SignOut()
		maps.Copy(all, g.own.Routes())
		maps.Copy(all, g.admin.SessionRoutes())
		return all
	}, setup.NeedSessions, setup.NeedKeys)
}

// Data builds the data function. It needs Sessions, Keys and Accounts, and
// hashes nothing.
func Data(cfg setup.Config, b Backends) (setup.Handler, error) {
	return serve(cfg, b, func(g *groups) routes {
		all := g.admin.DataRoutes()
		maps.Copy(all, g.admin.UserRoutes())
		return all
	}, setup.NeedSessions, setup.NeedKeys, needAccounts)
}

// Impersonate builds the function that issues tokens of any user, for backends.
// It needs Sessions, Keys and Sealer.
func Impersonate(cfg setup.Config, b Backends) (setup.Handler, error) {
	return serve(cfg, b, func(g *groups) routes { return g.admin.ImpersonateRoutes() }, setup.NeedSessions, setup.NeedKeys, setup.NeedSealer)
}

// JWKS builds the function that publishes the keys. It needs Keys.
func JWKS(cfg setup.Config, b Backends) (setup.Handler, error) {
	return serve(cfg, b, func(g *groups) routes { return g.frontend.JWKS() }, setup.NeedKeys)
}

// groups holds the endpoints, by the kind of caller.
type groups struct {
	frontend frontend.Service
	own      own.Service
	admin    admin.Service
}

type routes = map[string]web.Route

// serve returns the handler of the chosen routes.
func serve(cfg setup.Config, b Backends, choose func(*groups) routes, needs ...setup.Need) (setup.Handler, error) {
	// This is the only need that setup cannot check.
	needs = slices.DeleteFunc(needs, func(n setup.Need) bool { return n == needAccounts && b.Accounts != nil })
	l, err := setup.Library(cfg, b.Backends, needs...)
	if err != nil {
		return setup.Handler{}, err
	}
	p, err := latchkey.New(l)
	if err != nil {
		return setup.Handler{}, err
	}
	backend := authorizer.Backend{Now: b.Now}
	s := frontend.Service{
		Protocol: p.Protocol, Verifier: p.Verifier, Keys: p.Keys, Tenants: cfg.Tenants, Backend: backend,
		Mail: b.Mail, Now: b.Now, Log: b.Log,
	}
	if b.Sessions != nil {
		if s.Sessions, err = p.Manager(); err != nil {
			return setup.Handler{}, err
		}
	}
	if b.Accounts != nil {
		if s.Accounts, err = registry(cfg, b); err != nil {
			return setup.Handler{}, err
		}
	}
	g := &groups{
		frontend: s,
		own:      own.Service{Sessions: s.Sessions, Backend: backend},
		admin: admin.Service{
			Sessions: s.Sessions, Accounts: s.Accounts, Tenants: cfg.Tenants, Protocol: p.Protocol, Settings: p.Keys,
			Log: b.Log, Now: b.Now,
		},
	}
	h := setup.Handler{Handler: &web.Mux{Routes: choose(g), Log: b.Log, Viewer: cfg.ViewerHeader}, WarmUp: p.LoadKeys}
	if b.Sealer != nil {
		h.WarmUp = p.OpenKeys
	}
	return h, nil
}

// registry returns the accounts.
func registry(cfg setup.Config, b Backends) (*accounts.Accounts, error) {
	return accounts.New(accounts.Config{
		Store: b.Accounts, MinPassword: cfg.MinPassword, PerSource: cfg.PerSource, Service: serviceNames(cfg), Hasher: b.Hasher, Now: b.Now,
	})
}

// serviceNames are words that are too easy to guess as passwords here.
func serviceNames(cfg setup.Config) []string {
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
