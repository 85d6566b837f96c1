package template

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// Parameter is one parameter of a template, with the rules for its values.
type Parameter struct {
	Name        string
	Description string
	Default     string // if there is one

	optional    bool // there is a default
	kind        string
	values      []string // the only ones allowed; none means any
	pattern     *regexp.Regexp
	min, max    *float64
	constraint  string // the template's own words for the rules
	shortest    int
	longest     int // 0 means no limit
	patternText string
}

// The kinds of parameter that are understood.
const (
	kindString = "String"
	kindNumber = "Number"
	kindList   = "CommaDelimitedList"
)

func (r *reader) parameters(v document.Value) []Parameter {
	var parameters []Parameter
	for name, def := range r.mapping(v).Members() {
		r.only(def, "Type", "Default", "Description", "ConstraintDescription", "NoEcho",
			"AllowedValues", "AllowedPattern", "MinValue", "MaxValue", "MinLength", "MaxLength")
		p := Parameter{
			Name: name, Description: r.text(def.Get("Description")), Default: r.text(def.Get("Default")),
			optional: def.Get("Default").Kind() != document.Absent, kind: r.text(def.Get("Type")),
			values: r.texts(def.Get("AllowedValues")), constraint: r.text(def.Get("ConstraintDescription")),
			min: r.bound(def.Get("MinValue")), max: r.bound(def.Get("MaxValue")),
			shortest: r.number(def.Get("MinLength"), 0, maxText), longest: r.number(def.Get("MaxLength"), 0, maxText),
			// CloudFormation matches the whole value.
			pattern: r.pattern(def.Get("AllowedPattern")), patternText: r.text(def.Get("AllowedPattern")),
		}
		if !slices.Contains([]string{kindString, kindNumber, kindList}, p.kind) {
			r.fault(def.Get("Type"), "only String, Number and CommaDelimitedList are understood here")
		}
		parameters = append(parameters, p)
	}
	return parameters
}

// maxText is CloudFormation's limit for a parameter's value, in bytes.
const maxText = 4096

func (r *reader) bound(v document.Value) *float64 {
	if v.Kind() == document.Absent {
		return nil
	}
	n, err := strconv.ParseFloat(v.Text(), 64)
	if err != nil {
		r.fault(v, "is no number")
	}
	return &n
}

// values returns the values of all parameters and pseudo parameters, and which
// of them are lists.
func (t *Template) values(given map[string]string) (values map[string][]string, lists []string, err error) {
	values = map[string][]string{
		"AWS::Region": {Region}, "AWS::AccountId": {Account}, "AWS::Partition": {"aws"}, "AWS::URLSuffix": {"amazonaws.com"},
		"AWS::StackName": {Name},
	}
	unknown := maps.Clone(given)
	var faults []error
	for _, p := range t.parameters {
		delete(unknown, p.Name)
		value, set := given[p.Name]
		if !set {
			value = p.Default
		}
		if !set && !p.optional {
			faults = append(faults, fmt.Errorf("template: parameter %s has no default and is not set", p.Name))
			continue
		}
		faults = append(faults, p.check(value))
		values[p.Name] = []string{value}
		if p.kind == kindList {
			lists = append(lists, p.Name)
			values[p.Name] = slices.DeleteFunc(strings.Split(value, ","), func(item string) bool { return value == "" })
		}
	}
	for _, name := range slices.Sorted(maps.Keys(unknown)) {
		faults = append(faults, fmt.Errorf("template: there is no parameter %s; there are %s", name, t.names()))
	}
	return values, lists, errors.Join(faults...)
}

func (t *Template) names() string {
	var names []string
	for _, p := range t.parameters {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// check returns why the value is not allowed, or nil.
func (p Parameter) check(value string) error {
	if p.kind != kindList {
		return p.checkOne(value)
	}
	for item := range strings.SplitSeq(value, ",") {
		if err := p.checkOne(item); err != nil {
			return err
		}
	}
	return nil
}

func (p Parameter) checkOne(value string) error {
	length := utf8.RuneCountInString(value)
	switch {
	case p.kind == kindNumber && !p.inRange(value):
		return p.refuse(value, p.rangeText())
	case len(p.values) > 0 && !slices.Contains(p.values, value):
		return p.refuse(value, "one of "+strings.Join(p.values, ", "))
	case p.pattern != nil && !p.pattern.MatchString(value):
		return p.refuse(value, "of the form "+p.patternText)
	case len(value) > maxText || length < p.shortest || p.longest > 0 && length > p.longest:
		return p.refuse(value, "of another length")
	}
	return nil
}

func (p Parameter) inRange(value string) bool {
	n, err := strconv.ParseFloat(value, 64)
	return err == nil && n == n && (p.min == nil || n >= *p.min) && (p.max == nil || n <= *p.max)
}

func (p Parameter) rangeText() string {
	text := "a number"
	if p.min != nil {
		text += fmt.Sprintf(" from %v", *p.min)
	}
	if p.max != nil {
		text += fmt.Sprintf(" up to %v", *p.max)
	}
	return text
}

func (p Parameter) refuse(value, want string) error {
	if p.constraint != "" {
		want = p.constraint
	}
	return fmt.Errorf("template: parameter %s is %q; it must be %s", p.Name, value, want)
}
