package authorizer

import "errors"

// ErrUnauthorized is the one error that API Gateway turns into a 401: it
// compares the whole message, so Invoke returns it unwrapped.
var ErrUnauthorized = errors.New("Unauthorized")

var (
	// ErrUnavailable means that keys, settings or sessions could not be read,
	// so nothing was decided. The gateway answers 500.
	ErrUnavailable = errors.New("authorizer: unavailable")
	// ErrEvent means that the event is not one that an authorizer receives. The
	// gateway answers 500.
	ErrEvent = errors.New("authorizer: unreadable event")
	// ErrAlias means that the function was invoked by an alias that the
	// authorizer does not have, or by a version. The gateway answers 500.
	ErrAlias = errors.New("authorizer: unknown alias")
	// ErrInternal means that there is a fault in the code. The gateway answers
	// 500.
	ErrInternal = errors.New("authorizer: internal error")
)

var (
	// ErrNoCaller means that the event has no decision of this authorizer: its
	// route has no authorizer, or another one.
	ErrNoCaller = errors.New("authorizer: not authorized by latchkey")
	// ErrAnonymous means nobody is signed in.
	ErrAnonymous = errors.New("authorizer: anonymous caller")
	// ErrExpired means that the access token has ended since the decision.
	ErrExpired = errors.New("authorizer: decision expired")
	// ErrStale means that the method is not GET or HEAD, and that the session
	// was not found live in the store within the last 30 s.
	ErrStale = errors.New("authorizer: decision not fresh")
)
