package sessions

import (
	"errors"
	"fmt"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

var (
	// ErrNotFound means that there is no such session, or that it is over.
	// Unknown, expired and revoked sessions are not told apart.
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
	// ErrAmbiguous means that the refresh tokens belong to different sessions.
	// To choose one would be a guess. The store was not asked.
	ErrAmbiguous = errors.New("sessions: refresh tokens of different sessions")
	// ErrEnded means the session is over or was never there.
	ErrEnded = errors.New("sessions: ended")
	// ErrStale means that the refresh token retired by the last rotation came
	// back after the replay window: a retry that was too late, or theft. The
	// session has been revoked.
	ErrStale = errors.New("sessions: retry after the replay window")
	// ErrTheft means that a refresh token retired earlier came back. The
	// session has been revoked.
	ErrTheft = errors.New("sessions: refresh token reused")
	// ErrUser means the tenant or a user id is empty, too long or not plain
	// text. The text that wraps it says which.
	ErrUser = errors.New("sessions: invalid user")
	// ErrEpoch means that the session was ended while it was being started: all
	// sessions of the user were ended, or a burst of sign-ins was over the
	// limit. The session is not live, and its tokens were not given out.
	ErrEpoch = errors.New("sessions: revoked while signing in")
	// ErrEpochText means that the text is not an epoch written by EpochText.
	ErrEpochText = errors.New("sessions: invalid epoch")
	// ErrProof means that all sessions of the user were ended after the user's
	// identity was proven.
	ErrProof = errors.New("sessions: proof older than the end of all sessions")
	// ErrDisabled means that the user may not start a session. Do not tell it
	// to a caller that has not shown the right credentials.
	ErrDisabled = errors.New("sessions: user is disabled")
	// ErrClaims means that the custom claims are not a JSON object, are too
	// large, or name a protected claim. The text that wraps it says which.
	ErrClaims = errors.New("sessions: invalid claims")
	// ErrData means that the session data is not a JSON object.
	ErrData = errors.New("sessions: invalid data")
	// ErrDataSize means the session data is too large.
	ErrDataSize = fmt.Errorf("sessions: data larger than %d bytes", maxData)
	// ErrUnavailable means that the storage or the keys could not be reached,
	// so what came of the call is unknown. Repeating the call is safe.
	ErrUnavailable = errors.New("sessions: unavailable")
	// ErrUnknownKey means that a key is revoked or does not exist: the key that
	// the refresh token names, which anybody can make up, or the key of the
	// session itself. It comes with ErrEnded. The session is not changed.
	ErrUnknownKey = errors.New("sessions: refresh token of an unknown key")
)

// errNotObject says what is wrong with a text that should be a JSON object. It
// quotes none of it.
var errNotObject = errors.New("not a JSON object with unique names")

// errNoIssuer means the stack has not been told its own address yet.
var errNoIssuer = errors.New("no issuer yet")

// Overloaded reports whether the error is due to the load on the items of a
// single user. The storage then refuses requests for that user and serves all
// others. A user alone can cause it, so it is not a sign that something is
// wrong. A store reports it by an error with the method OneKey. Keys and
// settings belong to all users: an error about them is never an overload.
func Overloaded(err error) bool {
	var refused interface{ OneKey() bool }
	return errors.As(err, &refused) && refused.OneKey() && !errors.Is(err, token.ErrUnavailable)
}

// errBehind means that a read saw an older state than a read before it.
var errBehind = errors.New("the user item is behind what was read of it")

// storage translates an error of the store. An error of this package keeps its
// meaning; after any other, what came of the call is unknown.
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

// unavailable returns ErrUnavailable, with what was being done and why it
// failed.
func unavailable(doing string, err error) error {
	return fmt.Errorf("%w: %s: %w", ErrUnavailable, doing, err)
}
