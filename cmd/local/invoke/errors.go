package invoke

import "errors"

// ErrNotFound means that there is no function of that id.
var ErrNotFound = errors.New("invoke: no such function")
