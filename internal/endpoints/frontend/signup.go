package frontend

import (
	"context"
	"net/http"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/web"
)

// SignUp are the routes of the sign-up function. They need Sessions, Accounts,
// Protocol, Verifier, Keys, Tenants and Log.
func (s *Service) SignUp() map[string]web.Route {
	routes := map[string]web.Route{}
	s.tenanted(routes, "POST /signup", s.signUp)
	s.tenanted(routes, "GET /emailpassword/email/exists", s.emailExists)
	s.tenanted(routes, "GET /signup/email/exists", s.emailExists) // of older frontends
	return routes
}

func (s *Service) signUp(ctx context.Context, r *web.Request) (web.Response, error) {
	var err error
	if r.FDI, err = s.Protocol.SignIn(r.FDI); err != nil {
		return web.Response{}, err
	}
	tenant, filled, err := s.form(r, accounts.FieldEmail, accounts.FieldPassword)
	if err != nil {
		return web.Response{}, err
	}
	u, err := s.Accounts.SignUp(ctx, accounts.Credentials{
		Tenant: tenant, Source: r.Source,
		Email: filled[accounts.FieldEmail], Password: accounts.Secret(filled[accounts.FieldPassword]),
	})
	s.tellOutcome(ctx, attemptSignUp, tenant, u, err)
	if err != nil {
		return accountAnswer(err)
	}
	epoch, err := s.Sessions.Epoch(ctx, u.Tenant, u.ID)
	if err != nil {
		return web.Response{}, err
	}
	return s.start(ctx, r, signedIn{user: u, epoch: epoch, isNew: true})
}

func (s *Service) emailExists(ctx context.Context, r *web.Request) (web.Response, error) {
	tenant, err := s.Tenants.Named(r.Path["tenantId"])
	if err != nil {
		return web.Response{}, err
	}
	email, there := r.Query["email"]
	if !there {
		return web.Response{}, web.Invalid("Please provide the email as a GET param")
	}
	exists, err := s.Accounts.Exists(ctx, tenant, email, r.Source)
	if err != nil {
		return accountAnswer(err)
	}
	return web.JSON(http.StatusOK, map[string]any{"status": "OK", "exists": exists}), nil
}
