package token

import "errors"

var (
	// ErrInvalid means the token is not one of ours: wrong form, key,
	// signature, kind, issuer or audience. The text that wraps it names the
	// first check that failed and holds nothing of the token.
	ErrInvalid = errors.New("token: invalid")
	// ErrExpired means the token is ours and intact, and its time is over.
	ErrExpired = errors.New("token: expired")
	// ErrUnavailable means that keys could not be loaded, so nothing can be
	// said about the token.
	ErrUnavailable = errors.New("token: keys unavailable")
	// ErrUnknownKey means that the MAC key of that id is revoked, or that there
	// is none: what names it is over, and nothing follows about anything else.
	ErrUnknownKey = errors.New("token: unknown key")
)
