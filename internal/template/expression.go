package template

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// resolver evaluates expressions and gathers what is wrong with a template.
type resolver struct {
	template *Template // nil while the parameters are read
	values   map[string]any
	open     []string // conditions being evaluated
	faults   []error
}

// expression returns the long name of a short form, and whether there is such
// an expression at all. Not all of them are evaluated.
func expression(short string) (name string, known bool) {
	switch short {
	case "Ref", "Condition":
		return short, true
	case "And", "Base64", "Cidr", "Equals", "FindInMap", "GetAtt", "GetAZs", "If", "ImportValue", "Join", "Length",
		"Not", "Or", "Select", "Split", "Sub", "ToJsonString", "Transform":
		return "Fn::" + short, true
	}
	return "", false
}

// resolve evaluates v if it is an expression. Members and items of what comes
// out may be expressions again.
func (r *resolver) resolve(v any) (any, error) {
	o, ok := v.(object)
	if !ok || len(o.names) != 1 || r.template == nil {
		return v, nil
	}
	name, arg := o.names[0], o.of[o.names[0]]
	switch name {
	case "Ref":
		return r.ref(arg)
	case "Fn::GetAtt":
		return r.getAtt(arg)
	case "Fn::Sub":
		return r.sub(arg)
	case "Fn::Join", "Fn::Split", "Fn::Select":
		return r.onList(name, arg)
	case "Fn::If":
		return r.choose(arg)
	case "Fn::ImportValue":
		return r.importValue(arg)
	}
	if strings.HasPrefix(name, "Fn::") {
		return nil, fmt.Errorf("%s is not evaluated here", name)
	}
	return v, nil
}

// text evaluates v, which must become a text.
func (r *resolver) text(v any) (string, error) {
	v, err := r.resolve(v)
	if err != nil {
		return "", err
	}
	s, ok := v.(string)
	if !ok {
		return "", errors.New("an expression's argument is no text")
	}
	return s, nil
}

// list evaluates v, which must become a list of at least n values.
func (r *resolver) list(v any, n int) ([]any, error) {
	v, err := r.resolve(v)
	if err != nil {
		return nil, err
	}
	list, ok := v.([]any)
	if !ok || len(list) < n {
		return nil, fmt.Errorf("an expression's argument is no list of %d", n)
	}
	return list, nil
}

// ref gives a parameter's value or a resource's name. Functions and APIs go by
// their logical id here, everything else by a name made of it.
func (r *resolver) ref(arg any) (any, error) {
	name, ok := arg.(string)
	if !ok {
		return nil, errors.New("a Ref needs a name")
	}
	if v, found := r.values[name]; found {
		return v, nil
	}
	id, alias := strings.CutSuffix(name, ".Alias")
	switch kind := r.kindOf(id); {
	case kind == "AWS::Serverless::Function" && alias:
		return FunctionARN(id) + ":live", nil
	case kind == "AWS::Lambda::Alias":
		return r.aliasARN(id)
	case alias || kind == "":
		return nil, fmt.Errorf("reference to %q: there is no such parameter or resource", name)
	case strings.HasPrefix(kind, "AWS::Serverless::"):
		return id, nil
	}
	return Name + "-" + id, nil
}

// aliasARN gives the ARN of an alias, of which the function and the name must
// be said.
func (r *resolver) aliasARN(id string) (any, error) {
	o, _ := r.template.resources.of[id].(object)
	properties, _ := o.of["Properties"].(object)
	function, errFunction := r.text(properties.of["FunctionName"])
	name, errName := r.text(properties.of["Name"])
	if err := errors.Join(errFunction, errName); err != nil {
		return nil, fmt.Errorf("reference to alias %q: %w", id, err)
	}
	return FunctionARN(strings.TrimPrefix(function, functionPrefix)) + ":" + name, nil
}

func (r *resolver) getAtt(arg any) (any, error) {
	list, err := r.list(arg, 2)
	if err != nil {
		return nil, err
	}
	id, _ := list[0].(string)
	attribute, _ := list[1].(string)
	switch kind := r.kindOf(id); {
	case kind == "":
		return nil, fmt.Errorf("attribute of %q: there is no such resource", id)
	case kind == "AWS::Serverless::Function" && attribute == "Arn":
		return FunctionARN(id), nil
	case kind == "AWS::DynamoDB::Table" && attribute == "Arn":
		return "arn:aws:dynamodb:" + Region + ":" + Account + ":table/" + Name + "-" + id, nil
	}
	return nil, fmt.Errorf("Fn::GetAtt %s.%s is not known here", id, attribute)
}

// importValue gives what another stack exports.
func (r *resolver) importValue(arg any) (any, error) {
	name, err := r.text(arg)
	if err != nil {
		return nil, err
	}
	for export, value := range r.template.exports {
		if strings.HasSuffix(name, "-"+export) {
			return value, nil
		}
	}
	return nil, fmt.Errorf("Fn::ImportValue: no stack here exports %q", name)
}

// kindOf returns the type of a resource, "" if there is none of that id.
func (r *resolver) kindOf(id string) string {
	o, _ := r.template.resources.of[id].(object)
	kind, _ := o.of["Type"].(string)
	return kind
}

const functionPrefix = "arn:aws:lambda:" + Region + ":" + Account + ":function:"

// FunctionARN returns the ARN of a function of a local stack, without an alias.
func FunctionARN(id string) string { return functionPrefix + id }

// functionOf returns the logical id in a function's ARN, with or without an
// alias.
func functionOf(arn string) (id string, ok bool) {
	rest, ok := strings.CutPrefix(arn, functionPrefix)
	id, _, _ = strings.Cut(rest, ":")
	return id, ok
}

// variable matches ${Name}, ${Name.Attribute} and the escaped ${!Name}.
var variable = regexp.MustCompile(`\$\{([^}]*)\}`)

// sub fills in a text, with names of its own if there is a second argument.
func (r *resolver) sub(arg any) (any, error) {
	var own object
	if list, ok := arg.([]any); ok && len(list) == 2 {
		own, _ = list[1].(object)
		arg = list[0]
	}
	pattern, ok := arg.(string)
	if !ok {
		return nil, errors.New("Fn::Sub needs a text")
	}
	var faults []error
	text := variable.ReplaceAllStringFunc(pattern, func(match string) string {
		value, err := r.substitute(match[2:len(match)-1], own)
		faults = append(faults, err)
		return value
	})
	return text, errors.Join(faults...)
}

func (r *resolver) substitute(name string, own object) (string, error) {
	if literal, ok := strings.CutPrefix(name, "!"); ok {
		return "${" + literal + "}", nil
	}
	if v, found := own.of[name]; found {
		return r.text(v)
	}
	id, attribute, dotted := strings.Cut(name, ".")
	expression := object{names: []string{"Ref"}, of: map[string]any{"Ref": name}}
	if dotted && attribute != "Alias" {
		expression = object{names: []string{"Fn::GetAtt"}, of: map[string]any{"Fn::GetAtt": []any{id, attribute}}}
	}
	return r.text(expression)
}

// onList evaluates the expressions that take or make a list.
func (r *resolver) onList(name string, arg any) (any, error) {
	args, err := r.list(arg, 2)
	if err != nil {
		return nil, err
	}
	first, err := r.text(args[0])
	if err != nil {
		return nil, err
	}
	if name == "Fn::Split" {
		text, err := r.text(args[1])
		return split(text, first), err
	}
	list, err := r.list(args[1], 0)
	if err != nil {
		return nil, err
	}
	if name == "Fn::Select" {
		i, err := strconv.Atoi(first)
		if err != nil || i < 0 || i >= len(list) {
			return nil, fmt.Errorf("Fn::Select: no item %q", first)
		}
		return r.resolve(list[i])
	}
	var texts []string
	for _, item := range list {
		text, err := r.text(item)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, first), nil
}

func split(text, separator string) []any {
	var list []any
	for part := range strings.SplitSeq(text, separator) {
		list = append(list, part)
	}
	return list
}
