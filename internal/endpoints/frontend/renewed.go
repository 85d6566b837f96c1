package frontend

import (
	"context"
	"errors"

	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// renewed adds a new access token to the answer if the token of the request
// says something else about the address than the session does now: a frontend
// believes its token, and would ask for ever. The new token goes by the
// transport of the old one, so that no page reads what was in a cookie.
func (s *Service) renewed(
	ctx context.Context, r *web.Request, session sessions.Info, answer web.Response,
) (web.Response, error) {
	tokens, err := s.accessTokens(ctx, r.FDI)
	if err != nil {
		return web.Response{}, err
	}
	candidates, via := tokens.Candidates()
	outdated, err := s.outdated(ctx, candidates, session)
	if err != nil || !outdated {
		return answer, err
	}
	grant, err := s.Sessions.Token(ctx, session.Handle)
	if errors.Is(err, sessions.ErrNotFound) {
		return answer, nil
	}
	if err != nil {
		return web.Response{}, err
	}
	reply, err := s.protocol(ctx).Grant(grant, via, r.FDI)
	if err != nil {
		return web.Response{}, err
	}
	return web.With(answer, reply), nil
}

// outdated reports whether a good token of the session among the candidates
// says something else about the address. Any other token proves nothing.
func (s *Service) outdated(ctx context.Context, candidates []string, session sessions.Info) (bool, error) {
	is, told := sessions.Verified(session.Merged)
	for _, raw := range candidates {
		claims, err := s.Verifier.Verify(ctx, raw)
		if errors.Is(err, token.ErrInvalid) || errors.Is(err, token.ErrExpired) {
			continue
		}
		if err != nil {
			return false, err
		}
		was, said := sessions.Verified(claims.Custom)
		if claims.Handle == session.Handle.String() && (was != is || said != told) {
			return true, nil
		}
	}
	return false, nil
}
