package backend

import (
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"time"
)

// User is a user of any id. A user who never signed in has no account and no
// sessions, but may be disabled.
type User struct {
	ID            string   `json:"userId"`
	Tenant        string   `json:"tenantId"`
	Epoch         string   `json:"epoch"` // changes when all sessions are ended
	Disabled      bool     `json:"disabled"`
	ClaimsVersion int64    `json:"claimsVersion"`
	Account       *Account `json:"account"` // nil for a user of another login
}

// Account is what a user signs in with.
type Account struct {
	Emails      []string
	Verified    bool
	Joined      time.Time
	HasPassword bool
	ThirdParty  []Identity
}

// Identity is a user of another provider.
type Identity struct {
	Provider string `json:"id"`
	User     string `json:"userId"`
}

// UnmarshalJSON reads the admin API's form.
func (a *Account) UnmarshalJSON(text []byte) error {
	var wire struct {
		Emails      []string   `json:"emails"`
		Verified    bool       `json:"verified"`
		Joined      int64      `json:"timeJoined"`
		HasPassword bool       `json:"hasPassword"`
		ThirdParty  []Identity `json:"thirdParty"`
	}
	if err := json.Unmarshal(text, &wire); err != nil {
		return err
	}
	*a = Account{wire.Emails, wire.Verified, time.UnixMilli(wire.Joined).UTC(), wire.HasPassword, wire.ThirdParty}
	return nil
}

// User returns a user. The tenant "" is the default tenant, in every method.
func (c *Client) User(ctx context.Context, tenant, user string) (User, error) {
	var u User
	_, err := c.ofUser(ctx, tenant, user, call{method: "GET"}, &u)
	return u, err
}

// SetDisabled with true ends all sessions of a user at once, and lets none be
// started. With false the user may start sessions again.
func (c *Client) SetDisabled(ctx context.Context, tenant, user string, disabled bool) (User, error) {
	var u User
	_, err := c.ofUser(ctx, tenant, user, call{method: "PATCH", body: map[string]bool{"disabled": disabled}}, &u)
	return u, err
}

// UserClaims returns the claims that all sessions of a user have, such as roles
// and permissions, and their version.
func (c *Client) UserClaims(ctx context.Context, tenant, user string) (json.RawMessage, int64, error) {
	var claims json.RawMessage
	version, err := c.ofUser(ctx, tenant, user, call{method: "GET", path: "/claims", versioned: true}, &claims)
	return claims, version, err
}

// MergeUserClaims merges claims into those that all sessions of a user have; a
// nil value removes a claim. Requests whose session is checked have them at
// once, others from the next refresh on. It returns the claims and their
// version.
func (c *Client) MergeUserClaims(
	ctx context.Context, tenant, user string, claims map[string]any, only ...IfVersion,
) (all json.RawMessage, version int64, err error) {
	call := call{method: "PATCH", path: "/claims", body: claims, only: only, versioned: true}
	version, err = c.ofUser(ctx, tenant, user, call, &all)
	return all, version, err
}

// ofUser does a call whose path is below that of a user.
func (c *Client) ofUser(ctx context.Context, tenant, user string, call call, into any) (version int64, err error) {
	path, err := userPath(user)
	if err != nil {
		return 0, err
	}
	call.path = path + call.path
	return c.do(ctx, call.of(tenant), into)
}

// of returns the call with the tenant in its query, unless that is the default.
func (c call) of(tenant string) call {
	if tenant != "" {
		query := url.Values{"tenantId": {tenant}}
		maps.Copy(query, c.query)
		c.query = query
	}
	return c
}
