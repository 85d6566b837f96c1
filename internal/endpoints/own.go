package endpoints

import (
	"context"
	"net/http"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
)

// Revoke are the routes of the revoke function: sign-out, a user's own
// sessions behind the authorizer, and sessions for backends behind AWS_IAM.
// They need Sessions, Protocol, Verifier, Tenants and Backend.
func (s *Service) Revoke() map[string]web.Route {
	routes := map[string]web.Route{
		"GET /auth/sessions":             {Handler: s.listOwn},
		"DELETE /auth/sessions":          {Handler: s.revokeOthers},
		"DELETE /auth/sessions/{handle}": {Handler: s.revokeOwn},
	}
	s.tenanted(routes, "POST /signout", s.signOut)
	s.adminSessions(routes)
	return routes
}

// ownSession is a session as its user sees it.
type ownSession struct {
	Handle    string `json:"handle"`
	Device    string `json:"device"`
	Created   int64  `json:"timeCreated"` // milliseconds since 1970
	Refreshed int64  `json:"timeRefreshed"`
	Expires   int64  `json:"expiry"`
	Current   bool   `json:"current"`
}

func (s *Service) listOwn(ctx context.Context, r *web.Request) (web.Response, error) {
	caller, err := s.Backend.CallerFromHTTP(r.Event)
	if err != nil {
		return web.Response{}, err
	}
	live, err := s.Sessions.List(ctx, caller.Tenant, caller.User)
	if err != nil {
		return web.Response{}, err
	}
	list := make([]ownSession, len(live))
	for i, session := range live {
		list[i] = ownSession{
			Handle: session.Handle.String(), Device: session.Device,
			Created: session.Created.UnixMilli(), Refreshed: refreshed(session), Expires: session.Expires().UnixMilli(),
			Current: session.Handle.String() == caller.Session,
		}
	}
	return web.JSON(http.StatusOK, map[string]any{"sessions": list}), nil
}

// refreshed is when the session was last used to get tokens.
func refreshed(s sessions.Session) int64 {
	if s.Rotated.IsZero() {
		return s.Created.UnixMilli()
	}
	return s.Rotated.UnixMilli()
}

// revokeOwn ends one session of the caller's. Another user's handle is as
// unknown as one that was never given out.
func (s *Service) revokeOwn(ctx context.Context, r *web.Request) (web.Response, error) {
	caller, err := s.Backend.CallerFromHTTP(r.Event)
	if err != nil {
		return web.Response{}, err
	}
	handle, err := sessions.ParseHandle(r.Path("handle"))
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

// revokeOthers ends every session of the caller's but the one he is using.
func (s *Service) revokeOthers(ctx context.Context, r *web.Request) (web.Response, error) {
	caller, err := s.Backend.CallerFromHTTP(r.Event)
	if err != nil {
		return web.Response{}, err
	}
	keep, err := sessions.ParseHandle(caller.Session)
	if err != nil {
		return web.Response{}, authorizer.ErrNoCaller
	}
	revoked, err := s.Sessions.RevokeOthers(ctx, caller.Tenant, caller.User, keep, "revoked by its user")
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, map[string]any{"status": "OK", "revoked": handles(revoked)}), nil
}

// handles returns the handles as texts, never nil.
func handles(hs []sessions.Handle) []string {
	texts := make([]string, len(hs))
	for i, h := range hs {
		texts[i] = h.String()
	}
	return texts
}
