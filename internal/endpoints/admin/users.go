package admin

import (
	"context"
	"errors"
	"net/http"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
)

// UserRoutes are the routes of users, their accounts and their claims. They
// need Sessions, Accounts, Tenants and Now.
func (s *Service) UserRoutes() map[string]web.Route {
	return map[string]web.Route{
		"GET /admin/users":                   admin(s.listUsers, tenantParameter, "email", "limit", "cursor"),
		"POST /admin/users":                  admin(s.addUser, tenantParameter),
		"GET /admin/users/{userId}":          admin(s.getUser, tenantParameter),
		"PATCH /admin/users/{userId}":        admin(s.patchUser, tenantParameter),
		"DELETE /admin/users/{userId}":       admin(s.deleteUser, tenantParameter),
		"GET /admin/users/{userId}/claims":   admin(s.getUserClaims, tenantParameter),
		"PATCH /admin/users/{userId}/claims": admin(s.patchUserClaims, tenantParameter),
	}
}

// userInfo is a user as a backend sees it.
type userInfo struct {
	ID       string       `json:"userId"`
	Tenant   string       `json:"tenantId"`
	Epoch    string       `json:"epoch,omitempty"` // for the start of a session, which then depends on this moment
	Disabled bool         `json:"disabled"`
	Version  int64        `json:"claimsVersion"`
	Account  *accountInfo `json:"account"` // null: the user has none here
}

// accountInfo is what a user signs in with.
type accountInfo struct {
	Emails     []string       `json:"emails"`
	Verified   bool           `json:"verified"`
	Joined     int64          `json:"timeJoined"`
	Password   bool           `json:"hasPassword"`
	ThirdParty []thirdPartyID `json:"thirdParty"`
}

// thirdPartyID is the user at another provider.
type thirdPartyID struct {
	ID   string `json:"id"`
	User string `json:"userId"`
}

// getUser answers for any id: a user that is not known is like one who has not
// signed in yet.
func (s *Service) getUser(ctx context.Context, r *web.Request) (web.Response, error) {
	of, err := s.userOf(r)
	if err != nil {
		return web.Response{}, err
	}
	return s.aboutUser(ctx, of)
}

func (s *Service) aboutUser(ctx context.Context, of user) (web.Response, error) {
	account, err := s.account(ctx, of)
	if err != nil {
		return web.Response{}, err
	}
	info, err := s.infoOfUser(ctx, of, account)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, info), nil
}

// account returns the account of the user, nil if there is none.
func (s *Service) account(ctx context.Context, of user) (*accounts.User, error) {
	u, err := s.Accounts.ByID(ctx, of.tenant, of.id)
	if errors.Is(err, accounts.ErrNotFound) {
		return nil, nil
	}
	return &u, err
}

// infoOfUser combines what is stored about the user and the account, which may
// be nil.
func (s *Service) infoOfUser(ctx context.Context, of user, account *accounts.User) (userInfo, error) {
	u, err := s.Sessions.User(ctx, of.tenant, of.id)
	if err != nil {
		return userInfo{}, err
	}
	info := userInfo{ID: of.id, Tenant: of.tenant, Epoch: u.EpochText(), Disabled: u.Disabled, Version: u.ClaimsVersion}
	if account != nil {
		info.Account = &accountInfo{
			Emails: []string{account.Email}, Verified: sessions.IsVerified(u.Claims),
			Joined:   account.Joined.UnixMilli(),
			Password: account.Hash != "", ThirdParty: []thirdPartyID{},
		}
		if at := account.ThirdParty; at != (accounts.Identity{}) {
			info.Account.ThirdParty = append(info.Account.ThirdParty, thirdPartyID{at.Provider, at.Subject})
		}
	}
	return info, nil
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

// patchUserClaims is patchClaims for the user's layer. It holds for all
// sessions of the user, future ones too. Roles are given by it.
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
