// Package document reads CloudFormation templates. Every value knows its line.
//
// [Parse] takes JSON, and YAML with short forms of expressions (!Ref), anchors
// and merge keys. An expression is a [Value] of its own kind.
//
// What a template says depends on its parameters. [Document.Reading] reads it
// with given parameters. [Document.Readings] reads it in every way that
// parameters allow, one after the other. Nothing in one [Reading] has
// alternatives.
//
// Comments of the form
//
//	# latchkey:ignore RULE reason
//
// become [Ignore] values, each with the lines it applies to.
package document

import (
	"bytes"
	"errors"
	"fmt"
)

// Document is a parsed template.
type Document struct {
	Root    Value
	Ignores []Ignore // in the order of the file; none in JSON, which has no comments
}

// ErrUnreadable is in the error of a file that cannot be read as a template:
// bad YAML or JSON, more than one document, a mapping with the same name twice,
// aliases without end, or no mapping at the top.
var ErrUnreadable = errors.New("unreadable template")

// Parse reads one template. What looks like JSON is read as JSON.
func Parse(data []byte) (*Document, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // a byte order mark
	read := readYAML
	if trimmed := bytes.TrimLeft(data, " \t\r\n"); bytes.HasPrefix(trimmed, []byte("{")) {
		read = readJSON
	}
	d, err := read(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	if d.Root.Kind() != Mapping {
		return nil, fmt.Errorf("%w: it is no mapping", ErrUnreadable)
	}
	return d, nil
}
