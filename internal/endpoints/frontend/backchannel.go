package frontend

import (
	"context"
	"errors"
	"net/http"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/logins"
	"github.com/latchkey-auth/latchkey/internal/web"
)

// backChannelLogout ends all sessions of a user whose login is over, as the
// provider says, in every tenant (OpenID Connect Back-Channel Logout 1.0,
// sections 2.5 to 2.8). A repeated notice does not end sessions that began
// since.
func (s *Service) backChannelLogout(ctx context.Context, r *web.Request) (web.Response, error) {
	provider := r.Path["provider"]
	form, err := r.Form(4 * maxForm)
	raw := form["logout_token"]
	if err != nil || len(raw) != 1 {
		return invalidRequest(), nil
	}
	ended, err := s.Others.Logout(ctx, provider, r.Query["clientType"], raw[0])
	switch {
	case errors.Is(err, logins.ErrNotFound):
		return invalidRequest(), nil
	case errors.Is(err, logins.ErrRefused):
		s.Log.WarnContext(ctx, "logout refused", "provider", provider, "reason", err.Error())
		return invalidRequest(), nil
	case errors.Is(err, logins.ErrUnavailable):
		return s.providerUnavailable(ctx, provider, err, map[string]string{"error": "temporarily_unavailable"}), nil
	case err != nil:
		return web.Response{}, err
	}
	for _, tenant := range s.Tenants {
		if err := s.endLogin(ctx, tenant, provider, ended); err != nil {
			return web.Response{}, err
		}
	}
	return web.Response{StatusCode: http.StatusOK, Headers: map[string]string{"cache-control": "no-store"}}, nil
}

func (s *Service) endLogin(ctx context.Context, tenant, provider string, ended logins.Ended) error {
	by := accounts.Identity{Provider: provider, Issuer: ended.Issuer, Subject: ended.Subject}
	u, err := s.Accounts.ByLogin(ctx, tenant, by)
	if errors.Is(err, accounts.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.Sessions.RevokeAllOnce(ctx, tenant, u.ID, "logged out at the provider", ended.Issuer+" "+ended.ID)
}

// invalidRequest is the answer to a notice that ends nothing.
func invalidRequest() web.Response {
	return web.JSON(http.StatusBadRequest, map[string]string{"error": "invalid_request"})
}
