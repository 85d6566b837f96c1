// Package endpoints is what Latchkey's HTTP API answers: sign-up, sign-in,
// refresh and sign-out as SuperTokens' Frontend Driver Interface has them, a
// user's own sessions, and sessions, data and claims for backends.
//
// Each function of the stack serves one group of routes: see [SignUp],
// [SignIn], [Refresh], [Revoke], [Data] and [JWKS].
package endpoints

import (
	"context"
	"log/slog"
	"slices"
	"strings"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// DefaultTenant is the tenant of requests that name none.
const DefaultTenant = "public"

// Service is what the endpoints stand on. Each group of routes says which
// fields it needs.
type Service struct {
	Sessions *sessions.Manager
	Accounts *accounts.Accounts
	Protocol *fdi.Protocol
	Verifier *token.Verifier
	Keys     *token.Keyring
	Tenants  []string           // the tenants there are; any other is refused
	Log      *slog.Logger       // told how sign-ins and sign-ups end
	Backend  authorizer.Backend // reads the caller from the authorizer's context
}

// tenanted adds a route of the Frontend Driver Interface, with and without
// the segment of a tenant, who must be known. The route is METHOD and path
// below /auth.
func (s *Service) tenanted(routes map[string]web.Route, route string, handler web.Handler) {
	method, path, _ := strings.Cut(route, " ")
	named := func(ctx context.Context, r *web.Request) (web.Response, error) {
		if _, err := s.tenant(r.Path("tenantId")); err != nil {
			return web.Response{}, err
		}
		return handler(ctx, r)
	}
	routes[method+" /auth"+path] = web.Route{Handler: handler, Errors: web.FDI}
	routes[method+" /auth/{tenantId}"+path] = web.Route{Handler: named, Errors: web.FDI}
}

// tenant returns the tenant that the request names, if there is one of that
// name.
func (s *Service) tenant(named string) (string, error) {
	if named == "" {
		named = DefaultTenant
	}
	if !slices.Contains(s.Tenants, named) {
		return "", web.Invalid("unknown tenant")
	}
	return named, nil
}
