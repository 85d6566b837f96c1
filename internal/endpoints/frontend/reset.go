package frontend

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/mail"
	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
)

// askReset asks for the mail by which a password is reset. Nobody here looks
// whose the address is, so that nothing of the answer depends on that.
func (s *Service) askReset(ctx context.Context, r *web.Request) (web.Response, error) {
	tenant, filled, err := s.form(r, accounts.FieldEmail)
	if err != nil {
		return web.Response{}, err
	}
	email, err := accounts.Address(filled[accounts.FieldEmail])
	if err != nil {
		return accountAnswer(err)
	}
	if s.Mail == nil {
		return web.JSON(http.StatusOK, map[string]string{"status": "PASSWORD_RESET_NOT_ALLOWED", "reason": noMail}), nil
	}
	err = s.askMail(ctx, r, mail.Request{Purpose: accounts.ResetPassword, Tenant: tenant, Email: email})
	s.tellOutcome(ctx, attemptAskReset, tenant, accounts.User{}, err)
	if err != nil {
		return accountAnswer(err)
	}
	return done(), nil
}

// noMail is what users are told where no mails are sent.
const noMail = "No mails are sent here. Please ask those who run this service."

// askMail hands a request to the mail function, and does not wait for it.
func (s *Service) askMail(ctx context.Context, r *web.Request, request mail.Request) error {
	if err := s.Accounts.CountRequest(ctx, r.Source); err != nil {
		return err
	}
	if err := s.Mail.Request(ctx, request); err != nil {
		return fmt.Errorf("%w: asking for a mail: %w", accounts.ErrUnavailable, err)
	}
	return nil
}

// reset gives the user of a mailed link another password, and ends what was
// started with the old one: all sessions before it is written, so that none
// outlives it, whatever fails then, and after it what was just being started. The
// link is dropped last, so that after a fault it works once more. Who has read
// the mail has shown that the address is theirs.
func (s *Service) reset(ctx context.Context, r *web.Request) (web.Response, error) {
	tenant, filled, err := s.form(r, accounts.FieldPassword)
	if err != nil {
		return web.Response{}, err
	}
	token, err := mailed(r, "password reset")
	if err != nil {
		return web.Response{}, err
	}
	was, before := s.claimsOf(tenant)
	endAll := func(ctx context.Context, id string) error {
		return s.Sessions.RevokeAll(ctx, tenant, id, "password reset")
	}
	link, u, err := s.Accounts.ResetPassword(ctx, accounts.Reset{
		Tenant: tenant, Token: token, Password: accounts.Secret(filled[accounts.FieldPassword]), Source: r.Source,
	}, before, endAll)
	s.tellOutcome(ctx, attemptReset, tenant, u, err)
	if errors.Is(err, accounts.ErrLink) {
		return web.JSON(http.StatusOK, map[string]string{"status": "RESET_PASSWORD_INVALID_TOKEN_ERROR"}), nil
	}
	if err != nil {
		return accountAnswer(err)
	}
	if err := endAll(ctx, u.ID); err != nil {
		return web.Response{}, err
	}
	// There may be no room for the claim.
	if err := s.verified(ctx, u, was); err != nil && !errors.Is(err, sessions.ErrClaims) {
		return web.Response{}, err
	}
	if err := s.Accounts.DropLinks(ctx, link); err != nil {
		return web.Response{}, err
	}
	return done(), nil
}

func done() web.Response { return web.JSON(http.StatusOK, map[string]string{"status": "OK"}) }
