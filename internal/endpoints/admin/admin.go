// Package admin is what backends may see and do of everybody's sessions, data
// and claims. Its routes are authorized by AWS_IAM, never by a user's token.
package admin

import (
	"context"

	"github.com/latchkey-auth/latchkey/internal/endpoints"
	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
)

// Service is what the endpoints stand on. Each method that returns routes says
// which fields they need.
type Service struct {
	Sessions *sessions.Manager
	Tenants  endpoints.Tenants
}

// admin admits only callers whom API Gateway has authenticated by AWS_IAM. It
// looks at the request context itself, so that a route that is added later
// without that authorization opens nothing.
func admin(next web.Handler) web.Route {
	return web.Route{Handler: func(ctx context.Context, r *web.Request) (web.Response, error) {
		a := r.Event.RequestContext.Authorizer
		if a == nil || a.IAM == nil || a.IAM.UserARN == "" {
			return web.Response{}, web.ErrForbidden
		}
		return next(ctx, r)
	}}
}
