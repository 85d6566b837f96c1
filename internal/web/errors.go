package web

import (
	"errors"
	"net/http"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

var (
	// ErrBadRequest means the request is not understood. The text that wraps
	// it is not shown; use Invalid for a text that is.
	ErrBadRequest = errors.New("web: bad request")
	// ErrTooLarge means the body is longer than it may be.
	ErrTooLarge = errors.New("web: body too large")
	// ErrForbidden means the caller may not do this, whoever he is.
	ErrForbidden = errors.New("web: forbidden")
)

// Invalid is a request that is not understood, with the words that tell the
// client why. They must hold nothing secret.
type Invalid string

// Error returns the words.
func (i Invalid) Error() string { return string(i) }

// answer is the status of an error and what the client is told: the error's own
// words if there is no text.
type answer struct {
	status int
	text   string
}

// internal is the answer to an error of which nothing more may be told.
func internal() answer { return answer{http.StatusInternalServerError, "internal error"} }

type row struct {
	is error
	answer
}

// answers has the first match for each error. What matches none is internal.
func answers() []row {
	unauthorised := answer{http.StatusUnauthorized, fdi.MessageUnauthorised}
	unavailable := answer{http.StatusServiceUnavailable, "temporarily unavailable, please try again"}
	return []row{
		// These name the limit, the claim or the id that stands in the way.
		{sessions.ErrClaims, answer{status: http.StatusBadRequest}},
		{sessions.ErrData, answer{status: http.StatusBadRequest}},
		{sessions.ErrUser, answer{status: http.StatusBadRequest}},

		{ErrTooLarge, answer{http.StatusRequestEntityTooLarge, "body too large"}},
		{ErrBadRequest, answer{http.StatusBadRequest, "bad request"}},
		{ErrForbidden, answer{http.StatusForbidden, "forbidden"}},
		{fdi.ErrOrigin, answer{http.StatusForbidden, "origin not allowed"}},
		{authorizer.ErrNoCaller, unauthorised},
		{authorizer.ErrAnonymous, unauthorised},
		{authorizer.ErrExpired, unauthorised},
		{authorizer.ErrStale, unauthorised},
		{sessions.ErrEnded, unauthorised},
		{sessions.ErrNotFound, answer{http.StatusNotFound, "no such session"}},
		{sessions.ErrConflict, answer{http.StatusPreconditionFailed, "the version is another"}},
		{sessions.ErrCorrupt, internal()},
		{accounts.ErrCorrupt, internal()},
		{sessions.ErrUnavailable, unavailable},
		{token.ErrUnavailable, unavailable},
		{accounts.ErrUnavailable, unavailable},
	}
}

// answerTo returns the answer to an error.
func answerTo(err error) answer {
	var invalid Invalid
	if errors.As(err, &invalid) {
		return answer{http.StatusBadRequest, string(invalid)}
	}
	for _, r := range answers() {
		if errors.Is(err, r.is) {
			if r.text == "" {
				r.text = err.Error()
			}
			return r.answer
		}
	}
	return internal()
}
