package openid

import (
	"context"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/latchkey-auth/latchkey/internal/logins"
)

// oldestNotice is how old a logout token may be.
const oldestNotice = 2 * time.Minute

// logoutEvent is the member of events that makes a logout token one (OpenID
// Connect Back-Channel Logout 1.0, section 2.4).
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// logoutToken holds the claims of a logout token.
type logoutToken struct {
	standing
	ID     string                    `json:"jti"`
	Events map[string]jsontext.Value `json:"events"`
}

// check says what is wrong with a logout token. One that names only a session
// of the provider names no user here.
func (t logoutToken) check(p logins.Provider, typ string, now time.Time) error {
	if err := t.standing.check(p, now, oldestNotice); err != nil {
		return err
	}
	named := strings.ToLower(strings.TrimPrefix(typ, "application/"))
	switch {
	case named != "" && named != "logout+jwt" && named != "jwt":
		return refused("logout token: of another type")
	case t.Events[logoutEvent].Kind() != '{':
		return refused("logout token: of another event")
	case t.Nonce != nil:
		return refused("logout token: with a nonce, as an ID token has")
	case t.ID == "" || len(t.ID) > maxSubject:
		return refused("logout token: without an id, or one too long")
	}
	return nil
}

// Logout returns the login that a logout token ends. It returns
// logins.ErrNotFound, ErrRefused or ErrUnavailable, or token.ErrUnavailable.
func (c *Client) Logout(ctx context.Context, id, clientType, raw string) (logins.Ended, error) {
	ctx, cancel := context.WithTimeout(ctx, loginTime)
	defer cancel()
	p, err := c.provider(ctx, id, clientType)
	if err != nil {
		return logins.Ended{}, err
	}
	m, err := c.discover(ctx, p.Issuer)
	if err != nil {
		return logins.Ended{}, err
	}
	var t logoutToken
	byLibrary := func(v *oidc.IDTokenVerifier) error { _, err := v.VerifyLogout(ctx, raw); return err }
	err = c.verify(ctx, m, p, raw, byLibrary, func(proof *proof) error {
		if err := proof.strictly(&t); err != nil {
			return err
		}
		return t.check(p, proof.typ, c.now())
	})
	if err != nil {
		return logins.Ended{}, err
	}
	return logins.Ended{Issuer: p.Issuer, Subject: t.Subject, ID: t.ID}, nil
}
