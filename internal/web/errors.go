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
	// ErrBadRequest means the request is not understood. The text that wraps it is
	// not shown; use Invalid for a text that is shown.
	ErrBadRequest = errors.New("web: bad request")
	// ErrTooLarge means the body is longer than it may be.
	ErrTooLarge = errors.New("web: body too large")
	// ErrForbidden means no caller of this kind may do this.
	ErrForbidden = errors.New("web: forbidden")
	// ErrNoneToKeep means that the session which is to outlive all others of its
	// user is itself over.
	ErrNoneToKeep = errors.New("web: the session to keep is over")
)

// Invalid is a request that is not understood, with the words that tell the
// client why. They must hold nothing secret.
type Invalid string

// Error returns the words.
func (i Invalid) Error() string { return string(i) }

// answer is the status of an error, the code by which programs know it, and the
// text for people. If there is no text, they see the error's own words.
type answer struct {
	status int
	code   string
	text   string

	fields []accounts.Field // those that were refused; nil if the error is not about a field
	userID string           // who already has what was asked for; "" if the error is not about a user
}

// internal is the answer to an error of which nothing more may be revealed.
func internal() answer {
	return answer{status: http.StatusInternalServerError, code: "internal", text: "internal error"}
}

// told is an answer with this text.
func told(status int, code, text string) answer {
	return answer{status: status, code: code, text: text}
}

type row struct {
	is error
	answer
}

// answers has the first match for each error. An error that matches none is
// internal.
func answers() []row {
	// Without a text these show the error, which names the limit, claim or id at
	// fault.
	invalid := answer{status: http.StatusBadRequest, code: "invalid"}
	unauthorised := told(http.StatusUnauthorized, "unauthorised", fdi.MessageUnauthorised)
	unavailable := told(http.StatusServiceUnavailable, "unavailable", "temporarily unavailable, please try again")
	return []row{
		{sessions.ErrClaims, invalid},
		{sessions.ErrData, invalid},
		{sessions.ErrUser, invalid},
		{sessions.ErrEpochText, invalid},

		{sessions.ErrDataSize, answer{status: http.StatusRequestEntityTooLarge, code: "too_large"}},
		{ErrTooLarge, told(http.StatusRequestEntityTooLarge, "too_large", "body too large")},
		{ErrBadRequest, told(http.StatusBadRequest, "invalid", "bad request")},
		{ErrForbidden, told(http.StatusForbidden, "forbidden", "forbidden")},
		{fdi.ErrOrigin, told(http.StatusForbidden, "forbidden", "origin not allowed")},
		{authorizer.ErrNoCaller, unauthorised},
		{authorizer.ErrAnonymous, unauthorised},
		{authorizer.ErrExpired, unauthorised},
		{authorizer.ErrStale, unauthorised},
		{sessions.ErrEnded, unauthorised},
		{sessions.ErrNotFound, told(http.StatusNotFound, "session_not_found", "no such session")},
		{ErrNoneToKeep, told(http.StatusConflict, "session_not_found", "the session to keep is not live")},
		{sessions.ErrEpoch, told(http.StatusConflict, "epoch_changed", "the user's sessions were ended since the epoch was read")},
		{sessions.ErrProof, told(http.StatusConflict, "issued_before_revoke", "the user's sessions were ended since issuedAt")},
		{sessions.ErrDisabled, told(http.StatusConflict, "user_disabled", "the user is disabled")},
		{sessions.ErrConflict, told(http.StatusPreconditionFailed, "version_conflict", "the version is another")},
		{sessions.ErrCorrupt, internal()},
		{accounts.ErrCorrupt, internal()},
		{sessions.ErrUnavailable, unavailable},
		{token.ErrUnavailable, unavailable},
		{accounts.ErrUnavailable, unavailable},
		{accounts.ErrThrottled, unavailable},
		{accounts.ErrNotFound, told(http.StatusNotFound, "user_not_found", "the user has no account")},
		{accounts.ErrExists, told(http.StatusConflict, "email_taken", "another user has this e-mail address")},
		{accounts.ErrIDTaken, told(http.StatusConflict, "user_exists", "there is a user of this id, whom another request added")},
		{accounts.ErrCursor, told(http.StatusBadRequest, "invalid", "cursor must be one that this list gave, for the same tenant")},
	}
}

// answerTo returns the answer to an error.
func answerTo(err error) answer {
	var invalid Invalid
	if errors.As(err, &invalid) {
		return answer{status: http.StatusBadRequest, code: "invalid", text: string(invalid)}
	}
	var fields *accounts.FieldsError
	if errors.As(err, &fields) {
		return answer{status: http.StatusBadRequest, code: "invalid", text: "fields are not what they must be", fields: fields.Fields}
	}
	for _, r := range answers() {
		if errors.Is(err, r.is) {
			if r.text == "" {
				r.text = err.Error()
			}
			var taken *accounts.TakenError
			if errors.As(err, &taken) {
				r.userID = taken.ID
			}
			return r.answer
		}
	}
	return internal()
}
