package accounts

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

var (
	// ErrNotFound means there is no such user.
	ErrNotFound = errors.New("accounts: not found")
	// ErrExists means the tenant has a user of that e-mail address.
	ErrExists = errors.New("accounts: exists")
	// ErrIDTaken means the tenant has a user of that id.
	ErrIDTaken = errors.New("accounts: id is taken")
	// ErrConflict means the user's hash is no longer the one that was read.
	ErrConflict = errors.New("accounts: changed meanwhile")
	// ErrLink means that a token is not that of a link, or that the link is used,
	// too old or void.
	ErrLink = errors.New("accounts: no such link")
	// ErrCorrupt means that what is stored is not a whole user or link, or not the
	// one that was asked for.
	ErrCorrupt = errors.New("accounts: corrupt record")
	// ErrCredentials means that no user has this e-mail address and password.
	// It does not tell which of the two is wrong.
	ErrCredentials = errors.New("accounts: wrong credentials")
	// ErrNoPassword means that the user signs in without a password, or has no
	// account here.
	ErrNoPassword = errors.New("accounts: no password")
	// ErrThrottled means there were too many attempts from this source or at
	// this account. Nothing was judged; a later attempt may pass.
	ErrThrottled = errors.New("accounts: too many attempts")
	// ErrUnavailable means the storage could not be reached or there was no time
	// left to hash, so nothing is known about the credentials.
	ErrUnavailable = errors.New("accounts: unavailable")
)

// The ids of the form fields, as the Frontend Driver Interface names them.
const (
	FieldEmail    = "email"
	FieldPassword = "password"
	FieldCurrent  = "currentPassword" // of a change; FDI has none
)

// Field is what is wrong with one field of a form, in words for the person
// who filled it in. Its JSON form is an element of `formFields` in the answer
// FIELD_ERROR of the Frontend Driver Interface.
type Field struct {
	ID    string `json:"id"` // FieldEmail, FieldPassword or FieldCurrent
	Error string `json:"error"`
}

// FieldsError says which fields of a form were refused, each once. It holds
// nothing that was filled in.
type FieldsError struct {
	Fields []Field // never empty
}

// Error lists the fields and what is wrong with them.
func (e *FieldsError) Error() string {
	faults := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		faults[i] = f.ID + ": " + f.Error
	}
	return "accounts: " + strings.Join(faults, "; ")
}

// fields returns a FieldsError of the fields whose text is not empty. There
// must be at least one.
func fields(all ...Field) error {
	return &FieldsError{Fields: slices.DeleteFunc(all, func(f Field) bool { return f.Error == "" })}
}

// storage translates an error of the store at the border. It reports a corrupt
// record and a flooded key as such; any other failure leaves the outcome
// unknown.
func storage(doing string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, ErrCorrupt) || errors.Is(err, ErrThrottled) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return fmt.Errorf("%w: %s: %w", ErrUnavailable, doing, err)
}
