package frontend

import (
	"context"
	"errors"
	"net/http"

	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// SignOut is the route of a sign-out. It needs Sessions, Protocol, Verifier and
// Tenants.
func (s *Service) SignOut() map[string]web.Route {
	routes := map[string]web.Route{}
	s.tenanted(routes, "POST /signout", s.signOut)
	return routes
}

// signOut ends the session of the access token, which may have expired: a
// client that cannot refresh any more must still be able to leave. It is not
// behind the authorizer. The body and its type are ignored.
func (s *Service) signOut(ctx context.Context, r *web.Request) (web.Response, error) {
	raw, via, err := r.FDI.Access()
	switch {
	case err != nil:
		return web.Message(http.StatusUnauthorized, fdi.MessageTryRefresh), nil
	case via == fdi.None:
		return web.Message(http.StatusUnauthorized, fdi.MessageUnauthorised), nil
	}
	if via == fdi.Cookie {
		if err := s.Protocol.CheckCSRF(r.FDI); errors.Is(err, fdi.ErrNoRID) {
			return web.Message(http.StatusUnauthorized, fdi.MessageTryRefresh), nil
		} else if err != nil {
			return web.Response{}, err
		}
	}
	claims, err := s.Verifier.Identify(ctx, raw)
	if errors.Is(err, token.ErrInvalid) {
		return web.Message(http.StatusUnauthorized, fdi.MessageTryRefresh), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	handle, err := sessions.ParseHandle(claims.Handle)
	if err != nil {
		return web.Message(http.StatusUnauthorized, fdi.MessageTryRefresh), nil
	}
	if err := s.Sessions.Revoke(ctx, handle, "signed out"); err != nil {
		return web.Response{}, err
	}
	return web.With(web.JSON(http.StatusOK, map[string]string{"status": "OK"}), s.Protocol.Clear(r.FDI, true)), nil
}
