package sessions

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Outcome says how a Grant came about. The zero value is none.
type Outcome int

// The outcomes.
const (
	_        Outcome = iota
	Started          // the session is new
	Rotated          // the refresh token was replaced
	Fresh            // it was replaced a moment ago: new access token only
	Replayed         // it had been replaced: the same child again
	Reissued         // a backend asked: new access token only
)

// String returns the outcome in lower case.
func (o Outcome) String() string {
	switch o {
	case Started:
		return "started"
	case Rotated:
		return "rotated"
	case Fresh:
		return "fresh"
	case Replayed:
		return "replayed"
	case Reissued:
		return "reissued"
	default:
		return "none"
	}
}

func (o Outcome) event() EventKind {
	switch o {
	case Rotated:
		return EventRefreshed
	case Replayed:
		return EventReplayed
	case Fresh:
		return EventFresh
	case Reissued:
		return EventReissued
	default:
		return EventStarted
	}
}

// Grant is what the owner of a session gets: an access token and, when it is
// new to him, a refresh token. It shows neither when printed, logged or
// marshalled.
type Grant struct {
	Session Session
	Owner   User            // as the tokens were made by
	Merged  json.RawMessage // the claims of both layers
	Access  string
	Claims  token.Claims // the contents of Access
	Refresh string       // empty: unchanged, and not to be sent
	Outcome Outcome
}

// Info returns the session and its user, as the tokens were made by.
func (g Grant) Info() Info { return Info{Session: g.Session, Owner: g.Owner, Merged: g.Merged} }

// Token returns a new access token of the session, with its claims as they are
// now. The refresh token stays as it is, and the session lives no longer for
// it. It returns ErrNotFound if the session is over, and costs one read.
func (m *Manager) Token(ctx context.Context, h Handle) (Grant, error) {
	mint, err := m.mint(ctx)
	if err != nil {
		return Grant{}, err
	}
	l, err := m.live(ctx, h)
	if err != nil {
		return Grant{}, err
	}
	g, err := m.grant(mint, l, Reissued, moment(m.cfg.Now))
	if err == nil {
		m.tell(ctx, EventReissued, g.Session, "")
	}
	return g, err
}

// grant returns a new access token of a live session.
func (m *Manager) grant(mint mint, l Info, o Outcome, now time.Time) (Grant, error) {
	claims, access, err := m.access(mint, l, now)
	if err != nil {
		return Grant{}, err
	}
	return Grant{Session: l.Session, Owner: l.Owner, Merged: l.Merged, Access: access, Claims: claims, Outcome: o}, nil
}

// access signs the access token of a live session. A session that was started
// when it could have more claims may have too many for a cookie beside its
// user's: its tokens then carry the user's alone.
func (m *Manager) access(mint mint, l Info, now time.Time) (c token.Claims, raw string, err error) {
	for _, claims := range []json.RawMessage{l.Merged, l.alone} {
		c = claimsOf(l.Session, claims, mint.settings.Issuer)
		c.IssuedAt = now.Truncate(time.Second)
		c.Expires = m.accessExpiry(l.Session, c.IssuedAt)
		if raw, err = mint.signer.Sign(c); err == nil && fits(c.Subject, raw) {
			return c, raw, nil
		}
	}
	if err != nil {
		return token.Claims{}, "", unavailable("signing", err)
	}
	return c, raw, nil
}

// claimsOf returns what an access token of s says, but for its times.
func claimsOf(s Session, custom json.RawMessage, issuer string) token.Claims {
	c := token.Claims{
		Issuer: issuer, Audience: issuer,
		Subject: s.User, RecipeUser: s.RecipeUser, Tenant: s.Tenant,
		Handle: s.Handle.String(),
	}
	if string(custom) != noClaims {
		c.Custom = custom
	}
	return c
}

// accessExpiry is the earliest of the token's own lifetime and the end of the
// session, in the whole seconds of a token. The lifetime is cut by up to 5 %,
// so that the clients of one moment do not all refresh in one moment.
func (m *Manager) accessExpiry(s Session, issued time.Time) time.Time {
	lifetime := m.cfg.Access.Truncate(time.Second)
	jitter := rand.Int64N(int64(lifetime/time.Second)/20 + 1)
	expires := issued.Add(lifetime - time.Duration(jitter)*time.Second)
	if end := s.Expires().Truncate(time.Second); end.Before(expires) {
		return end
	}
	return expires
}
