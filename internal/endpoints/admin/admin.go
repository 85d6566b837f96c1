// Package admin is what backends may see and do: of everybody's sessions, data
// and claims, and of users. Its routes are authorized by AWS_IAM, never by a
// user's token.
//
// Where a session begins, changes its access token or ends, the answer has a
// reply: the headers and cookies that tell the frontend, for the backend to copy
// into its own answer.
package admin

import (
	"context"
	"log/slog"

	"github.com/latchkey-auth/latchkey/internal/endpoints"
	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// Service is what the endpoints stand on. Each method that returns routes says
// which fields they need.
type Service struct {
	Sessions *sessions.Manager
	Tenants  endpoints.Tenants
	Protocol *fdi.Protocol
	Settings sessions.SettingsGetter
	Log      *slog.Logger // told who was given tokens
}

// admin admits only callers whom API Gateway has authenticated by AWS_IAM. It
// looks at the request context itself, so that a route that is added later
// without that authorization opens nothing. What a Cognito identity pool gives
// out is a visitor's, not a backend's.
func admin(next web.Handler) web.Route {
	return web.Route{Handler: func(ctx context.Context, r *web.Request) (web.Response, error) {
		if callerOf(r) == "" {
			return web.Response{}, web.ErrForbidden
		}
		return next(ctx, r)
	}}
}

// callerOf returns the ARN of the backend that asks, or "" if it is none.
func callerOf(r *web.Request) string {
	a := r.Event.RequestContext.Authorizer
	if a == nil || a.IAM == nil {
		return ""
	}
	visitor := a.IAM.CognitoIdentity
	if visitor.IdentityID != "" || visitor.IdentityPoolID != "" || len(visitor.AMR) > 0 {
		return ""
	}
	return a.IAM.UserARN
}
