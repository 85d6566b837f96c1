// Package frontend is what SuperTokens' frontends call, as in their Frontend
// Driver Interface: sign-up, sign-in, refresh and sign-out, and the keys that
// tokens are verified with.
package frontend

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/endpoints"
	"github.com/latchkey-auth/latchkey/internal/mail"
	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Service has what the endpoints need. Each method that returns routes says
// which fields they use.
type Service struct {
	Sessions *sessions.Manager
	Accounts *accounts.Accounts
	Protocol *fdi.Protocol
	Verifier *token.Verifier
	Keys     *token.Keyring
	Tenants  endpoints.Tenants
	Backend  authorizer.Backend // reads the caller from the authorizer's context
	Mail     mail.Requests      // nil: no mails are sent
	Others   OtherLogins        // speaks to providers
	Now      func() time.Time
	Log      *slog.Logger // told how sign-ins and sign-ups end
}

// tenanted adds a route of the Frontend Driver Interface, with and without the
// segment of a tenant, which must exist. The route is METHOD and path below
// /auth.
func (s *Service) tenanted(routes map[string]web.Route, route string, handler web.Handler) {
	method, path, _ := strings.Cut(route, " ")
	named := func(ctx context.Context, r *web.Request) (web.Response, error) {
		if _, err := s.Tenants.Named(r.Path["tenantId"]); err != nil {
			return web.Response{}, err
		}
		return handler(ctx, r)
	}
	routes[method+" /auth"+path] = web.Route{Handler: handler, Errors: web.FDI}
	routes[method+" /auth/{tenantId}"+path] = web.Route{Handler: named, Errors: web.FDI}
}
