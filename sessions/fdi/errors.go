package fdi

import "errors"

var (
	// ErrDuplicate means that the request names two tokens that may both count.
	// To choose one would be a guess. The answer is 401.
	ErrDuplicate = errors.New("fdi: two tokens of a kind")
	// ErrNoRID means a request with a cookie token lacks the header rid, which
	// no other site can add without a CORS preflight. The answer is 401.
	ErrNoRID = errors.New("fdi: no rid header")
	// ErrOrigin means a request with a cookie token comes from a site that is
	// not on the list. The answer is 403: no refresh can repair it.
	ErrOrigin = errors.New("fdi: origin not allowed")
	// ErrTransport means that tokens were to be sent by the transport None.
	ErrTransport = errors.New("fdi: no transport for tokens")
)
