package admin

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
)

// addBody is the body of POST /admin/users.
type addBody struct {
	UserID   *string                   `json:"userId"` // nil: one is made up
	Tenant   string                    `json:"tenantId"`
	Email    string                    `json:"email"`
	Hash     accounts.Secret           `json:"passwordHash"`
	Verified bool                      `json:"verified"`
	Joined   *int64                    `json:"timeJoined"` // milliseconds since 1970; nil: now
	Claims   map[string]jsontext.Value `json:"claims"`
}

// newUser returns the user that the body describes, and the change of claims
// that it asks for, which is nil for none.
func (s *Service) newUser(b addBody, tenant string) (n accounts.NewUser, claims json.RawMessage, err error) {
	n = accounts.NewUser{Tenant: tenant, Email: b.Email, Hash: b.Hash}
	if b.UserID != nil {
		if n.ID = *b.UserID; n.ID == "" {
			return n, nil, web.Invalid("userId must be 1 to 256 bytes")
		}
	}
	if b.Joined != nil {
		n.Joined = time.UnixMilli(min(max(*b.Joined, 0), latest))
	}
	given, err := json.Marshal(b.Claims) // sorted by name
	if err != nil {
		return n, nil, err
	}
	n.With = strconv.FormatBool(b.Verified) + string(given)
	if !b.Verified {
		if len(b.Claims) > 0 {
			claims = given
		}
		return n, claims, nil
	}
	if _, twice := b.Claims[sessions.ClaimVerified]; twice {
		return n, nil, web.Invalid("claims must not have st-ev beside verified")
	}
	all := map[string]jsontext.Value{}
	if err := json.Unmarshal(s.verified(true), &all); err != nil {
		return n, nil, err
	}
	maps.Copy(all, b.Claims)
	claims, err = json.Marshal(all)
	return n, claims, err
}

// addUser adds a user, with a hash that other software made or without one. The
// claims are written first, when the user cannot sign in yet. So every user
// that exists has its claims. A repeated request changes nothing, and does not
// give back a role that was taken away since.
func (s *Service) addUser(ctx context.Context, r *web.Request) (web.Response, error) {
	var b addBody
	if err := r.Strict(web.MaxBody, &b); err != nil {
		return web.Response{}, err
	}
	tenant, err := s.tenantOf(r, b.Tenant)
	if err != nil {
		return web.Response{}, err
	}
	n, claims, err := s.newUser(b, tenant)
	if err != nil {
		return web.Response{}, err
	}
	u, err := s.Accounts.Prepare(n)
	if err == nil {
		err = sessions.CheckUser(tenant, u.ID)
	}
	if err == nil && claims != nil {
		err = s.Sessions.CheckUserClaims(claims)
	}
	if err != nil {
		return web.Response{}, err
	}
	there, err := s.Accounts.Known(ctx, u)
	if err == nil {
		return s.added(ctx, http.StatusOK, there)
	}
	if !errors.Is(err, accounts.ErrNotFound) {
		return web.Response{}, err
	}
	if err := s.mergeUserClaims(ctx, user{tenant, u.ID}, claims); err != nil {
		return web.Response{}, err
	}
	u, added, err := s.Accounts.Add(ctx, u)
	if err != nil {
		return web.Response{}, err
	}
	if !added {
		return s.added(ctx, http.StatusOK, u)
	}
	return s.added(ctx, http.StatusCreated, u)
}

// added answers with a user that was added, now or before.
func (s *Service) added(ctx context.Context, status int, u accounts.User) (web.Response, error) {
	info, err := s.infoOfUser(ctx, user{u.Tenant, u.ID}, &u)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(status, info), nil
}

// tenantOf returns the tenant that the query or the body names. They must not
// name two.
func (s *Service) tenantOf(r *web.Request, body string) (string, error) {
	query := r.Query[tenantParameter]
	if query != "" && body != "" && query != body {
		return "", web.Invalid("tenantId must be the same in the query and in the body")
	}
	return s.Tenants.Named(cmp.Or(query, body))
}

// mergeUserClaims merges a change into the user's claims, unless it is nil.
func (s *Service) mergeUserClaims(ctx context.Context, of user, change json.RawMessage) error {
	if change == nil {
		return nil
	}
	_, _, err := s.Sessions.MergeUserClaims(ctx, of.tenant, of.id, change, nil)
	return contended(err)
}
