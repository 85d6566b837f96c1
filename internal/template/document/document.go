// Package document reads CloudFormation templates so that every value knows
// the line it stands on.
//
// [Parse] takes YAML, short forms of expressions (!Ref), anchors and merge keys
// included, and JSON. An expression is a [Value] of its own kind.
//
// What a template says depends on its parameters. [Document.Reading] reads it as
// it is with parameters that are set, and [Document.Readings] as it can be with
// any, one after the other: what is read of a [Reading] has no alternatives.
//
// Comments of the form
//
//	# latchkey:ignore RULE reason
//
// come out as [Ignore], each with the lines it is good for.
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

// ErrUnreadable is in the error of a file that is no template that could be
// read: bad YAML or JSON, more than one document, a name that stands twice in a
// mapping, aliases without end, or no mapping at the top.
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
