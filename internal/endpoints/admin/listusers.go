package admin

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/web"
)

// How many users a page of the list has: by default, and at most.
const (
	defaultPage = 50
	largestPage = 100
)

// listedUser is a user as the list has them.
type listedUser struct {
	ID     string `json:"userId"`
	Tenant string `json:"tenantId"`
	Email  string `json:"email"`
	Joined int64  `json:"timeJoined"`
}

// listUsers answers with a page of the tenant's users, newest first, or with
// the user of one address if there is one.
func (s *Service) listUsers(ctx context.Context, r *web.Request) (web.Response, error) {
	tenant, err := s.Tenants.Named(r.Query[tenantParameter])
	if err != nil {
		return web.Response{}, err
	}
	if email, by := r.Query["email"]; by {
		_, limited := r.Query["limit"]
		_, paged := r.Query["cursor"]
		if limited || paged {
			return web.Response{}, web.Invalid("email must stand without limit and cursor")
		}
		return s.userByEmail(ctx, tenant, email)
	}
	limit, err := pageSize(r.Query)
	if err != nil {
		return web.Response{}, err
	}
	page, next, err := s.Accounts.List(ctx, tenant, r.Query["cursor"], limit)
	if err != nil {
		return web.Response{}, err
	}
	list := make([]listedUser, len(page))
	for i, u := range page {
		list[i] = listedUser{ID: u.ID, Tenant: u.Tenant, Email: u.Email, Joined: u.Joined.UnixMilli()}
	}
	return web.JSON(http.StatusOK, struct {
		Users []listedUser `json:"users"`
		Next  string       `json:"next,omitempty"`
	}{list, next}), nil
}

// pageSize reads how many users are asked for. A cursor must not be empty: the
// first page has none.
func pageSize(query map[string]string) (int, error) {
	if cursor, given := query["cursor"]; given && cursor == "" {
		return 0, accounts.ErrCursor
	}
	text, given := query["limit"]
	if !given {
		return defaultPage, nil
	}
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 || limit > largestPage || strconv.Itoa(limit) != text {
		return 0, web.Invalid("limit must be 1 to 100")
	}
	return limit, nil
}

// userByEmail answers with the user of the address, without the epoch: a
// backend that starts a session asks for that by the id.
func (s *Service) userByEmail(ctx context.Context, tenant, email string) (web.Response, error) {
	found := []userInfo{}
	u, err := s.Accounts.ByEmail(ctx, tenant, email)
	if err == nil {
		var info userInfo
		if info, err = s.infoOfUser(ctx, user{tenant, u.ID}, &u); err == nil {
			info.Epoch = ""
			found = append(found, info)
		}
	}
	if err != nil && !errors.Is(err, accounts.ErrNotFound) {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, map[string]any{"users": found}), nil
}
