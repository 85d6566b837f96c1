package backend

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// Info is a session as the store knows it.
type Info struct {
	Handle     string
	User       string
	RecipeUser string
	Tenant     string
	Device     string
	Created    time.Time
	Refreshed  time.Time       // when tokens were last given
	Expires    time.Time       // when the session ends if it is not refreshed
	Claims     json.RawMessage // of both layers, as the access token has them
	Own        json.RawMessage // of the session's layer
	Version    int64           // of the session's layer
	OfUser     int64           // version of the user's layer
}

// UnmarshalJSON reads the admin API's form.
func (i *Info) UnmarshalJSON(text []byte) error {
	var wire struct {
		Handle     string          `json:"sessionHandle"`
		User       string          `json:"userId"`
		RecipeUser string          `json:"recipeUserId"`
		Tenant     string          `json:"tenantId"`
		Device     string          `json:"device"`
		Created    int64           `json:"timeCreated"`
		Refreshed  int64           `json:"timeRefreshed"`
		Expires    int64           `json:"expiry"`
		Claims     json.RawMessage `json:"customClaimsInAccessTokenPayload"`
		Own        json.RawMessage `json:"sessionClaims"`
		Version    int64           `json:"claimsVersion"`
		OfUser     int64           `json:"userClaimsVersion"`
	}
	if err := json.Unmarshal(text, &wire); err != nil {
		return err
	}
	at := func(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
	*i = Info{
		Handle: wire.Handle, User: wire.User, RecipeUser: wire.RecipeUser, Tenant: wire.Tenant, Device: wire.Device,
		Created: at(wire.Created), Refreshed: at(wire.Refreshed), Expires: at(wire.Expires),
		Claims: wire.Claims, Own: wire.Own, Version: wire.Version, OfUser: wire.OfUser,
	}
	return nil
}

// Start is what a new session has besides its user.
type Start struct {
	Mode       fdi.Transport  // how the frontend carries tokens: see ModeHTTP; required
	RecipeUser string         // "" means the user
	IssuedAt   time.Time      // when the identity was proven; zero means unknown
	Claims     map[string]any // of the session's layer
	Data       any            // an object
	Device     string
	Replaces   string // handle of a session that ends with the start
}

// granted is an answer that gives tokens.
type granted struct {
	Session Info
	Reply   Reply
}

// Start starts a session for a user that the backend has signed in by itself.
// The Reply of the session gives the frontend its tokens.
//
// Read the user, by User, before you check the proof of identity. If all
// sessions of the user were ended since, the error is ErrEpochChanged: read the
// user and check again.
func (c *Client) Start(ctx context.Context, user User, start Start) (*Session, error) {
	if user.Epoch == "" {
		return nil, invalid("a user is read by Client.User before the login is checked")
	}
	if start.Mode == fdi.None {
		return nil, ErrMode
	}
	body := struct {
		User       string         `json:"userId"`
		Tenant     string         `json:"tenantId,omitempty"`
		RecipeUser string         `json:"recipeUserId,omitempty"`
		Mode       string         `json:"mode"`
		Epoch      string         `json:"epoch"`
		IssuedAt   int64          `json:"issuedAt,omitempty"`
		Claims     map[string]any `json:"claims,omitempty"`
		Data       any            `json:"data,omitempty"`
		Device     string         `json:"device,omitempty"`
		Replaces   string         `json:"replaces,omitempty"`
	}{
		User: user.ID, Tenant: user.Tenant, RecipeUser: start.RecipeUser, Mode: start.Mode.String(), Epoch: user.Epoch,
		Claims: start.Claims, Data: start.Data, Device: start.Device, Replaces: start.Replaces,
	}
	if !start.IssuedAt.IsZero() {
		body.IssuedAt = start.IssuedAt.UnixMilli()
	}
	var g granted
	if _, err := c.do(ctx, call{method: "POST", path: "/admin/sessions", body: body, once: true}, &g); err != nil {
		return nil, err
	}
	i := g.Session
	caller := authorizer.Caller{
		User: i.User, RecipeUser: i.RecipeUser, Tenant: i.Tenant, Session: i.Handle, Checked: "store", Claims: i.Claims,
	}
	return &Session{client: c, mode: start.Mode, caller: caller, reply: g.Reply}, nil
}

// Token makes a new access token for a session. The reply is for the session's
// own frontend only.
func (c *Client) Token(ctx context.Context, handle string, mode fdi.Transport) (Info, Reply, error) {
	if mode == fdi.None {
		return Info{}, Reply{}, ErrMode
	}
	var g granted
	_, err := c.ofSession(ctx, handle, call{
		method: "POST", path: "/token", body: map[string]string{"mode": mode.String()},
	}, &g)
	return g.Session, g.Reply, err
}

// Find returns a live session, or ErrSessionNotFound.
func (c *Client) Find(ctx context.Context, handle string) (Info, error) {
	var info Info
	_, err := c.ofSession(ctx, handle, call{method: "GET"}, &info)
	return info, err
}

// Revoke ends a session. It is no error if the session is over. The reply signs
// the session's own frontend out, and is for it only.
func (c *Client) Revoke(ctx context.Context, handle string) (Reply, error) {
	var answer struct{ Reply Reply }
	_, err := c.ofSession(ctx, handle, call{method: "DELETE"}, &answer)
	return answer.Reply, err
}

// maxHandles is how many sessions one call ends.
const maxHandles = 100

// RevokeMany ends sessions of any users. After an error some are ended, and
// repeating the call ends the rest.
func (c *Client) RevokeMany(ctx context.Context, handles ...string) error {
	for _, handle := range handles {
		if _, err := sessionPath(handle); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(handles, maxHandles) {
		call := call{method: "POST", path: "/admin/sessions/revoke", body: map[string][]string{"handles": some}}
		if _, err := c.do(ctx, call, &status{}); err != nil {
			return err
		}
	}
	return nil
}

// RevokeAll ends all sessions of a user at once, however many there are.
func (c *Client) RevokeAll(ctx context.Context, tenant, user string) error {
	_, err := c.ofUser(ctx, tenant, user, call{method: "DELETE", path: "/sessions"}, &status{})
	return err
}

// RevokeOthers ends all sessions of a user but one. If that one is not live,
// the error is ErrSessionNotFound.
func (c *Client) RevokeOthers(ctx context.Context, tenant, user, except string) error {
	if _, err := sessionPath(except); err != nil {
		return err
	}
	query := url.Values{"except": {except}}
	_, err := c.ofUser(ctx, tenant, user, call{method: "DELETE", path: "/sessions", query: query}, &status{})
	return err
}

// List returns the user's live sessions, newest first.
func (c *Client) List(ctx context.Context, tenant, user string) ([]Info, error) {
	var list struct{ Sessions []Info }
	_, err := c.ofUser(ctx, tenant, user, call{method: "GET", path: "/sessions"}, &list)
	return list.Sessions, err
}

// Data is Session.Data for any session.
func (c *Client) Data(ctx context.Context, handle string, into any) (version int64, err error) {
	return c.ofSession(ctx, handle, call{method: "GET", path: "/data", versioned: true}, into)
}

// PutData is Session.PutData for any session.
func (c *Client) PutData(ctx context.Context, handle string, data any, only ...IfVersion) (version int64, err error) {
	call := call{method: "PUT", path: "/data", body: data, only: only, versioned: true}
	return c.ofSession(ctx, handle, call, &status{})
}

// MergeClaims merges claims into a session's own; a nil value removes a claim.
// It returns the session's own claims and their version. The frontend has them
// from its next refresh on.
func (c *Client) MergeClaims(
	ctx context.Context, handle string, claims map[string]any, only ...IfVersion,
) (own json.RawMessage, version int64, err error) {
	call := call{method: "PATCH", path: "/claims", body: claims, only: only, versioned: true}
	version, err = c.ofSession(ctx, handle, call, &own)
	return own, version, err
}

// status is the body of an answer that says nothing but its status.
type status struct{}

// ofSession does a call whose path is below that of a session.
func (c *Client) ofSession(ctx context.Context, handle string, call call, into any) (version int64, err error) {
	path, err := sessionPath(handle)
	if err != nil {
		return 0, err
	}
	call.path = path + call.path
	return c.do(ctx, call, into)
}
