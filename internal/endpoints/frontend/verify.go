package frontend

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/endpoints"
	"github.com/latchkey-auth/latchkey/internal/mail"
	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
)

// askVerify asks for the mail by which the caller's address is verified.
func (s *Service) askVerify(ctx context.Context, r *web.Request) (web.Response, error) {
	caller, err := authorizer.CallerFrom(r.Event, s.Backend)
	if err != nil {
		return web.Response{}, err
	}
	session, err := s.sessionOf(ctx, caller)
	if err != nil {
		return web.Response{}, err
	}
	if sessions.IsVerified(session.Merged) {
		already := web.JSON(http.StatusOK, map[string]string{"status": "EMAIL_ALREADY_VERIFIED_ERROR"})
		return s.renewed(ctx, r, session, already)
	}
	if s.Mail == nil {
		return generalError(noMail), nil
	}
	err = s.askMail(ctx, r, mail.Request{Purpose: accounts.VerifyEmail, Tenant: caller.Tenant, UserID: caller.User})
	s.tellOutcome(ctx, attemptAskVerify, caller.Tenant, accounts.User{ID: caller.User}, err)
	if err != nil {
		return accountAnswer(err)
	}
	return done(), nil
}

// verify takes a mailed link for proof that the address is its user's, also if
// another user is signed in, or nobody.
func (s *Service) verify(ctx context.Context, r *web.Request) (web.Response, error) {
	tenant, err := s.Tenants.Named(r.Path["tenantId"])
	if err != nil {
		return web.Response{}, err
	}
	caller, signedIn, err := authorizer.OptionalCallerFrom(r.Event, s.Backend)
	if err != nil {
		return web.Response{}, err
	}
	token, err := mailed(r, "email verification")
	if err != nil {
		return web.Response{}, err
	}
	was, before := s.claimsOf(tenant)
	link, u, err := s.Accounts.FindLink(ctx, accounts.VerifyEmail, tenant, token, before)
	s.tellOutcome(ctx, attemptVerify, tenant, u, err)
	if errors.Is(err, accounts.ErrLink) {
		return web.JSON(http.StatusOK, map[string]string{"status": "EMAIL_VERIFICATION_INVALID_TOKEN_ERROR"}), nil
	}
	if err != nil {
		return accountAnswer(err)
	}
	if err := s.verified(ctx, u, was); err != nil {
		return web.Response{}, err
	}
	answer := done()
	if signedIn {
		if answer, err = s.verifiedTo(ctx, r, caller, answer); err != nil {
			return web.Response{}, err
		}
	}
	return answer, s.Accounts.DropLinks(ctx, link)
}

// verifiedTo adds to the answer what the caller's session has to know of it.
func (s *Service) verifiedTo(
	ctx context.Context, r *web.Request, caller authorizer.Caller, answer web.Response,
) (web.Response, error) {
	session, err := s.sessionOf(ctx, caller)
	if errors.Is(err, sessions.ErrEnded) {
		return answer, nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return s.renewed(ctx, r, session, answer)
}

// isVerifiedNow tells the caller whether the address is verified, by what is
// stored.
func (s *Service) isVerifiedNow(ctx context.Context, r *web.Request) (web.Response, error) {
	caller, err := authorizer.CallerFrom(r.Event, s.Backend)
	if err != nil {
		return web.Response{}, err
	}
	session, err := s.sessionOf(ctx, caller)
	if err != nil {
		return web.Response{}, err
	}
	answer := web.JSON(http.StatusOK, map[string]any{"status": "OK", "isVerified": sessions.IsVerified(session.Merged)})
	return s.renewed(ctx, r, session, answer)
}

// sessionOf reads the caller's session, and returns sessions.ErrEnded if it is
// over.
func (s *Service) sessionOf(ctx context.Context, caller authorizer.Caller) (sessions.Info, error) {
	handle, err := endpoints.SessionOf(caller)
	if err != nil {
		return sessions.Info{}, err
	}
	session, err := s.Sessions.Info(ctx, handle)
	if errors.Is(err, sessions.ErrNotFound) {
		return sessions.Info{}, sessions.ErrEnded
	}
	return session, err
}

// userClaims are the claims of a user, as they were at one moment.
type userClaims struct {
	json    json.RawMessage
	version int64
}

// claimsOf returns what reads the claims of a user of the tenant, before the
// address of a link is compared with that of the user, and where they are put.
func (s *Service) claimsOf(tenant string) (*userClaims, accounts.Before) {
	c := &userClaims{}
	return c, func(ctx context.Context, id string) (err error) {
		c.json, c.version, err = s.Sessions.UserClaims(ctx, tenant, id)
		return err
	}
}

// verified stores that the user's address is verified, unless the claims of
// before say so already. Where the claims were changed since, the address may
// have been too, and it returns sessions.ErrUnavailable: to be tried again from
// the start. It returns sessions.ErrClaims if there is no room for it.
func (s *Service) verified(ctx context.Context, u accounts.User, was *userClaims) error {
	if sessions.IsVerified(was.json) {
		return nil
	}
	patch := fmt.Appendf(nil, `{%q:{"v":true,"t":%d}}`, sessions.ClaimVerified, s.Backend.Now().UnixMilli())
	_, _, err := s.Sessions.MergeUserClaims(ctx, u.Tenant, u.ID, patch, &was.version)
	if !errors.Is(err, sessions.ErrConflict) {
		return err
	}
	// The answer to an earlier try may have been lost.
	now, _, err := s.Sessions.UserClaims(ctx, u.Tenant, u.ID)
	if err == nil && !sessions.IsVerified(now) {
		err = fmt.Errorf("%w: the claims were changed meanwhile", sessions.ErrUnavailable)
	}
	return err
}
