package backend

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Listed is a user with an account, as Users lists it.
type Listed struct {
	ID     string
	Tenant string
	Email  string
	Joined time.Time
}

// UnmarshalJSON reads the admin API's form.
func (l *Listed) UnmarshalJSON(text []byte) error {
	var wire struct {
		ID     string `json:"userId"`
		Tenant string `json:"tenantId"`
		Email  string `json:"email"`
		Joined int64  `json:"timeJoined"`
	}
	if err := json.Unmarshal(text, &wire); err != nil {
		return err
	}
	*l = Listed{wire.ID, wire.Tenant, wire.Email, time.UnixMilli(wire.Joined).UTC()}
	return nil
}

// Users returns a page of the tenant's users, those who joined last first, and
// the cursor of the next page, "" if there is none. The cursor of the first page
// is "". A page has at most limit users, 1 to 100; 0 leaves that to the admin
// API.
func (c *Client) Users(ctx context.Context, tenant, cursor string, limit int) (page []Listed, next string, err error) {
	query := url.Values{}
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	if limit != 0 {
		query.Set("limit", strconv.Itoa(limit))
	}
	var answer struct {
		Users []Listed `json:"users"`
		Next  string   `json:"next"`
	}
	err = c.ofUsers(ctx, tenant, call{method: "GET", query: query}, &answer)
	return answer.Users, answer.Next, err
}

// UserByEmail returns the user who has the e-mail address, without the epoch.
// The error is ErrUserNotFound if nobody has it.
func (c *Client) UserByEmail(ctx context.Context, tenant, email string) (User, error) {
	var answer struct {
		Users []User `json:"users"`
	}
	err := c.ofUsers(ctx, tenant, call{method: "GET", query: url.Values{"email": {email}}}, &answer)
	switch {
	case err != nil:
		return User{}, err
	case len(answer.Users) == 0:
		return User{}, &Error{
			Status: http.StatusNotFound, Code: "user_not_found", Detail: "nobody has this e-mail address",
		}
	}
	return answer.Users[0], nil
}

// NewUser is a user to be added.
type NewUser struct {
	ID           string    // at most 256 bytes; "" for a random UUID
	Email        string    // required
	PasswordHash string    // by bcrypt or argon2id; "" for a user who has no password yet
	Verified     bool      // whether the user has proved to own the address
	Joined       time.Time // zero: now
	Claims       any       // of all the user's sessions, a JSON object; nil for none
}

// AddUser adds a user with an account. The same call again adds nobody and
// returns the user who is there. The error is ErrEmailTaken or ErrUserExists if
// another call added one of that address or id; its UserID says whom.
func (c *Client) AddUser(ctx context.Context, tenant string, n NewUser) (User, error) {
	body := struct {
		ID       string `json:"userId,omitempty"`
		Email    string `json:"email"`
		Hash     string `json:"passwordHash,omitempty"`
		Verified bool   `json:"verified,omitempty"`
		Joined   int64  `json:"timeJoined,omitempty"`
		Claims   any    `json:"claims,omitempty"`
	}{ID: n.ID, Email: n.Email, Hash: n.PasswordHash, Verified: n.Verified, Claims: n.Claims}
	if !n.Joined.IsZero() {
		body.Joined = n.Joined.UnixMilli()
	}
	var u User
	err := c.ofUsers(ctx, tenant, call{method: "POST", body: body}, &u)
	return u, err
}

// UserChange says what to change about a user. A field that is nil or "" changes
// nothing.
type UserChange struct {
	Disabled *bool  `json:"disabled,omitempty"`
	Email    string `json:"email,omitempty"`    // ends all sessions, and is not verified unless Verified says so
	Verified *bool  `json:"verified,omitempty"` // of the address that the user has then
}

// ChangeUser changes a user. The error is ErrUserNotFound if address or
// verification of a user without account is to change, and ErrEmailTaken if
// another user has the address.
func (c *Client) ChangeUser(ctx context.Context, tenant, user string, change UserChange) (User, error) {
	var u User
	_, err := c.ofUser(ctx, tenant, user, call{method: "PATCH", body: change}, &u)
	return u, err
}

// DeleteUser ends all sessions of a user, empties the claims and removes the
// account. After ErrUnavailable, repeat it.
func (c *Client) DeleteUser(ctx context.Context, tenant, user string) error {
	_, err := c.ofUser(ctx, tenant, user, call{method: "DELETE"}, &struct{}{})
	return err
}

// ofUsers does a call that names no user in its path.
func (c *Client) ofUsers(ctx context.Context, tenant string, call call, into any) error {
	call.path = "/admin/users"
	_, err := c.do(ctx, call.of(tenant), into)
	return err
}
