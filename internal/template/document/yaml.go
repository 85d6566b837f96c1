package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

func readYAML(data []byte) (*Document, error) {
	var doc, more yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&doc); err != nil {
		return nil, err
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, errors.New("it is more than one YAML document")
	}
	root, err := fromYAML(doc.Content[0])
	if err != nil {
		return nil, err
	}
	return &Document{Root: root, Ignores: ignores(data, &doc)}, nil
}

func fromYAML(n *yaml.Node) (Value, error) {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return Value{}, fmt.Errorf("line %d: CloudFormation knows no anchors", n.Line)
	}
	v, err := plain(n)
	if err != nil {
		return Value{}, err
	}
	if short, ok := strings.CutPrefix(n.Tag, "!"); ok && !strings.HasPrefix(short, "!") {
		name := "Fn::" + short
		if short == "Ref" || short == "Condition" {
			name = short
		}
		v = Value{line: n.Line, kind: Mapping, names: []string{name}, items: []Value{v}}
	}
	return expression(v), nil
}

// plain converts a node without regard to a tag that is not YAML's own.
func plain(n *yaml.Node) (Value, error) {
	v := Value{line: n.Line}
	switch n.Kind {
	case yaml.MappingNode:
		return mapping(n)
	case yaml.SequenceNode:
		v.kind = List
		for _, content := range n.Content {
			item, err := fromYAML(content)
			if err != nil {
				return Value{}, err
			}
			v.items = append(v.items, item)
		}
	default:
		if n.Tag != "!!null" {
			v.kind, v.text = Scalar, n.Value
		}
	}
	return v, nil
}

func mapping(n *yaml.Node) (Value, error) {
	v := Value{line: n.Line, kind: Mapping}
	taken := make(map[string]bool)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" || taken[key.Value] {
			return Value{}, fmt.Errorf("line %d: %q is no name, or stands there twice", key.Line, key.Value)
		}
		taken[key.Value] = true
		member, err := fromYAML(n.Content[i+1])
		if err != nil {
			return Value{}, err
		}
		member.line = key.Line
		v.names = append(v.names, key.Value)
		v.items = append(v.items, member)
	}
	return v, nil
}
