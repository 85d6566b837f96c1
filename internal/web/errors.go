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
	// ErrForbidden means no caller of this kind may do this.
	ErrForbidden = errors.New("web: forbidden")
	// ErrNoneToKeep means that the session which is to outlive all others of
	// its user is itself over.
	ErrNoneToKeep = errors.New("web: the session to keep is over")
)

// Invalid is a request that is not understood, with the words that tell the
// client why. They must hold nothing secret.
type Invalid string

// Error returns the words.
func (i Invalid) Error() string { return string(i) }

// answer is the status of an error, the code by which programs know it, and
// what people are told: the error's own words if there is no text.
type answer struct {
	status int
	code   string
	text   string
}

// internal is the answer to an error of which nothing more may be told.
func internal() answer {
	return answer{http.StatusInternalServerError, "internal", "internal error"}
}

type row struct {
	is error
	answer
}

// answers has the first match for each error. What matches none is internal.
func answers() []row {
	// Without a text these name the limit, the claim or the id that stands in the way.
	invalid := answer{status: http.StatusBadRequest, code: "invalid"}
	unauthorised := answer{http.StatusUnauthorized, "unauthorised", fdi.MessageUnauthorised}
	unavailable := answer{http.StatusServiceUnavailable, "unavailable", "temporarily unavailable, please try again"}
	return []row{
		{sessions.ErrClaims, invalid},
		{sessions.ErrData, invalid},
		{sessions.ErrUser, invalid},
		{sessions.ErrEpochText, invalid},

		{sessions.ErrDataSize, answer{status: http.StatusRequestEntityTooLarge, code: "too_large"}},
		{ErrTooLarge, answer{http.StatusRequestEntityTooLarge, "too_large", "body too large"}},
		{ErrBadRequest, answer{http.StatusBadRequest, "invalid", "bad request"}},
		{ErrForbidden, answer{http.StatusForbidden, "forbidden", "forbidden"}},
		{fdi.ErrOrigin, answer{http.StatusForbidden, "forbidden", "origin not allowed"}},
		{authorizer.ErrNoCaller, unauthorised},
		{authorizer.ErrAnonymous, unauthorised},
		{authorizer.ErrExpired, unauthorised},
		{authorizer.ErrStale, unauthorised},
		{sessions.ErrEnded, unauthorised},
		{sessions.ErrNotFound, answer{http.StatusNotFound, "session_not_found", "no such session"}},
		{ErrNoneToKeep, answer{http.StatusConflict, "session_not_found", "the session to keep is not live"}},
		{sessions.ErrEpoch, answer{http.StatusConflict, "epoch_changed", "the user's sessions were ended since the epoch was read"}},
		{sessions.ErrProof, answer{http.StatusConflict, "issued_before_revoke", "the user's sessions were ended since issuedAt"}},
		{sessions.ErrDisabled, answer{http.StatusConflict, "user_disabled", "the user is disabled"}},
		{sessions.ErrConflict, answer{http.StatusPreconditionFailed, "version_conflict", "the version is another"}},
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
		return answer{http.StatusBadRequest, "invalid", string(invalid)}
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
