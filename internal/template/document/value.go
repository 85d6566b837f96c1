package document

import (
	"iter"
	"regexp"
	"slices"
	"strings"
)

// Kind is the kind of a value.
type Kind int

// The kinds. Null and a missing member are both Absent.
const (
	Absent Kind = iota
	Scalar
	List
	Mapping
	Expression // an intrinsic function, in its short or its long form
)

// Value is one value and its place. The zero Value is absent. Members, items or
// text that a value does not have are zero values.
//
// Members and items of a value of a [Reading] are evaluated. Those of a value
// of a [Document] are as written.
type Value struct {
	line    int
	kind    Kind
	name    string // of the member that the value is
	text    string
	names   []string // of members, or the one name of an expression
	items   []Value  // members, items, or the argument of an expression
	reading *Reading // nil means as written
}

// Kind returns the kind of the value.
func (v Value) Kind() Kind { return v.kind }

// Line returns the line of the value, counted from 1. For a member of a mapping
// it is the line of its name. It is 0 for a value that is not in the file.
func (v Value) Line() int { return v.line }

// Name returns the name of the member that the value is, or the last name on
// the way to it.
func (v Value) Name() string { return v.name }

// Text returns the text of a scalar as written, without quotes.
func (v Value) Text() string { return v.text }

// Part returns a scalar as a part of v, on the same line.
func (v Value) Part(text string) Value {
	return Value{line: v.line, name: v.name, kind: Scalar, text: text}
}

// Items returns the items of a list. A reading leaves out those that are
// absent.
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

// Texts returns the scalars and expressions of a list. Any other value counts
// as a list of itself.
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

// Either returns the member of that name, or of that name with a small first
// letter, as OpenAPI's extensions have it.
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

// Target returns the logical id that the value points at, if it is a Ref, an
// Fn::GetAtt or an Fn::Sub of nothing else. Otherwise it returns the value
// written on one line. Two values that point at the same thing have the same
// target.
func (v Value) Target() string {
	name, arg := v.Expression()
	if refs := v.References(); len(refs) == 1 && (name == "Ref" || name == "Fn::GetAtt" || only.MatchString(arg.Text())) {
		return refs[0]
	}
	return v.String()
}

// References returns the logical ids and parameters that the value refers to,
// in the order of the text.
func (v Value) References() []string {
	var found []string
	switch name, arg := v.Expression(); name {
	case "Ref":
		id, _, _ := strings.Cut(arg.Text(), ".") // SAM's references to what it makes from a resource
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

// variable matches ${Name} and ${Name.Attribute}, but not the escaped ${!Name}.
// The other pattern, only, matches a text that is one variable and nothing else.
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
// Globals: mappings are merged member by member, lists are appended, and any
// other value of v replaces the one below.
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

// expression turns a mapping whose one member is an intrinsic function into an
// Expression. It leaves any other value alone.
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
