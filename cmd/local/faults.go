package main

import (
	"errors"
	"strings"
)

// faults are why functions cannot start. Most settings are for all of them, so
// that one mistake is reported once.
type faults struct {
	reasons []string            // each one once
	ids     map[string][]string // of the functions, by reason
}

func (f *faults) add(id string, err error) {
	reason := err.Error()
	if f.ids == nil {
		f.ids = map[string][]string{}
	}
	if f.ids[reason] == nil {
		f.reasons = append(f.reasons, reason)
	}
	f.ids[reason] = append(f.ids[reason], id)
}

// err returns an error with a line for each reason, or nil if there is none.
func (f *faults) err() error {
	var all []error
	for _, reason := range f.reasons {
		all = append(all, errors.New(strings.Join(f.ids[reason], ", ")+": "+reason))
	}
	return errors.Join(all...)
}
