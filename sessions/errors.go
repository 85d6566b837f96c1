package sessions

import "errors"

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
	// ErrEnded means the session is over or was never there.
	ErrEnded = errors.New("sessions: ended")
	// ErrStale means a retired refresh token came back just after the replay
	// window; the session has been revoked.
	ErrStale = errors.New("sessions: retry after the replay window")
	// ErrTheft means a retired refresh token came back; the session has been
	// revoked.
	ErrTheft = errors.New("sessions: refresh token reused")
	// ErrEpoch means all sessions of the user were revoked while this one was
	// being started; it has been revoked too.
	ErrEpoch = errors.New("sessions: revoked while signing in")
	// ErrClaims means the custom claims are no JSON object, too large, or name
	// a protected claim. The text that wraps it says which.
	ErrClaims = errors.New("sessions: invalid claims")
	// ErrData means the session data is no JSON object or too large.
	ErrData = errors.New("sessions: invalid data")
	// ErrUnavailable means the storage or the keys could not be reached, so
	// the outcome is unknown. Repeating the call is safe.
	ErrUnavailable = errors.New("sessions: unavailable")
)
