package document

import (
	"slices"
	"strconv"
	"strings"
)

// onText evaluates expressions that make texts from texts, if those are known.
func (w *Reading) onText(v Value, name string, arg Value) Value {
	args := w.eval(arg).Items()
	switch {
	case name == "Fn::Sub":
		return w.sub(v, arg)
	case len(args) != 2 || args[0].kind != Scalar:
		return v
	case name == "Fn::Split" && args[1].kind == Scalar:
		list := Value{line: v.line, kind: List}
		for part := range strings.SplitSeq(args[1].text, args[0].text) {
			list.items = append(list.items, v.Part(part))
		}
		return list
	case name == "Fn::Select" && args[1].kind == List:
		i, err := strconv.Atoi(args[0].text)
		if items := args[1].Items(); err == nil && i >= 0 && i < len(items) {
			return items[i]
		}
	case name == "Fn::Join" && args[1].kind == List:
		var texts []string
		for _, item := range args[1].Items() {
			if item.kind != Scalar {
				return v
			}
			texts = append(texts, item.text)
		}
		return v.Part(strings.Join(texts, args[0].text))
	}
	return v
}

// sub fills in a text. A second argument adds names of its own.
func (w *Reading) sub(v, arg Value) Value {
	var own Value
	if arg.kind == List && len(arg.items) == 2 {
		arg, own = arg.items[0], w.eval(arg.items[1])
	}
	known := arg.kind == Scalar
	text := variable.ReplaceAllStringFunc(arg.text, func(match string) string {
		name := match[2 : len(match)-1]
		value := own.Get(name)
		if !slices.Contains(own.names, name) {
			value = w.eval(reference(v, name))
		}
		known = known && value.kind == Scalar
		return value.text
	})
	if !known {
		return v
	}
	return v.Part(strings.ReplaceAll(text, "${!", "${"))
}

// reference returns the Ref or Fn::GetAtt that a variable of Fn::Sub means.
func reference(v Value, name string) Value {
	expression := Value{line: v.line, kind: Expression, names: []string{"Ref"}, items: []Value{v.Part(name)}}
	if id, attribute, dotted := strings.Cut(name, "."); dotted && attribute != "Alias" {
		expression.names = []string{"Fn::GetAtt"}
		expression.items = []Value{{kind: List, items: []Value{v.Part(id), v.Part(attribute)}}}
	}
	return expression
}
