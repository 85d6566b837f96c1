package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
)

// UserRoutes are those of users and their claims. They need Sessions and
// Tenants.
func (s *Service) UserRoutes() map[string]web.Route {
	return map[string]web.Route{
		"GET /admin/users/{userId}":          admin(s.getUser),
		"PATCH /admin/users/{userId}":        admin(s.patchUser),
		"GET /admin/users/{userId}/claims":   admin(s.getUserClaims),
		"PATCH /admin/users/{userId}/claims": admin(s.patchUserClaims),
	}
}

// userInfo is a user as a backend sees it.
type userInfo struct {
	ID       string `json:"userId"`
	Tenant   string `json:"tenantId"`
	Epoch    string `json:"epoch"` // for a start, which it binds to this moment
	Disabled bool   `json:"disabled"`
	Version  int64  `json:"claimsVersion"`
	Account  any    `json:"account"` // null: of another login, or not read
}

// getUser answers for any id: one of whom nothing was ever written is like one
// who has not signed in yet.
func (s *Service) getUser(ctx context.Context, r *web.Request) (web.Response, error) {
	of, err := s.userOf(r)
	if err != nil {
		return web.Response{}, err
	}
	return s.aboutUser(ctx, of)
}

func (s *Service) aboutUser(ctx context.Context, of user) (web.Response, error) {
	u, err := s.Sessions.User(ctx, of.tenant, of.id)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, userInfo{
		ID: of.id, Tenant: of.tenant, Epoch: u.EpochText(), Disabled: u.Disabled, Version: u.ClaimsVersion,
	}), nil
}

// patchUser disables a user, which ends all sessions by the same write, or
// enables one again.
func (s *Service) patchUser(ctx context.Context, r *web.Request) (web.Response, error) {
	of, err := s.userOf(r)
	if err != nil {
		return web.Response{}, err
	}
	var b struct {
		Disabled *bool `json:"disabled"`
	}
	if err := r.Strict(web.MaxBody, &b); err != nil {
		return web.Response{}, err
	}
	switch {
	case b.Disabled == nil:
		return web.Response{}, web.Invalid("the body must have the member disabled, true or false")
	case *b.Disabled:
		err = s.Sessions.Disable(ctx, of.tenant, of.id, "disabled by a backend")
	default:
		err = s.Sessions.Enable(ctx, of.tenant, of.id)
	}
	if errors.Is(err, sessions.ErrConflict) { // disabled once more meanwhile
		err = fmt.Errorf("%w: %w", sessions.ErrUnavailable, errContended)
	}
	if err != nil {
		return web.Response{}, err
	}
	return s.aboutUser(ctx, of)
}

func (s *Service) getUserClaims(ctx context.Context, r *web.Request) (web.Response, error) {
	of, err := s.userOf(r)
	if err != nil {
		return web.Response{}, err
	}
	claims, version, err := s.Sessions.UserClaims(ctx, of.tenant, of.id)
	if err != nil {
		return web.Response{}, err
	}
	return versioned(claims, version), nil
}

// patchUserClaims is patchClaims of the user's layer: it holds for all sessions
// of the user, those to come as well, and is what roles are given by.
func (s *Service) patchUserClaims(ctx context.Context, r *web.Request) (web.Response, error) {
	of, err := s.userOf(r)
	if err != nil {
		return web.Response{}, err
	}
	c, err := readChange(r, web.MaxBody)
	if err != nil {
		return web.Response{}, err
	}
	claims, version, err := s.Sessions.MergeUserClaims(ctx, of.tenant, of.id, c.body, c.version)
	if err != nil {
		return web.Response{}, c.failure(err)
	}
	return versioned(claims, version), nil
}
