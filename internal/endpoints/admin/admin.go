// Package admin is what backends may see and do: sessions, data and claims of
// everybody, and users. Its routes are authorized by AWS_IAM, never by a user's
// token.
//
// If a session begins, gets another access token or ends, the answer has a
// reply: headers and cookies for the frontend, which the backend copies into
// its own answer.
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

// Service has what the endpoints need. Each method that returns routes says
// which fields they use.
type Service struct {
	Sessions *sessions.Manager
	Accounts *accounts.Accounts // of which the data function hashes nothing
	Tenants  endpoints.Tenants
	Protocol *fdi.Protocol
	Settings sessions.SettingsGetter
	Log      *slog.Logger     // gets who was given tokens
	Now      func() time.Time // wall time
}

// admin admits only callers that API Gateway has authenticated by AWS_IAM. It
// looks at the request context itself, so that a route that is added later
// without that authorization opens nothing. Credentials of a Cognito identity
// pool are those of a visitor, not of a backend.
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
				known := cmp.Or(strings.Join(parameters, ", "), "no parameters")
				return web.Response{}, web.Invalid("the query may have " + known + " and nothing else")
			}
		}
		return next(ctx, r)
	}}
}

// callerOf returns the ARN of the calling backend, or "" if the caller is not
// one.
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
