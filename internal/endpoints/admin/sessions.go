package admin

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/latchkey-auth/latchkey/internal/endpoints"
	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
)

// SessionRoutes are those by which backends see and end sessions. They need
// Sessions and Tenants.
func (s *Service) SessionRoutes() map[string]web.Route {
	return map[string]web.Route{
		"GET /admin/sessions/{handle}":          admin(s.info),
		"DELETE /admin/sessions/{handle}":       admin(s.revokeOne),
		"GET /admin/users/{userId}/sessions":    admin(s.listOf),
		"DELETE /admin/users/{userId}/sessions": admin(s.revokeAllOf),
	}
}

// sessionInfo is a session as a backend sees it. Times are milliseconds since
// 1970.
type sessionInfo struct {
	Handle     string          `json:"sessionHandle"`
	User       string          `json:"userId"`
	RecipeUser string          `json:"recipeUserId"`
	Tenant     string          `json:"tenantId"`
	Device     string          `json:"device"`
	Created    int64           `json:"timeCreated"`
	Refreshed  int64           `json:"timeRefreshed"`
	Expires    int64           `json:"expiry"`
	Claims     json.RawMessage `json:"customClaimsInAccessTokenPayload"` // of both layers
	Own        json.RawMessage `json:"sessionClaims"`
	Version    int64           `json:"claimsVersion"`     // of the session's layer
	OfUser     int64           `json:"userClaimsVersion"` // of the user's
}

func infoOf(s sessions.Info) sessionInfo {
	return sessionInfo{
		Handle: s.Handle.String(), User: s.User, RecipeUser: s.RecipeUser, Tenant: s.Tenant, Device: s.Device,
		Created: s.Created.UnixMilli(), Refreshed: endpoints.Refreshed(s.Session), Expires: s.Expires().UnixMilli(),
		Claims: s.Merged, Own: s.Claims, Version: s.ClaimsVersion, OfUser: s.Owner.ClaimsVersion,
	}
}

func (s *Service) info(ctx context.Context, r *web.Request) (web.Response, error) {
	handle, err := sessions.ParseHandle(r.Path["handle"])
	if err != nil {
		return web.Response{}, err
	}
	session, err := s.Sessions.Info(ctx, handle)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, infoOf(session)), nil
}

// revokeOne answers the same whether the session was live, over or never
// there: afterwards it is not live.
func (s *Service) revokeOne(ctx context.Context, r *web.Request) (web.Response, error) {
	handle, err := sessions.ParseHandle(r.Path["handle"])
	if err != nil {
		return web.Response{}, err
	}
	if err := s.Sessions.Revoke(ctx, handle, "revoked by a backend"); err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, map[string]string{"status": "OK"}), nil
}

func (s *Service) listOf(ctx context.Context, r *web.Request) (web.Response, error) {
	tenant, err := s.Tenants.Named(r.Query["tenantId"])
	if err != nil {
		return web.Response{}, err
	}
	live, err := s.Sessions.List(ctx, tenant, r.Path["userId"])
	if err != nil {
		return web.Response{}, err
	}
	list := make([]sessionInfo, len(live))
	for i, session := range live {
		list[i] = infoOf(session)
	}
	return web.JSON(http.StatusOK, map[string]any{"sessions": list}), nil
}

func (s *Service) revokeAllOf(ctx context.Context, r *web.Request) (web.Response, error) {
	tenant, err := s.Tenants.Named(r.Query["tenantId"])
	if err != nil {
		return web.Response{}, err
	}
	if err := s.Sessions.RevokeAll(ctx, tenant, r.Path["userId"], "revoked by a backend"); err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, map[string]string{"status": "OK"}), nil
}
