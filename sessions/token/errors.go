package token

import "errors"

var (
	// ErrInvalid means that the token is not one of ours: its form, key,
	// signature, kind, issuer or audience is wrong. The text that wraps it
	// names the first check that failed, and quotes nothing of the token.
	ErrInvalid = errors.New("token: invalid")
	// ErrExpired means that the token is ours and intact, but its time is over.
	ErrExpired = errors.New("token: expired")
	// ErrUnavailable means that the keys could not be loaded, so nothing is
	// known about the token.
	ErrUnavailable = errors.New("token: keys unavailable")
	// ErrUnknownKey means that the MAC key of that id is revoked or does not
	// exist. A refresh token that names it is over; nothing else follows from
	// it.
	ErrUnknownKey = errors.New("token: unknown key")
)
