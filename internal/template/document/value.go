package document

import (
	"iter"
	"slices"
	"strings"
)

// Kind is what a value is.
type Kind int

// The kinds. Null and a member that is not there are both Absent.
const (
	Absent Kind = iota
	Scalar
	List
	Mapping
	Expression // an intrinsic function, in its short or its long form
)

// Value is one value and where it stands. The zero Value is absent; asked for
// members, items or text that it has not, a value gives zero values.
type Value struct {
	line  int
	kind  Kind
	text  string
	names []string // of members, or the one name of an expression
	items []Value  // members, items, or the argument of an expression
}

// Kind returns what the value is.
func (v Value) Kind() Kind { return v.kind }

// Line returns the line the value stands on, counted from 1: for a member of a
// mapping that of its name. It is 0 for a value that stands nowhere.
func (v Value) Line() int { return v.line }

// Text returns the text of a scalar as it is written, without quotes.
func (v Value) Text() string { return v.text }

// Part returns a scalar that is a part of what v says, on the same line.
func (v Value) Part(text string) Value {
	return Value{line: v.line, kind: Scalar, text: text}
}

// Items returns the items of a list.
func (v Value) Items() []Value {
	if v.kind != List {
		return nil
	}
	return v.items
}

// Get returns the member of that name.
func (v Value) Get(name string) Value {
	if v.kind != Mapping {
		return Value{}
	}
	if i := slices.Index(v.names, name); i >= 0 {
		return v.items[i]
	}
	return Value{}
}

// Members ranges over the members of a mapping in the order of the file.
func (v Value) Members() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if v.kind != Mapping {
			return
		}
		for i, name := range v.names {
			if !yield(name, v.items[i]) {
				return
			}
		}
	}
}

// Expression returns an expression's long name, such as Fn::GetAtt, and its
// argument. The name is empty for any other value.
func (v Value) Expression() (name string, arg Value) {
	if v.kind != Expression {
		return "", Value{}
	}
	return v.names[0], v.items[0]
}

// Target returns the logical id that a Ref, Fn::GetAtt or plain Fn::Sub of
// nothing else points at, and otherwise the value written on one line. So two
// values that point at the same thing have the same target.
func (v Value) Target() string {
	name, arg := v.Expression()
	switch {
	case name == "Ref":
		return arg.Text()
	case name == "Fn::GetAtt" && len(arg.Items()) > 0:
		return arg.Items()[0].Text()
	case name == "Fn::Sub" && strings.HasPrefix(arg.Text(), "${") && strings.Index(arg.Text(), "}") == len(arg.Text())-1:
		id, _, _ := strings.Cut(arg.Text()[2:len(arg.Text())-1], ".")
		return id
	}
	return v.String()
}

// String returns the value on one line, for messages.
func (v Value) String() string {
	var parts []string
	for i, item := range v.items {
		switch v.kind {
		case Mapping:
			parts = append(parts, v.names[i]+": "+item.String())
		default:
			parts = append(parts, item.String())
		}
	}
	inside := strings.Join(parts, ", ")
	switch v.kind {
	case List:
		return "[" + inside + "]"
	case Mapping:
		return "{" + inside + "}"
	case Expression:
		return "!" + strings.TrimPrefix(v.names[0], "Fn::") + " " + inside
	}
	return v.text
}

// Over returns v laid over below, as SAM lays a resource's properties over
// Globals: mappings are merged member by member, anything else of v replaces
// what is below.
func (v Value) Over(below Value) Value {
	if v.kind == Absent {
		return below
	}
	if v.kind != Mapping || below.kind != Mapping {
		return v
	}
	merged := Value{line: v.line, kind: Mapping, names: slices.Clone(v.names), items: slices.Clone(v.items)}
	for name, member := range below.Members() {
		if i := slices.Index(merged.names, name); i >= 0 {
			merged.items[i] = merged.items[i].Over(member)
			continue
		}
		merged.names = append(merged.names, name)
		merged.items = append(merged.items, member)
	}
	return merged
}

// expression turns a mapping of one member that is an intrinsic function into
// an Expression, and leaves any other value alone.
func expression(v Value) Value {
	if v.kind != Mapping || len(v.names) != 1 {
		return v
	}
	name := v.names[0]
	if name != "Ref" && !strings.HasPrefix(name, "Fn::") || strings.HasPrefix(name, "Fn::ForEach::") {
		return v
	}
	arg := v.items[0]
	if name == "Fn::GetAtt" && arg.kind == Scalar {
		id, attribute, _ := strings.Cut(arg.text, ".")
		arg = Value{line: arg.line, kind: List, items: []Value{arg.Part(id), arg.Part(attribute)}}
	}
	return Value{line: v.line, kind: Expression, names: v.names, items: []Value{arg}}
}
