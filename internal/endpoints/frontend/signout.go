package frontend

import (
	"context"
	"errors"
	"net/http"

	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// SignOut is the route of a sign-out. It needs Sessions, Protocol, Verifier,
// Keys and Tenants.
func (s *Service) SignOut() map[string]web.Route {
	routes := map[string]web.Route{}
	s.tenanted(routes, "POST /signout", s.signOut)
	return routes
}

// signOut ends the session of the access token. The token may have expired: a
// client that cannot refresh must be able to sign out. If cookies name several
// sessions, all of them end. The route is not behind the authorizer. The body
// and its type are ignored.
func (s *Service) signOut(ctx context.Context, r *web.Request) (web.Response, error) {
	tokens, err := s.accessTokens(ctx, r.FDI)
	candidates, via := tokens.Candidates()
	switch {
	case errors.Is(err, fdi.ErrDuplicate):
		return web.Message(http.StatusUnauthorized, fdi.MessageTryRefresh), nil
	case err != nil:
		return web.Response{}, err
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
	named, err := s.identify(ctx, candidates)
	if err != nil {
		return web.Response{}, err
	}
	if len(named) == 0 {
		return web.Message(http.StatusUnauthorized, fdi.MessageTryRefresh), nil
	}
	if err := s.Sessions.RevokeMany(ctx, named, "signed out"); err != nil {
		return web.Response{}, err
	}
	return web.With(web.JSON(http.StatusOK, map[string]string{"status": "OK"}), s.protocol(ctx).Clear(r.FDI, true)), nil
}
