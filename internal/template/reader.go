package template

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template/apis"
	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// reader takes from the declarations what a local run does, and notes what it
// cannot do. A value that is not as wanted becomes a fault and counts as
// absent, so that one pass finds all faults.
type reader struct {
	declared *apis.Template
	reading  *document.Reading // in which resources have names; nil while the parameters are read
	exports  map[string]string
	faults   []error
}

func (r *reader) fault(v document.Value, format string, args ...any) {
	name := v.Name()
	if name == "" {
		name = "the template"
	}
	r.faultAt(v.Line(), name, format, args...)
}

func (r *reader) faultAt(line int, name, format string, args ...any) {
	err := fmt.Errorf("template: line %d: %s: %s", line, name, fmt.Sprintf(format, args...))
	if !slices.ContainsFunc(r.faults, func(other error) bool { return other.Error() == err.Error() }) {
		r.faults = append(r.faults, err)
	}
}

// known returns the value in a reading in which resources have names. It must
// be of that kind or absent.
func (r *reader) known(v document.Value, kind document.Kind, name string) document.Value {
	if r.reading != nil {
		v = r.reading.In(v)
	}
	switch v.Kind() {
	case kind, document.Absent:
		return v
	case document.Expression:
		why := ""
		if strings.Contains(v.String(), "!ImportValue ") {
			why = ": no stack here exports it"
		}
		r.fault(v, "%s is not known here%s", v, why)
	default:
		r.fault(v, "is no %s", name)
	}
	return document.Value{}
}

func (r *reader) mapping(v document.Value) document.Value {
	return r.known(v, document.Mapping, "mapping")
}

// only adds a fault for each member that is not in names: it may ask for
// something that a local run does not do.
func (r *reader) only(v document.Value, names ...string) {
	for name, member := range r.mapping(v).Members() {
		if !slices.Contains(names, name) && member.Kind() != document.Absent {
			r.fault(member, "is not understood here")
		}
	}
}

// text returns the text, or "" if the value is absent.
func (r *reader) text(v document.Value) string { return r.known(v, document.Scalar, "text").Text() }

// texts returns the items. Each must be a text.
func (r *reader) texts(v document.Value) []string {
	var texts []string
	for _, item := range r.known(v, document.List, "list").Items() {
		texts = append(texts, r.text(item))
	}
	return texts
}

// flag reports whether the value is true. Absent is false.
func (r *reader) flag(v document.Value) bool {
	text := r.text(v)
	if text != "true" && text != "false" && text != "" {
		r.fault(v, "is neither true nor false")
	}
	return text == "true"
}

// number returns a whole number from 0 to limit, or the given other value if it
// is absent.
func (r *reader) number(v document.Value, otherwise, limit int) int {
	if v.Kind() == document.Absent {
		return otherwise
	}
	n, err := strconv.Atoi(r.text(v))
	if err != nil || n < 0 || n > limit {
		r.fault(v, "is no whole number from 0 to %d", limit)
		return otherwise
	}
	return n
}

// pattern returns an expression that matches whole texts, or nil if the value
// is absent.
func (r *reader) pattern(v document.Value) *regexp.Regexp {
	text := r.text(v)
	if text == "" {
		return nil
	}
	pattern, err := regexp.Compile("^(?:" + text + ")$")
	if err != nil {
		r.fault(v, "is no pattern")
	}
	return pattern
}
