// Package admin is what backends may see and do: of everybody's sessions, data
// and claims, and of users. Its routes are authorized by AWS_IAM, never by a
// user's token.
//
// Where a session begins, changes its access token or ends, the answer has a
// reply: the headers and cookies that tell the frontend, for the backend to copy
// into its own answer.
package admin

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/endpoints"
	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// Service is what the endpoints stand on. Each method that returns routes says
// which fields they need.
type Service struct {
	Sessions *sessions.Manager
	Accounts *accounts.Accounts // of which the data function hashes nothing
	Tenants  endpoints.Tenants
	Protocol *fdi.Protocol
	Settings sessions.SettingsGetter
	Log      *slog.Logger     // told who was given tokens
	Now      func() time.Time // wall time
}

// admin admits only callers whom API Gateway has authenticated by AWS_IAM. It
// looks at the request context itself, so that a route that is added later
// without that authorization opens nothing. What a Cognito identity pool gives
// out is a visitor's, not a backend's.
//
// The query may have the parameters that are named, and no other: one that is
// misspelled must not be taken for one that is missing.
func admin(next web.Handler, parameters ...string) web.Route {
	return web.Route{Handler: func(ctx context.Context, r *web.Request) (web.Response, error) {
		if callerOf(r) == "" {
			return web.Response{}, web.ErrForbidden
		}
		for name := range r.Query {
			if !slices.Contains(parameters, name) {
				return web.Response{}, web.Invalid("the query may have " + cmp.Or(strings.Join(parameters, ", "), "no parameters") + " and nothing else")
			}
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
