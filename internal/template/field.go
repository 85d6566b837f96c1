package template

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
)

// field is a value with the place it stands at. Expressions are evaluated as
// a field is reached. What is not as wanted becomes a fault of the resolver,
// and reads as absent, so that all faults are found in one pass.
type field struct {
	r    *resolver
	path string
	v    any // nil if absent; never an expression
}

func (r *resolver) field(path string, v any) field {
	f := field{r: r, path: path}
	resolved, err := r.resolve(v)
	if err != nil {
		f.fault("%v", err)
		return f
	}
	f.v = resolved
	return f
}

func (f field) fault(format string, args ...any) {
	path := f.path
	if path == "" {
		path = "the template"
	}
	err := fmt.Errorf("template: %s: %s", path, fmt.Sprintf(format, args...))
	known := func(other error) bool { return other.Error() == err.Error() }
	if !slices.ContainsFunc(f.r.faults, known) {
		f.r.faults = append(f.r.faults, err)
	}
}

// object returns the mapping, an empty one if the field is absent.
func (f field) object() object {
	o, ok := f.v.(object)
	if !ok && f.v != nil {
		f.fault("is no mapping")
	}
	return o
}

// get returns the member of that name.
func (f field) get(name string) field {
	path := name
	if f.path != "" {
		path = f.path + "." + name
	}
	return f.r.field(path, f.object().of[name])
}

// entries ranges over the members in the order of the file.
func (f field) entries() iter.Seq2[string, field] {
	return func(yield func(string, field) bool) {
		for _, name := range f.object().names {
			if !yield(name, f.get(name)) {
				return
			}
		}
	}
}

// only faults members that are not in names: they could ask for something
// that is not done here.
func (f field) only(names ...string) {
	for _, name := range f.object().names {
		if !slices.Contains(names, name) {
			f.get(name).fault("is not understood here")
		}
	}
}

// absent faults the field, for that reason, if it is there.
func (f field) absent(reason string) {
	if f.v != nil {
		f.fault("%s", reason)
	}
}

// text returns the text, "" if the field is absent.
func (f field) text() string {
	s, ok := f.v.(string)
	if !ok && f.v != nil {
		f.fault("is no text")
	}
	return s
}

// texts returns the items, each a text.
func (f field) texts() []string {
	list, ok := f.v.([]any)
	if !ok && f.v != nil {
		f.fault("is no list")
	}
	var texts []string
	for i, v := range list {
		texts = append(texts, f.r.field(fmt.Sprintf("%s[%d]", f.path, i), v).text())
	}
	return texts
}

// flag returns whether it is true. Absent is false.
func (f field) flag() bool {
	switch f.text() {
	case "true":
		return true
	case "false", "":
	default:
		f.fault("is neither true nor false")
	}
	return false
}

// number returns a whole number from 0 to limit, or otherwise if the field is absent.
func (f field) number(otherwise, limit int) int {
	if f.v == nil {
		return otherwise
	}
	n, err := strconv.Atoi(f.text())
	if err != nil || n < 0 || n > limit {
		f.fault("is no whole number from 0 to %d", limit)
		return otherwise
	}
	return n
}
