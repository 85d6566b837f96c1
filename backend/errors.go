package backend

import (
	"errors"
	"fmt"
	"net/http"
)

// What an *Error is, to be asked by errors.Is.
var (
	// ErrUnavailable means that something did not answer, or not now. What the
	// call was to do is done or not; to repeat the call finishes it.
	ErrUnavailable = errors.New("backend: unavailable")
	// ErrForbidden means that the role of the backend lacks the power.
	ErrForbidden = errors.New("backend: forbidden")
	// ErrInvalid means that the call is one that is never answered otherwise. The
	// error's detail names the member and the bound.
	ErrInvalid = errors.New("backend: invalid")
	// ErrTooLarge means that the body, the data or the claims are too long.
	ErrTooLarge = errors.New("backend: too large")
	// ErrSessionNotFound means that the session is over, or never was.
	ErrSessionNotFound = errors.New("backend: no such session")
	// ErrUserNotFound means that the user has no account.
	ErrUserNotFound = errors.New("backend: no such user")
	// ErrConflict means that what was to be changed has another version.
	ErrConflict = errors.New("backend: another version")
	// ErrEpochChanged means that the user's sessions were ended since the user
	// was read: the proof of who it is may be older than that.
	ErrEpochChanged = errors.New("backend: the user's sessions were ended meanwhile")
	// ErrIssuedBeforeRevoke means that the proof of who the user is was made
	// before the user's sessions were ended.
	ErrIssuedBeforeRevoke = errors.New("backend: issued before the user's sessions were ended")
	// ErrUserDisabled means that the user gets no sessions.
	ErrUserDisabled = errors.New("backend: user disabled")
	// ErrInternal means that the admin API failed, or that what answered is no
	// admin API.
	ErrInternal = errors.New("backend: internal error")
)

// ErrOver means that the caller's session is over by now. A Gate answers it by
// 401.
var ErrOver = errors.New("backend: the caller's session is over")

// ErrMode means that a request does not show how its frontend carries tokens,
// so that it cannot be given any.
var ErrMode = errors.New("backend: no token of the session in the request")

// Error is why a call of the admin API failed.
type Error struct {
	Status int    // of the answer; 0 if none came
	Code   string // the admin API's word for it; "" if another answered, as API Gateway itself
	Detail string // for people

	cause error // of no answer
}

// Error returns status, code and detail.
func (e *Error) Error() string {
	if e.cause != nil {
		return fmt.Sprintf("backend: no answer: %v", e.cause)
	}
	return fmt.Sprintf("backend: %d %s: %s", e.Status, e.Code, e.Detail)
}

// Is reports whether the error is of that kind.
func (e *Error) Is(kind error) bool { return kind == e.kind() }

// Unwrap returns why no answer came, nil if one did.
func (e *Error) Unwrap() error { return e.cause }

// kind goes by the code, and by the status where there is none.
func (e *Error) kind() error {
	codes := map[string]error{
		"invalid": ErrInvalid, "forbidden": ErrForbidden, "too_large": ErrTooLarge,
		"session_not_found": ErrSessionNotFound, "user_not_found": ErrUserNotFound,
		"version_conflict": ErrConflict, "epoch_changed": ErrEpochChanged, "user_disabled": ErrUserDisabled,
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

// invalid is the error of a call that is not sent, because the admin API would
// refuse it, or take it for another.
func invalid(detail string) error {
	return &Error{Status: http.StatusBadRequest, Code: "invalid", Detail: detail}
}
