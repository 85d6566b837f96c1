package backend

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// The kinds of *Error, for errors.Is.
var (
	// ErrUnavailable means that something does not answer now. The call may
	// have been carried out or not. Repeating it finishes it.
	ErrUnavailable = errors.New("backend: unavailable")
	// ErrForbidden means that the role of the backend lacks the power.
	ErrForbidden = errors.New("backend: forbidden")
	// ErrInvalid means that the call is wrong, and fails again if it is
	// repeated. The error's detail names the member and the bound.
	ErrInvalid = errors.New("backend: invalid")
	// ErrTooLarge means that the body, the data or the claims are too large.
	ErrTooLarge = errors.New("backend: too large")
	// ErrSessionNotFound means that the session is over or never existed.
	ErrSessionNotFound = errors.New("backend: no such session")
	// ErrUserNotFound means that the user has no account.
	ErrUserNotFound = errors.New("backend: no such user")
	// ErrConflict means that what was to be changed has another version.
	ErrConflict = errors.New("backend: another version")
	// ErrEpochChanged means that all sessions of the user were ended after the
	// user was read. The proof of identity may be older than that.
	ErrEpochChanged = errors.New("backend: the user's sessions were ended meanwhile")
	// ErrIssuedBeforeRevoke means that the proof of the user's identity was
	// made before all sessions of the user were ended.
	ErrIssuedBeforeRevoke = errors.New("backend: issued before the user's sessions were ended")
	// ErrEmailTaken means that another user has the e-mail address.
	ErrEmailTaken = errors.New("backend: e-mail address is taken")
	// ErrUserExists means that another call has added a user with the id.
	ErrUserExists = errors.New("backend: user exists")
	// ErrUserDisabled means that the user may not start a session.
	ErrUserDisabled = errors.New("backend: user disabled")
	// ErrInternal means that the admin API failed, or that something else
	// answered.
	ErrInternal = errors.New("backend: internal error")
)

// ErrOver means that the caller's session has ended. A Gate answers it with
// 401.
var ErrOver = errors.New("backend: the caller's session is over")

// ErrMode means that the request does not show how its frontend carries tokens,
// so it cannot be given any.
var ErrMode = errors.New("backend: no token of the session in the request")

// Error is why a call of the admin API failed.
type Error struct {
	Status int    // of the answer; 0 if none came
	Code   string // the admin API's code; "" if something else answered, such as API Gateway
	Detail string // for people

	Fields     []Field       // of ErrInvalid: which members were refused, if they are those of a form
	UserID     string        // of ErrEmailTaken and ErrUserExists: who is there
	RetryAfter time.Duration // of ErrUnavailable: how long to wait, if the answer says so

	cause error // why no answer came
}

// Field is a member that was refused, and why, in words for people.
type Field struct {
	ID    string `json:"id"`
	Error string `json:"error"`
}

// Error returns status, code and detail, and what is wrong with each field.
func (e *Error) Error() string {
	if e.cause != nil {
		return fmt.Sprintf("backend: no answer: %v", e.cause)
	}
	text := fmt.Sprintf("backend: %d %s: %s", e.Status, e.Code, e.Detail)
	for _, f := range e.Fields {
		text += "; " + f.ID + ": " + f.Error
	}
	return text
}

// Is reports whether the error is of that kind.
func (e *Error) Is(kind error) bool { return kind == e.kind() }

// Unwrap returns why no answer came, nil if one did.
func (e *Error) Unwrap() error { return e.cause }

// kind follows the code, or the status if there is no code.
func (e *Error) kind() error {
	codes := map[string]error{
		"invalid": ErrInvalid, "forbidden": ErrForbidden, "too_large": ErrTooLarge,
		"session_not_found": ErrSessionNotFound, "user_not_found": ErrUserNotFound,
		"version_conflict": ErrConflict, "epoch_changed": ErrEpochChanged, "user_disabled": ErrUserDisabled,
		"email_taken": ErrEmailTaken, "user_exists": ErrUserExists,
		"issued_before_revoke": ErrIssuedBeforeRevoke, "unavailable": ErrUnavailable,
	}
	if kind := codes[e.Code]; kind != nil {
		return kind
	}
	switch e.Status {
	case 0, http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return ErrUnavailable
	case http.StatusForbidden:
		return ErrForbidden
	case http.StatusBadRequest:
		return ErrInvalid
	case http.StatusRequestEntityTooLarge:
		return ErrTooLarge
	}
	return ErrInternal
}

// invalid is the error of a call that is not sent: the admin API would refuse
// it, or take it for another call.
func invalid(detail string) error {
	return &Error{Status: http.StatusBadRequest, Code: "invalid", Detail: detail}
}
