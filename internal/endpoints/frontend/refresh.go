package frontend

import (
	"context"
	"errors"
	"net/http"

	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// Refresh are the routes of the refresh function. They need Sessions, Protocol,
// Keys and Tenants.
func (s *Service) Refresh() map[string]web.Route {
	routes := map[string]web.Route{}
	s.tenanted(routes, "POST /session/refresh", s.refresh)
	return routes
}

// refresh ignores the body and its type: some clients send an empty form. An
// anonymous request, which every fresh browser profile makes once, does not ask
// the store.
func (s *Service) refresh(ctx context.Context, r *web.Request) (web.Response, error) {
	tokens, err := r.FDI.RefreshTokens()
	candidates, via := tokens.Candidates()
	if err != nil || via == fdi.None {
		return s.over(ctx, r, fdi.MessageUnauthorised), nil
	}
	if via == fdi.Cookie {
		if err := s.Protocol.CheckCSRF(r.FDI); errors.Is(err, fdi.ErrNoRID) {
			return s.over(ctx, &web.Request{}, fdi.MessageUnauthorised), nil
		} else if err != nil {
			return web.Response{}, err
		}
	}
	grant, err := s.Sessions.Refresh(ctx, candidates...)
	if errors.Is(err, sessions.ErrUnknownKey) {
		// Anybody can make up a token that comes here, so no alarm counts it.
		s.Log.WarnContext(ctx, "refresh key unknown")
	}
	switch {
	case errors.Is(err, sessions.ErrTheft):
		return s.over(ctx, r, fdi.MessageTheft), nil
	case errors.Is(err, sessions.ErrInvalidToken), errors.Is(err, sessions.ErrAmbiguous),
		errors.Is(err, sessions.ErrEnded), errors.Is(err, sessions.ErrStale):
		return s.over(ctx, r, fdi.MessageUnauthorised), nil
	case err != nil:
		return web.Response{}, err
	}
	reply, err := s.protocol(ctx).Grant(grant, via, r.FDI)
	if err != nil {
		return web.Response{}, err
	}
	return web.With(web.JSON(http.StatusOK, struct{}{}), reply), nil
}

// over tells the client that its session has ended. Every 401 of a refresh says
// so in the front-token. Only cookies that the request carried are cleared, so
// that a new sign-in of another tab is not removed.
func (s *Service) over(ctx context.Context, r *web.Request, message string) web.Response {
	protocol := s.Protocol
	if len(r.FDI.Cookies) > 0 {
		protocol = s.protocol(ctx)
	}
	return web.With(web.Message(http.StatusUnauthorized, message), protocol.Clear(r.FDI, false))
}
