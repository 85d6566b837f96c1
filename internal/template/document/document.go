// Package document reads CloudFormation templates so that every value knows
// the line it stands on.
//
// [Parse] takes YAML, short forms of expressions (!Ref) included, and JSON.
// Nothing is evaluated: an expression is a [Value] of its own kind, and
// [Document.Possible] lists what it can come to as far as the template alone
// tells. Comments of the form
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
// checked: bad YAML or JSON, more than one document, a name that stands twice
// in a mapping, an anchor or alias (CloudFormation knows none), or no mapping
// at the top.
var ErrUnreadable = errors.New("unreadable template")

// Parse reads one template. What looks like JSON is read as JSON.
func Parse(data []byte) (*Document, error) {
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

// Possible returns what v can come to when the stack is deployed, and always
// something: for Fn::If what both branches come to, for a Ref of a parameter
// that has AllowedValues those. AWS::NoValue comes to an absent value. Every
// other expression can come to anything, so it is in the list itself.
func (d *Document) Possible(v Value) []Value {
	switch name, arg := v.Expression(); {
	case name == "Fn::If" && len(arg.Items()) == 3:
		branches := arg.Items()
		return append(d.Possible(branches[1]), d.Possible(branches[2])...)
	case name == "Ref" && arg.Text() == "AWS::NoValue":
		return []Value{{}}
	case name == "Ref":
		return d.ofParameter(v, d.Root.Get("Parameters").Get(arg.Text()))
	}
	return []Value{v}
}

func (d *Document) ofParameter(v, parameter Value) []Value {
	var possible []Value
	for _, allowed := range parameter.Get("AllowedValues").Items() {
		possible = append(possible, v.Part(allowed.text))
	}
	if len(possible) == 0 {
		return []Value{v}
	}
	return possible
}
