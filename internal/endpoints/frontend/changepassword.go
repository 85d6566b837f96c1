package frontend

import (
	"context"
	"errors"
	"net/http"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/endpoints"
	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
)

// changePassword replaces the password of the caller, whose session the
// authorizer has checked, and ends the caller's other sessions.
func (s *Service) changePassword(ctx context.Context, r *web.Request) (web.Response, error) {
	caller, err := authorizer.CallerFrom(r.Event, s.Backend)
	if err != nil {
		return web.Response{}, err
	}
	keep, err := endpoints.SessionOf(caller)
	if err != nil {
		return web.Response{}, err
	}
	var body struct {
		Current  *string `json:"currentPassword"`
		Password *string `json:"password"`
	}
	if err := r.Strict(maxForm, &body); err != nil {
		return web.Response{}, err
	}
	if body.Current == nil || body.Password == nil {
		return web.Response{}, web.Invalid("the body must have the members currentPassword and password")
	}
	err = s.Accounts.ChangePassword(ctx, accounts.Change{
		Tenant: caller.Tenant, User: caller.User, Source: r.Source,
		Current: accounts.Secret(*body.Current), Password: accounts.Secret(*body.Password),
	}, func(ctx context.Context, _ string) error { return s.endOthers(ctx, caller, keep) })
	s.tellOutcome(ctx, attemptChange, caller.Tenant, accounts.User{ID: caller.User}, err)
	if err != nil {
		return accountAnswer(err)
	}
	if err := s.endOthers(ctx, caller, keep); err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, map[string]string{"status": "OK"}), nil
}

// endOthers ends the sessions that the old password started, all but the one to
// keep: before the new password is stored, so that none outlives the old one,
// whatever fails then, and after it, for those that were just being started. If
// the one to keep is over, perhaps because a thief kept another, all of them end.
func (s *Service) endOthers(ctx context.Context, caller authorizer.Caller, keep sessions.Handle) error {
	const why = "password changed"
	err := s.Sessions.RevokeOthers(ctx, keep, why)
	if errors.Is(err, sessions.ErrEnded) {
		return s.Sessions.RevokeAll(ctx, caller.Tenant, caller.User, why)
	}
	return err
}
