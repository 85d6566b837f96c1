package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxNodes is more than the number of values in a template of 1 MB,
// CloudFormation's limit. Aliases of aliases can make many more.
const maxNodes = 200_000

// yamlReader reads YAML nodes.
type yamlReader struct {
	nodes int          // read so far
	open  []*yaml.Node // aliases being read
}

func readYAML(data []byte) (*Document, error) {
	var doc, more yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&doc); err != nil {
		return nil, err
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, errors.New("it is more than one YAML document")
	}
	r := &yamlReader{}
	root, err := r.value(doc.Content[0])
	if err != nil {
		return nil, err
	}
	return &Document{Root: root, Ignores: ignores(data, &doc)}, nil
}

func (r *yamlReader) value(n *yaml.Node) (Value, error) {
	if r.nodes++; r.nodes > maxNodes || slices.Contains(r.open, n) {
		return Value{}, fmt.Errorf("line %d: aliases without end", n.Line)
	}
	if n.Kind == yaml.AliasNode {
		r.open = append(r.open, n)
		defer func() { r.open = r.open[:len(r.open)-1] }()
		v, err := r.value(n.Alias)
		v.line = n.Line
		return v, err
	}
	v, err := r.plain(n)
	if err != nil {
		return Value{}, err
	}
	if short, ok := strings.CutPrefix(n.Tag, "!"); ok && !strings.HasPrefix(short, "!") {
		name := "Fn::" + short
		if short == "Ref" || short == "Condition" {
			name = short
		}
		v = Value{line: n.Line, kind: Mapping, names: []string{name}, items: []Value{expression(v)}}
	}
	return expression(v), nil
}

// plain converts a node and ignores a tag that is not YAML's own.
func (r *yamlReader) plain(n *yaml.Node) (Value, error) {
	v := Value{line: n.Line}
	switch n.Kind {
	case yaml.MappingNode:
		return r.mapping(n)
	case yaml.SequenceNode:
		v.kind = List
		for _, content := range n.Content {
			item, err := r.value(content)
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

func (r *yamlReader) mapping(n *yaml.Node) (Value, error) {
	v := Value{line: n.Line, kind: Mapping}
	var merged []Value
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		member, err := r.value(n.Content[i+1])
		switch {
		case err != nil:
			return Value{}, err
		case key.Tag == "!!merge":
			merged = append(merged, member)
			continue
		case key.Kind != yaml.ScalarNode || slices.Contains(v.names, key.Value):
			return Value{}, fmt.Errorf("line %d: %q is no name, or stands there twice", key.Line, key.Value)
		}
		member.line = key.Line
		v.names = append(v.names, key.Value)
		v.items = append(v.items, member)
	}
	return merge(v, merged)
}

// merge adds those members of merge keys that v does not have yet.
func merge(v Value, merged []Value) (Value, error) {
	for _, from := range merged {
		sources := []Value{from}
		if from.kind == List {
			sources = from.items
		}
		for _, source := range sources {
			if source.kind != Mapping && source.kind != Expression {
				return Value{}, fmt.Errorf("line %d: what is merged is no mapping", v.line)
			}
			for i, name := range source.names {
				if !slices.Contains(v.names, name) {
					v.names = append(v.names, name)
					v.items = append(v.items, source.items[i])
				}
			}
		}
	}
	return v, nil
}
