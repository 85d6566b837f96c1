package admin

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/latchkey-auth/latchkey/internal/endpoints"
	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// ImpersonateRoutes are the routes that give out tokens of any user. They need
// Sessions, Tenants, Protocol, Settings and Log.
func (s *Service) ImpersonateRoutes() map[string]web.Route {
	return map[string]web.Route{
		"POST /admin/sessions":                admin(s.start),
		"POST /admin/sessions/{handle}/token": admin(s.token),
	}
}

// startBody asks for a session of a user whose identity the backend has proven.
type startBody struct {
	User       string           `json:"userId"`
	Tenant     string           `json:"tenantId"`
	RecipeUser string           `json:"recipeUserId"`
	Mode       string           `json:"mode"`
	Epoch      string           `json:"epoch"`    // read before the identity was proven
	IssuedAt   *int64           `json:"issuedAt"` // when it was proven, in milliseconds since 1970; nil means unknown
	Claims     json.RawMessage  `json:"claims"`
	Data       json.RawMessage  `json:"data"`
	Device     string           `json:"device"`
	Replaces   *sessions.Handle `json:"replaces"`
}

// latest is the last millisecond of the year 9999. A time in microseconds is
// later.
const latest = 253402300799999

// request returns what is asked for, and how the tokens travel.
func (b startBody) request(tenants endpoints.Tenants) (sessions.StartRequest, fdi.Transport, error) {
	via, err := transport(b.Mode)
	if err != nil {
		return sessions.StartRequest{}, fdi.None, err
	}
	tenant, err := tenants.Named(b.Tenant)
	if err != nil {
		return sessions.StartRequest{}, fdi.None, err
	}
	var proven time.Time
	if b.IssuedAt != nil {
		if *b.IssuedAt < 1 || *b.IssuedAt > latest {
			return sessions.StartRequest{}, fdi.None, web.Invalid("issuedAt must be milliseconds since 1970")
		}
		proven = time.UnixMilli(*b.IssuedAt)
	}
	epoch, err := sessions.ParseEpoch(tenant, b.User, b.Epoch, proven)
	if err != nil {
		return sessions.StartRequest{}, fdi.None, err
	}
	req := sessions.StartRequest{
		Epoch: epoch, RecipeUser: b.RecipeUser, Claims: b.Claims, Data: b.Data, Device: b.Device,
	}
	if b.Replaces != nil {
		req.Replaces = []sessions.Handle{*b.Replaces}
	}
	return req, via, nil
}

// given is a session and what gives it to a frontend.
type given struct {
	Session sessionInfo `json:"session"`
	Reply   reply       `json:"reply"`
}

// start begins a session. The frontend is not known, so the reply takes back
// all that it could have of an earlier session before it sets the new tokens.
func (s *Service) start(ctx context.Context, r *web.Request) (web.Response, error) {
	var b startBody
	if err := r.Strict(maxData, &b); err != nil {
		return web.Response{}, err
	}
	req, via, err := b.request(s.Tenants)
	if err != nil {
		return web.Response{}, err
	}
	grant, err := s.Sessions.Start(ctx, req)
	if err != nil {
		return web.Response{}, err
	}
	s.tell(ctx, "backend started a session", r, grant)
	reply, err := s.protocol(ctx).First(grant, via)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusCreated, given{infoOf(grant.Info()), replyOf(reply)}), nil
}

// token gives a new access token, with the present claims, to the frontend that
// has the session by that transport.
func (s *Service) token(ctx context.Context, r *web.Request) (web.Response, error) {
	handle, err := sessions.ParseHandle(r.Path["handle"])
	if err != nil {
		return web.Response{}, err
	}
	var b struct {
		Mode string `json:"mode"`
	}
	if err := r.Strict(web.MaxBody, &b); err != nil {
		return web.Response{}, err
	}
	via, err := transport(b.Mode)
	if err != nil {
		return web.Response{}, err
	}
	grant, err := s.Sessions.Token(ctx, handle)
	if err != nil {
		return web.Response{}, err
	}
	s.tell(ctx, "backend took a token", r, grant)
	reply, err := s.protocol(ctx).Grant(grant, via, fdi.Request{})
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, given{infoOf(grant.Info()), replyOf(reply)}), nil
}

// tell logs which backend was given tokens of which user.
func (s *Service) tell(ctx context.Context, what string, r *web.Request, g sessions.Grant) {
	s.Log.InfoContext(ctx, what, "backend", callerOf(r),
		"session", g.Session.Handle.String(), "user", g.Session.User, "tenant", g.Session.Tenant)
}
