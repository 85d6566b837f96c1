package frontend

import (
	"context"
	"errors"
	"slices"

	"github.com/latchkey-auth/latchkey/internal/endpoints"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// A browser may send several cookies of one name: another stack on a parent
// domain set one, CookieDomain was changed, or a proxy doubled one. Which of
// them count is decided here and in sessions.Manager.Refresh. Every answer that
// sets or clears a cookie does so for every domain that ours ever had.

func (s *Service) protocol(ctx context.Context) *fdi.Protocol {
	return endpoints.Cookies(ctx, s.Protocol, s.Keys)
}

// presented returns the sessions that a sign-in came with, by either transport.
// An error means that this cannot be told.
func (s *Service) presented(ctx context.Context, r fdi.Request) ([]sessions.Handle, error) {
	tokens, err := r.AccessTokens()
	if err != nil {
		return nil, nil // Two Bearers: to choose one would be a guess.
	}
	candidates := tokens.Cookies
	if tokens.Bearer != "" {
		candidates = append(candidates, tokens.Bearer)
	}
	return s.identify(ctx, candidates)
}

// accessTokens returns the access tokens of the request. A Bearer of another
// provider is left out, so that it does not hide a cookie.
func (s *Service) accessTokens(ctx context.Context, r fdi.Request) (fdi.Tokens, error) {
	tokens, err := r.AccessTokens()
	if err != nil || tokens.Bearer == "" {
		return tokens, err
	}
	ours, err := s.Verifier.Ours(ctx, tokens.Bearer)
	if !ours {
		tokens.Bearer = ""
	}
	return tokens, err
}

// identify returns the sessions whose access tokens are among the candidates,
// each once. Tokens that are not ours are left out.
func (s *Service) identify(ctx context.Context, candidates []string) ([]sessions.Handle, error) {
	var named []sessions.Handle
	for _, raw := range candidates {
		claims, err := s.Verifier.Identify(ctx, raw)
		if errors.Is(err, token.ErrInvalid) {
			continue
		}
		if err != nil {
			return nil, err
		}
		handle, err := sessions.ParseHandle(claims.Handle)
		if err == nil && !slices.Contains(named, handle) {
			named = append(named, handle)
		}
	}
	return named, nil
}
