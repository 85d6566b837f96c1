package frontend

import (
	"context"
	"errors"
	"net/http"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// SignIn are the routes of the sign-in function: of all that has to do with the
// password and the address of a user who is there. They need Sessions, Accounts,
// Protocol, Verifier, Keys, Tenants, Backend and Log, and Mail where mails are
// sent.
func (s *Service) SignIn() map[string]web.Route {
	routes := map[string]web.Route{}
	s.tenanted(routes, "POST /signin", s.signIn)
	routes["POST /auth/user/password"] = web.Route{Handler: s.changePassword, Errors: web.FDI}
	s.tenanted(routes, "POST /user/password/reset/token", s.askReset)
	s.tenanted(routes, "POST /user/password/reset", s.reset)
	s.tenanted(routes, "POST /user/email/verify/token", s.askVerify)
	s.tenanted(routes, "POST /user/email/verify", s.verify)
	s.tenanted(routes, "GET /user/email/verify", s.isVerifiedNow)
	return routes
}

// signIn reads the user's epoch before the password is checked: what ends all
// sessions in between ends this one as well.
func (s *Service) signIn(ctx context.Context, r *web.Request) (web.Response, error) {
	var err error
	if r.FDI, err = s.Protocol.SignIn(r.FDI); err != nil {
		return web.Response{}, err
	}
	tenant, filled, err := s.form(r, accounts.FieldEmail, accounts.FieldPassword)
	if err != nil {
		return web.Response{}, err
	}
	var epoch sessions.Epoch
	c := accounts.Credentials{
		Tenant: tenant, Source: r.Source,
		Email: filled[accounts.FieldEmail], Password: accounts.Secret(filled[accounts.FieldPassword]),
	}
	u, err := s.Accounts.SignIn(ctx, c, func(ctx context.Context, id string) (err error) {
		epoch, err = s.Sessions.Epoch(ctx, tenant, id)
		return err
	})
	s.tellOutcome(ctx, attemptSignIn, tenant, u, err)
	if err != nil {
		return accountAnswer(err)
	}
	return s.start(ctx, r, signedIn{user: u, epoch: epoch})
}

// signedIn is a user whose credentials are good, and the epoch from before they
// were checked.
type signedIn struct {
	user  accounts.User
	epoch sessions.Epoch
	isNew bool
}

// endedMeanwhile is what users are told all of whose sessions were ended while
// they signed in.
const endedMeanwhile = "You have been signed out everywhere. Please sign in again."

// start starts a session, ends those that the request came with, and hands out
// the new tokens.
func (s *Service) start(ctx context.Context, r *web.Request, in signedIn) (web.Response, error) {
	replaced, err := s.presented(ctx, r.FDI)
	if err != nil {
		return web.Response{}, err
	}
	grant, err := s.Sessions.Start(ctx, sessions.StartRequest{
		Epoch: in.epoch, Device: r.Event.RequestContext.HTTP.UserAgent, Replaces: replaced,
	})
	switch {
	case errors.Is(err, sessions.ErrEpoch), errors.Is(err, sessions.ErrProof):
		return generalError(endedMeanwhile), nil
	case errors.Is(err, sessions.ErrDisabled):
		return generalError("This account is disabled."), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	reply, err := s.protocol(ctx).Grant(grant, r.FDI.Mode(), r.FDI)
	if err != nil {
		return web.Response{}, err
	}
	user := userObject(in.user, sessions.IsVerified(grant.Merged), fdi.Version(r.FDI.FDIVersion))
	body := map[string]any{"status": "OK", "user": user}
	if in.isNew || in.user.ThirdParty != (accounts.Identity{}) {
		body["createdNewRecipeUser"] = in.isNew
	}
	return web.With(web.JSON(http.StatusOK, body), reply), nil
}

// accountAnswer returns what the client is told about credentials that were not
// accepted. As in FDI, that is 200 with a status.
func accountAnswer(err error) (web.Response, error) {
	var fields *accounts.FieldsError
	switch {
	case errors.As(err, &fields):
		return web.JSON(http.StatusOK, map[string]any{"status": "FIELD_ERROR", "formFields": fields.Fields}), nil
	case errors.Is(err, accounts.ErrCredentials):
		return web.JSON(http.StatusOK, map[string]string{"status": "WRONG_CREDENTIALS_ERROR"}), nil
	case errors.Is(err, accounts.ErrNoPassword):
		return generalError("This account has no password."), nil
	case errors.Is(err, accounts.ErrThrottled):
		return generalError("Too many attempts. Please try again later."), nil
	}
	return web.Response{}, err
}

// generalError is an answer whose message the frontend shows to its user.
func generalError(message string) web.Response {
	return web.JSON(http.StatusOK, map[string]string{"status": "GENERAL_ERROR", "message": message})
}
