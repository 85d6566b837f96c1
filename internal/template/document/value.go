package document

import (
	"iter"
	"regexp"
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
//
// A value of a [Reading] gives members and items as they come to there. One of a
// [Document] gives them as they are written.
type Value struct {
	line    int
	kind    Kind
	name    string // of the member that it is
	text    string
	names   []string // of members, or the one name of an expression
	items   []Value  // members, items, or the argument of an expression
	reading *Reading // nil: as it is written
}

// Kind returns what the value is.
func (v Value) Kind() Kind { return v.kind }

// Line returns the line the value stands on, counted from 1: for a member of a
// mapping that of its name. It is 0 for a value that stands nowhere.
func (v Value) Line() int { return v.line }

// Name returns the name of the member that the value is, or the last that was
// gone through to reach it.
func (v Value) Name() string { return v.name }

// Text returns the text of a scalar as it is written, without quotes.
func (v Value) Text() string { return v.text }

// Part returns a scalar that is a part of what v says, on the same line.
func (v Value) Part(text string) Value {
	return Value{line: v.line, name: v.name, kind: Scalar, text: text}
}

// Items returns the items of a list. In a reading those that are absent are left
// out.
func (v Value) Items() []Value {
	if v.kind != List {
		return nil
	}
	if v.reading == nil {
		return v.items
	}
	var items []Value
	for _, item := range v.items {
		item.name = v.name
		if item = v.reading.eval(item); item.kind != Absent {
			items = append(items, item)
		}
	}
	return items
}

// Texts returns the scalars and expressions of a list; any other value is taken
// for a list of itself.
func (v Value) Texts() []Value {
	switch v.kind {
	case Absent:
		return nil
	case List:
		return v.Items()
	}
	return []Value{v}
}

// Get returns the member of that name.
func (v Value) Get(name string) Value {
	if v.kind != Mapping {
		return Value{}
	}
	if i := slices.Index(v.names, name); i >= 0 {
		return v.member(i)
	}
	return Value{}
}

// Either returns the member of that name, or of that name with a small letter
// at its head, as OpenAPI's extensions have it.
func (v Value) Either(name string) Value {
	if member := v.Get(name); member.kind != Absent {
		return member
	}
	return v.Get(strings.ToLower(name[:1]) + name[1:])
}

func (v Value) member(i int) Value {
	member := v.items[i]
	member.name = v.names[i]
	if v.reading != nil {
		member = v.reading.eval(member)
	}
	return member
}

// Members ranges over the members of a mapping in the order of the file.
func (v Value) Members() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if v.kind != Mapping {
			return
		}
		for i, name := range v.names {
			if !yield(name, v.member(i)) {
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
	if refs := v.References(); len(refs) == 1 && (name == "Ref" || name == "Fn::GetAtt" || only.MatchString(arg.Text())) {
		return refs[0]
	}
	return v.String()
}

// References returns the logical ids and parameters that the value refers to,
// in the order they are written.
func (v Value) References() []string {
	var found []string
	switch name, arg := v.Expression(); name {
	case "Ref":
		id, _, _ := strings.Cut(arg.Text(), ".") // SAM's references to what it makes of a resource
		return []string{id}
	case "Fn::GetAtt":
		if len(arg.items) > 0 {
			return []string{arg.items[0].Text()}
		}
	case "Fn::Sub":
		for _, text := range append([]Value{arg}, arg.items...) {
			for _, match := range variable.FindAllStringSubmatch(text.text, -1) {
				id, _, _ := strings.Cut(match[1], ".")
				found = append(found, id)
			}
		}
	}
	for _, item := range v.items {
		found = append(found, item.References()...)
	}
	return found
}

// variable matches ${Name} and ${Name.Attribute}, but not the escaped ${!Name};
// only is a text of nothing else.
var (
	variable = regexp.MustCompile(`\$\{([^}!][^}]*)\}`)
	only     = regexp.MustCompile(`^\$\{[^}!][^}]*\}$`)
)

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
// Globals: mappings are merged member by member, lists are appended, anything
// else of v replaces what is below.
func (v Value) Over(below Value) Value {
	switch {
	case v.kind == Absent:
		return below
	case v.kind == List && below.kind == List:
		v.items = slices.Concat(below.items, v.items)
		return v
	case v.kind != Mapping || below.kind != Mapping:
		return v
	}
	v.names, v.items = slices.Clone(v.names), slices.Clone(v.items)
	for k, name := range below.names {
		if i := slices.Index(v.names, name); i >= 0 {
			v.items[i] = v.items[i].Over(below.items[k])
			continue
		}
		v.names = append(v.names, name)
		v.items = append(v.items, below.items[k])
	}
	return v
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
