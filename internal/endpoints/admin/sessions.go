package admin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/latchkey-auth/latchkey/internal/endpoints"
	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
)

// SessionRoutes are the routes by which backends see and end sessions. They
// need Sessions, Tenants, Protocol and Settings.
func (s *Service) SessionRoutes() map[string]web.Route {
	return map[string]web.Route{
		"GET /admin/sessions/{handle}":          admin(s.info),
		"DELETE /admin/sessions/{handle}":       admin(s.revokeOne),
		"POST /admin/sessions/revoke":           admin(s.revokeMany),
		"GET /admin/users/{userId}/sessions":    admin(s.listOf, tenantParameter),
		"DELETE /admin/users/{userId}/sessions": admin(s.revokeAllOf, tenantParameter, "except"),
	}
}

// sessionInfo is a session as a backend sees it. Times are in milliseconds
// since 1970.
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

// why is the reason of sessions that backends end.
const why = "revoked by a backend"

// done is the answer that says nothing but OK.
func done() web.Response { return web.JSON(http.StatusOK, map[string]string{"status": "OK"}) }

// revokeOne gives the same answer if the session was live, over or never there:
// after it the session is not live.
func (s *Service) revokeOne(ctx context.Context, r *web.Request) (web.Response, error) {
	handle, err := sessions.ParseHandle(r.Path["handle"])
	if err != nil {
		return web.Response{}, err
	}
	if err := s.Sessions.Revoke(ctx, handle, why); err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, struct {
		Status string `json:"status"`
		Reply  reply  `json:"reply"`
	}{"OK", s.over(ctx)}), nil
}

// maxHandles is how many sessions one request can end.
const maxHandles = 100

// revokeMany ends the sessions of a list, which may belong to different users.
// If not all of them are ended, it is an error, and the request may be
// repeated.
func (s *Service) revokeMany(ctx context.Context, r *web.Request) (web.Response, error) {
	var b struct {
		Handles []string `json:"handles"`
	}
	if err := r.Strict(web.MaxBody, &b); err != nil {
		return web.Response{}, err
	}
	if n := len(b.Handles); n < 1 || n > maxHandles {
		return web.Response{}, web.Invalid("handles must be 1 to 100")
	}
	handles := make([]sessions.Handle, len(b.Handles))
	for i, text := range b.Handles {
		var err error
		if handles[i], err = sessions.ParseHandle(text); err != nil {
			return web.Response{}, web.Invalid("handles has one that is no session's")
		}
	}
	if err := s.Sessions.RevokeMany(ctx, handles, why); err != nil {
		return web.Response{}, err
	}
	return done(), nil
}

func (s *Service) listOf(ctx context.Context, r *web.Request) (web.Response, error) {
	of, err := s.userOf(r)
	if err != nil {
		return web.Response{}, err
	}
	live, err := s.Sessions.List(ctx, of.tenant, of.id)
	if err != nil {
		return web.Response{}, err
	}
	list := make([]sessionInfo, len(live))
	for i, session := range live {
		list[i] = infoOf(session)
	}
	return web.JSON(http.StatusOK, map[string]any{"sessions": list}), nil
}

// revokeAllOf ends all sessions of a user except the one that the query names.
func (s *Service) revokeAllOf(ctx context.Context, r *web.Request) (web.Response, error) {
	of, err := s.userOf(r)
	if err != nil {
		return web.Response{}, err
	}
	if except, keeps := r.Query["except"]; keeps {
		err = s.revokeOthers(ctx, of, except)
	} else {
		err = s.Sessions.RevokeAll(ctx, of.tenant, of.id, why)
	}
	if err != nil {
		return web.Response{}, err
	}
	return done(), nil
}

// revokeOthers ends nothing if the one to keep is not a live session of the
// user.
func (s *Service) revokeOthers(ctx context.Context, of user, except string) error {
	keep, err := sessions.ParseHandle(except)
	if err != nil || keep.User() != sessions.KeyOf(of.tenant, of.id) {
		return web.ErrNoneToKeep
	}
	err = s.Sessions.RevokeOthers(ctx, keep, why)
	if errors.Is(err, sessions.ErrEnded) {
		return web.ErrNoneToKeep
	}
	return err
}
