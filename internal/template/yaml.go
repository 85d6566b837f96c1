package template

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A parsed value is nil, a string, a []any or an object. Scalars stay text, as
// CloudFormation passes them on: what they mean depends on where they stand.

// object is a mapping in the order of the file.
type object struct {
	names []string
	of    map[string]any
}

// parse reads one YAML document. Short forms of expressions come out in their
// long form.
func parse(data []byte) (any, error) {
	var doc, more yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&doc); err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, errors.New("template: more than one YAML document")
	}
	return convert(doc.Content[0])
}

func convert(n *yaml.Node) (any, error) {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return nil, at(n, "CloudFormation knows no anchors")
	}
	v, err := plain(n)
	if err != nil || !strings.HasPrefix(n.Tag, "!") || strings.HasPrefix(n.Tag, "!!") {
		return v, err
	}
	name, known := expression(n.Tag[1:])
	if !known {
		return nil, at(n, "unknown tag "+n.Tag)
	}
	if text, ok := v.(string); ok && name == "Fn::GetAtt" {
		id, attribute, _ := strings.Cut(text, ".")
		v = []any{id, attribute}
	}
	return object{names: []string{name}, of: map[string]any{name: v}}, nil
}

// plain converts a node without regard to a tag that is not YAML's own.
func plain(n *yaml.Node) (any, error) {
	switch n.Kind {
	case yaml.ScalarNode:
		return scalar(n)
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, item := range n.Content {
			v, err := convert(item)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case yaml.MappingNode:
		return mapping(n)
	}
	return nil, at(n, "no value")
}

func scalar(n *yaml.Node) (any, error) {
	switch n.Tag {
	case "!!null":
		return nil, nil
	case "!!binary", "!!merge":
		return nil, at(n, "CloudFormation knows no "+n.Tag)
	}
	return n.Value, nil
}

func mapping(n *yaml.Node) (any, error) {
	m := object{of: make(map[string]any, len(n.Content)/2)}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		name, err := convert(key)
		if err != nil {
			return nil, err
		}
		text, ok := name.(string)
		if !ok {
			return nil, at(key, "a name is no plain text")
		}
		if _, taken := m.of[text]; taken {
			return nil, at(key, fmt.Sprintf("%q stands here twice", text))
		}
		v, err := convert(n.Content[i+1])
		if err != nil {
			return nil, err
		}
		m.names = append(m.names, text)
		m.of[text] = v
	}
	return m, nil
}

func at(n *yaml.Node, fault string) error {
	return fmt.Errorf("template: line %d: %s", n.Line, fault)
}
