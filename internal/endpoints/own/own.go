// Package own is what signed-in users may see of their own sessions, and do
// with them. Its routes are behind the authorizer.
package own

import (
	"context"
	"net/http"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/internal/endpoints"
	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
)

// Service has what the endpoints need.
type Service struct {
	Sessions *sessions.Manager
	Backend  authorizer.Backend // reads the caller from the authorizer's context
}

// Routes are the routes of a user's own sessions.
func (s *Service) Routes() map[string]web.Route {
	return map[string]web.Route{
		"GET /auth/sessions":             {Handler: s.list},
		"DELETE /auth/sessions":          {Handler: s.revokeOthers},
		"DELETE /auth/sessions/{handle}": {Handler: s.revokeOne},
	}
}

// session is a session as its user sees it.
type session struct {
	Handle    string `json:"handle"`
	Device    string `json:"device"`
	Created   int64  `json:"timeCreated"` // milliseconds since 1970
	Refreshed int64  `json:"timeRefreshed"`
	Expires   int64  `json:"expiry"`
	Current   bool   `json:"current"`
}

func (s *Service) list(ctx context.Context, r *web.Request) (web.Response, error) {
	caller, err := authorizer.CallerFrom(r.Event, s.Backend)
	if err != nil {
		return web.Response{}, err
	}
	live, err := s.Sessions.List(ctx, caller.Tenant, caller.User)
	if err != nil {
		return web.Response{}, err
	}
	list := make([]session, len(live))
	for i, l := range live {
		list[i] = session{
			Handle: l.Handle.String(), Device: l.Device,
			Created: l.Created.UnixMilli(), Refreshed: endpoints.Refreshed(l.Session), Expires: l.Expires().UnixMilli(),
			Current: l.Handle.String() == caller.Session,
		}
	}
	return web.JSON(http.StatusOK, map[string]any{"sessions": list}), nil
}

// revokeOne ends one session of the caller. The handle of another user's
// session is as unknown as one that never existed.
func (s *Service) revokeOne(ctx context.Context, r *web.Request) (web.Response, error) {
	caller, err := authorizer.CallerFrom(r.Event, s.Backend)
	if err != nil {
		return web.Response{}, err
	}
	handle, err := sessions.ParseHandle(r.Path["handle"])
	if err != nil {
		return web.Response{}, err
	}
	if handle.User() != sessions.KeyOf(caller.Tenant, caller.User) {
		return web.Response{}, sessions.ErrNotFound
	}
	if err := s.Sessions.Revoke(ctx, handle, "revoked by its user"); err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, map[string]string{"status": "OK"}), nil
}

// revokeOthers ends every session of the caller but the one in use.
func (s *Service) revokeOthers(ctx context.Context, r *web.Request) (web.Response, error) {
	caller, err := authorizer.CallerFrom(r.Event, s.Backend)
	if err != nil {
		return web.Response{}, err
	}
	keep, err := endpoints.SessionOf(caller)
	if err != nil {
		return web.Response{}, err
	}
	if err := s.Sessions.RevokeOthers(ctx, keep, "revoked by its user"); err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, map[string]string{"status": "OK"}), nil
}
