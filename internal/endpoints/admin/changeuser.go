package admin

import (
	"context"
	"errors"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/web"
)

// changeBody is the body of PATCH /admin/users/{userId}. A nil member changes
// nothing.
type changeBody struct {
	Disabled *bool   `json:"disabled"`
	Email    *string `json:"email"`
	Verified *bool   `json:"verified"`
}

// patchUser changes what the body has. Everything that can refuse comes before
// all writes. What takes something away comes before what gives something.
func (s *Service) patchUser(ctx context.Context, r *web.Request) (web.Response, error) {
	of, err := s.userOf(r)
	if err != nil {
		return web.Response{}, err
	}
	var b changeBody
	if err := r.Strict(web.MaxBody, &b); err != nil {
		return web.Response{}, err
	}
	if b == (changeBody{}) {
		return web.Response{}, web.Invalid("the body must have disabled, email or verified")
	}
	if err := s.mayChange(ctx, of, b); err != nil {
		return web.Response{}, err
	}
	if b.Disabled != nil && *b.Disabled {
		if err := s.Sessions.Disable(ctx, of.tenant, of.id, "disabled by a backend"); err != nil {
			return web.Response{}, err
		}
	}
	switch {
	case b.Email != nil:
		err = s.changeEmail(ctx, of, *b.Email, b.Verified != nil && *b.Verified)
	case b.Verified != nil:
		err = s.mergeUserClaims(ctx, of, s.verified(*b.Verified))
	}
	if err == nil && b.Disabled != nil && !*b.Disabled {
		err = contended(s.Sessions.Enable(ctx, of.tenant, of.id))
	}
	if err != nil {
		return web.Response{}, err
	}
	return s.aboutUser(ctx, of)
}

// mayChange returns why the change of an account would be refused: there is no
// account, or the address is not one or belongs to another user.
func (s *Service) mayChange(ctx context.Context, of user, b changeBody) error {
	if b.Email == nil && b.Verified == nil {
		return nil
	}
	if b.Email != nil {
		there, err := s.Accounts.ByEmail(ctx, of.tenant, *b.Email)
		if err == nil && there.ID != of.id {
			return &accounts.TakenError{Err: accounts.ErrExists, ID: there.ID}
		}
		if err != nil && !errors.Is(err, accounts.ErrNotFound) {
			return err
		}
	}
	u, err := s.Accounts.ByID(ctx, of.tenant, of.id)
	if err == nil && b.Email != nil {
		err = u.Movable()
	}
	return err
}

// changeEmail gives the user another address and ends the sessions. The claim
// that the old address is verified is taken back first, so that it never holds
// for the new one. It is taken back again at the end, since a link to the old
// address may have been used in between. Links to the old address are void from
// then on.
func (s *Service) changeEmail(ctx context.Context, of user, email string, verified bool) error {
	if err := s.mergeUserClaims(ctx, of, s.verified(false)); err != nil {
		return err
	}
	if err := s.Accounts.ChangeEmail(ctx, of.tenant, of.id, email); err != nil {
		return err
	}
	if err := s.mergeUserClaims(ctx, of, s.verified(verified)); err != nil {
		return err
	}
	return s.Sessions.RevokeAll(ctx, of.tenant, of.id, "address changed by a backend")
}

// deleteUser ends all sessions, empties the claims and removes the account.
// Then it does the first two again, so that a sign-in or the use of a mailed link
// in between leaves nothing. If a request fails, repeat it until it succeeds.
func (s *Service) deleteUser(ctx context.Context, r *web.Request) (web.Response, error) {
	of, err := s.userOf(r)
	if err != nil {
		return web.Response{}, err
	}
	const why = "deleted by a backend"
	if err := s.Sessions.Dismiss(ctx, of.tenant, of.id, why); err != nil {
		return web.Response{}, err
	}
	if err := s.Accounts.Remove(ctx, of.tenant, of.id); err != nil {
		return web.Response{}, err
	}
	if err := s.Sessions.Dismiss(ctx, of.tenant, of.id, why); err != nil {
		return web.Response{}, err
	}
	return done(), nil
}
