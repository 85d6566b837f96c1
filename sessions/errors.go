package sessions

import (
	"errors"
	"fmt"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

var (
	// ErrNotFound means there is no such session, or it is over: unknown,
	// expired and revoked are not told apart.
	ErrNotFound = errors.New("sessions: not found")
	// ErrExists means the handle is taken.
	ErrExists = errors.New("sessions: exists")
	// ErrConflict means the version is not the one that was expected.
	ErrConflict = errors.New("sessions: version conflict")
	// ErrCorrupt means that what is stored cannot be a session of that handle.
	// It is never overwritten.
	ErrCorrupt = errors.New("sessions: corrupt record")
	// ErrInvalidToken means the refresh token is not one of ours. The store
	// was not asked.
	ErrInvalidToken = errors.New("sessions: invalid refresh token")
	// ErrAmbiguous means the refresh tokens are of different sessions, and which
	// one is meant would be a guess. The store was not asked.
	ErrAmbiguous = errors.New("sessions: refresh tokens of different sessions")
	// ErrEnded means the session is over or was never there.
	ErrEnded = errors.New("sessions: ended")
	// ErrStale means the refresh token that the last rotation retired came back
	// after the replay window: a retry that was too late, or theft. The session
	// has been revoked.
	ErrStale = errors.New("sessions: retry after the replay window")
	// ErrTheft means a refresh token that was retired before that came back; the
	// session has been revoked.
	ErrTheft = errors.New("sessions: refresh token reused")
	// ErrUser means the tenant or a user id is empty, too long or not plain
	// text. The text that wraps it says which.
	ErrUser = errors.New("sessions: invalid user")
	// ErrEpoch means the session was ended while it was being started: by what
	// ended all sessions of the user, or as one too many of a burst of
	// sign-ins. It is not live, and its tokens were not given out.
	ErrEpoch = errors.New("sessions: revoked while signing in")
	// ErrEpochText means that a text is no epoch of ours.
	ErrEpochText = errors.New("sessions: invalid epoch")
	// ErrProof means that all sessions of the user were ended since the proof of
	// who it is was made.
	ErrProof = errors.New("sessions: proof older than the end of all sessions")
	// ErrDisabled means the user may start no session. Who has not shown the
	// right credentials must not be told.
	ErrDisabled = errors.New("sessions: user is disabled")
	// ErrClaims means the custom claims are no JSON object, too large, or name
	// a protected claim. The text that wraps it says which.
	ErrClaims = errors.New("sessions: invalid claims")
	// ErrData means the session data is no JSON object.
	ErrData = errors.New("sessions: invalid data")
	// ErrDataSize means the session data is too large.
	ErrDataSize = fmt.Errorf("sessions: data larger than %d bytes", maxData)
	// ErrUnavailable means the storage or the keys could not be reached, so
	// the outcome is unknown. Repeating the call is safe.
	ErrUnavailable = errors.New("sessions: unavailable")
	// ErrUnknownKey means that a key is revoked, or that there is none: the one
	// that the refresh token names, which anybody can make up, or the session's
	// own. It comes with ErrEnded. The session is not touched.
	ErrUnknownKey = errors.New("sessions: refresh token of an unknown key")
)

// What is wrong with a text that should be a JSON object, without a byte of it.
var errNotObject = errors.New("not a JSON object with unique names")

// errNoIssuer means the stack has not been told its own address yet.
var errNoIssuer = errors.New("no issuer yet")

// Overloaded reports whether an error comes of the load on the items of one
// user, which the storage refuses while it serves everybody else. It is an
// error like any other to that user, and no sign that something is wrong: the
// user can cause it alone. A store says so by an error with the method OneKey. Keys
// and settings are everybody's.
func Overloaded(err error) bool {
	var refused interface{ OneKey() bool }
	return errors.As(err, &refused) && refused.OneKey() && !errors.Is(err, token.ErrUnavailable)
}

// errBehind means that a read saw less than one before it.
var errBehind = errors.New("the user item is behind what was read of it")

// storage translates an error of the store at the border: one of this
// package's keeps its meaning, and any other leaves the outcome unknown.
func storage(doing string, err error) error {
	if err == nil {
		return nil
	}
	for _, own := range []error{ErrNotFound, ErrExists, ErrConflict, ErrCorrupt, ErrUnavailable} {
		if errors.Is(err, own) {
			return fmt.Errorf("%s: %w", doing, err)
		}
	}
	return unavailable(doing, err)
}

// unavailable says that the outcome of what was being done is unknown.
func unavailable(doing string, err error) error {
	return fmt.Errorf("%w: %s: %w", ErrUnavailable, doing, err)
}
