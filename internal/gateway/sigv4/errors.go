package sigv4

import "errors"

// ErrRefused means that the request was not signed with the key, or that this
// cannot be proven.
var ErrRefused = errors.New("sigv4: refused")
