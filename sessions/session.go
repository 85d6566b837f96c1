package sessions

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"
)

// State says whether a session may still be used. The zero value is neither:
// a session whose state is unknown is not live.
type State string

// The states of a session. Revoked is final.
const (
	Live    State = "live"
	Revoked State = "revoked"
)

// Session is one sign-in of one user, as it is stored. Times are in whole
// milliseconds. It holds digests of tokens only: reading the table gives nobody
// a session.
type Session struct {
	Handle     Handle // names the session and locates it in the store; constant for its life
	Tenant     string
	User       string
	RecipeUser string

	Epoch     int64 // the user's epoch when the session began; it lives while the user's epoch is the same
	State     State
	RevokedAt time.Time // zero while live
	Reason    string    // why it was revoked

	Generation uint32            // of the refresh token that may be spent next; 0 at the start
	Hash       [sha256.Size]byte // digest of that refresh token
	Previous   [sha256.Size]byte // digest of the one before; zero at the start
	Salt       [16]byte          // with the one before, what that refresh token was derived from
	MACKey     string            // id of the key that it was derived and authenticated with

	Created  time.Time
	Rotated  time.Time // last rotation; zero at the start, so that the first refresh always rotates
	Idle     time.Time // ends then unless refreshed before
	Absolute time.Time // ends then in any case; never moves

	Claims        json.RawMessage // the session's layer of claims: a JSON object, `{}` when there are none
	ClaimsVersion int64           // counts changes of Claims, from 1
	Device        string          // label for lists, from the User-Agent at sign-in
}

// Expires returns the instant at which the session ends if it is not refreshed.
func (s Session) Expires() time.Time {
	if s.Idle.Before(s.Absolute) {
		return s.Idle
	}
	return s.Absolute
}

// validate returns nil if s is a whole session and the one that h names, or
// ErrCorrupt and what is wrong. It does not judge whether the session is over.
// No store is trusted: everything that a store returns is checked here, and
// nowhere else.
func (s Session) validate(h Handle) error {
	var fault string
	switch {
	case s.Handle != h || KeyOf(s.Tenant, s.User) != h.User():
		fault = "another session"
	case s.State != Live && s.State != Revoked:
		fault = "unknown state"
	case s.MACKey == "" || s.Hash == [sha256.Size]byte{}:
		fault = "no refresh token"
	case s.Created.IsZero() || s.Idle.IsZero() || s.Absolute.IsZero():
		fault = "no times"
	case s.Epoch < 0:
		fault = "no epoch"
	case s.Generation > 0 && s.Rotated.IsZero():
		fault = "rotated at no time"
	case s.ClaimsVersion < 1 || !json.Valid(s.Claims) || s.Claims[0] != '{':
		fault = "no claims"
	default:
		return nil
	}
	return fmt.Errorf("%w: session %s: %s", ErrCorrupt, h, fault)
}

// live reports whether s may be used at now, and was not created before
// notBefore. The user must admit the session as well: see User.Admits.
func (s Session) live(now, notBefore time.Time) bool {
	return s.State == Live &&
		s.Idle.After(now) && s.Absolute.After(now) &&
		!s.Created.Before(notBefore)
}

// Data is what a backend keeps with a session. It is never in a token, and the
// authorizer never reads it.
type Data struct {
	JSON    json.RawMessage // an object; `{}` before the first write
	Version int64           // counts writes, from 1; 0 before the first
}
