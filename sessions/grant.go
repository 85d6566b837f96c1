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
	Fresh            // the refresh token was replaced a moment ago: new access token only
	Replayed         // a retired refresh token came back in time: the same child again
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

// Grant is what the owner of a session receives: an access token and, if it
// changed, a refresh token. A Grant that is printed, logged or marshalled shows
// neither.
type Grant struct {
	Session Session
	Owner   User            // the session's user, as of when the tokens were made
	Merged  json.RawMessage // the claims of both layers
	Access  string          // the access token
	Claims  token.Claims    // the contents of Access
	Refresh string          // the refresh token; empty: unchanged, and not to be sent
	Outcome Outcome
}

// Info returns the session and its user, as of when the tokens were made.
func (g Grant) Info() Info { return Info{Session: g.Session, Owner: g.Owner, Merged: g.Merged} }

// Token returns a new access token of the session, with its claims as they are
// now. The refresh token stays the same, and the session does not live longer.
// Token returns ErrNotFound if the session is over. It costs one read.
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
	return Grant{
		Session: l.Session, Owner: l.Owner, Merged: l.Merged, Access: access, Claims: claims, Outcome: o,
	}, nil
}

// access signs the access token of a live session. A session that was started
// under a higher limit may have claims that do not fit into a cookie together
// with its user's. Its tokens then carry the user's claims only.
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

// accessExpiry is the end of the token's lifetime or of the session, whichever
// comes first, in whole seconds. The lifetime is cut by up to 5 %, so that
// clients that signed in together do not all refresh together.
func (m *Manager) accessExpiry(s Session, issued time.Time) time.Time {
	lifetime := m.cfg.Access.Truncate(time.Second)
	jitter := rand.Int64N(int64(lifetime/time.Second)/20 + 1)
	expires := issued.Add(lifetime - time.Duration(jitter)*time.Second)
	if end := s.Expires().Truncate(time.Second); end.Before(expires) {
		return end
	}
	return expires
}
