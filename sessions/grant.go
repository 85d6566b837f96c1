package sessions

import (
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
	default:
		return EventStarted
	}
}

// Grant is what the owner of a session gets: an access token and, when it is
// new to him, a refresh token. It shows neither when printed, logged or
// marshalled.
type Grant struct {
	Session Session
	Access  string
	Claims  token.Claims // the contents of Access
	Refresh string       // empty: unchanged, and not to be sent
	Outcome Outcome
}

// access signs the access token of s.
func (m *Manager) access(mint mint, s Session, now time.Time) (token.Claims, string, error) {
	c := claimsOf(s, mint.settings.Issuer)
	c.IssuedAt = now.Truncate(time.Second)
	c.Expires = m.accessExpiry(s, c.IssuedAt)
	raw, err := mint.signer.Sign(c)
	if err != nil {
		return token.Claims{}, "", unavailable("signing", err)
	}
	return c, raw, nil
}

// claimsOf returns what the access tokens of s say, but for their times.
func claimsOf(s Session, issuer string) token.Claims {
	c := token.Claims{
		Issuer: issuer, Audience: issuer,
		Subject: s.User, RecipeUser: s.RecipeUser, Tenant: s.Tenant,
		Handle: s.Handle.String(),
	}
	if string(s.Claims) != noClaims {
		c.Custom = s.Claims
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
