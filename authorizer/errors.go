package authorizer

import "errors"

// ErrUnauthorized is the one error that API Gateway turns into a 401: it
// compares the whole message, so Invoke returns it unwrapped.
var ErrUnauthorized = errors.New("Unauthorized")

var (
	// ErrUnavailable means keys, settings or sessions could not be read, so
	// the request was not judged. The gateway answers 500.
	ErrUnavailable = errors.New("authorizer: unavailable")
	// ErrEvent means the event is of no kind that an authorizer receives. The
	// gateway answers 500.
	ErrEvent = errors.New("authorizer: unreadable event")
	// ErrAlias means the function was invoked by an alias, or by a version, that
	// is none of those the authorizer has. The gateway answers 500.
	ErrAlias = errors.New("authorizer: unknown alias")
	// ErrInternal means a fault in the code was met. The gateway answers 500.
	ErrInternal = errors.New("authorizer: internal error")
)

var (
	// ErrNoCaller means the event holds no decision of this authorizer:
	// the route has no authorizer, or another one.
	ErrNoCaller = errors.New("authorizer: not authorized by latchkey")
	// ErrAnonymous means nobody is signed in.
	ErrAnonymous = errors.New("authorizer: anonymous caller")
	// ErrExpired means the access token has ended since the decision.
	ErrExpired = errors.New("authorizer: decision expired")
	// ErrStale means the method is not GET or HEAD and the session was not
	// found live in the store within the last 30 s.
	ErrStale = errors.New("authorizer: decision not fresh")
)
