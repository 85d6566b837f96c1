package document

import (
	"bytes"
	"cmp"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// jsonReader reads JSON and counts lines.
type jsonReader struct {
	*jsontext.Decoder
	data    []byte
	counted int64 // lines are counted up to this offset
	lines   int
}

func readJSON(data []byte) (*Document, error) {
	r := &jsonReader{Decoder: jsontext.NewDecoder(bytes.NewReader(data)), data: data, lines: 1}
	root, err := r.value()
	if err != nil {
		return nil, err
	}
	if _, err := r.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something stands after the JSON value")
	}
	return &Document{Root: root}, nil
}

// line returns the line of the token that was just read.
func (r *jsonReader) line() int {
	offset := r.InputOffset()
	r.lines += bytes.Count(r.data[r.counted:offset], []byte("\n"))
	r.counted = offset
	return r.lines
}

func (r *jsonReader) value() (Value, error) {
	token, err := r.ReadToken()
	if err != nil {
		return Value{}, err
	}
	v := Value{line: r.line()}
	switch token.Kind() {
	case jsontext.KindBeginObject:
		v.kind = Mapping
		return r.inside(v, jsontext.KindEndObject)
	case jsontext.KindBeginArray:
		v.kind = List
		return r.inside(v, jsontext.KindEndArray)
	case jsontext.KindNull:
		return v, nil
	}
	v.kind, v.text = Scalar, token.String()
	return v, nil
}

// inside reads the members or items of v to its end.
func (r *jsonReader) inside(v Value, end jsontext.Kind) (Value, error) {
	for r.PeekKind() != end {
		line := 0
		if v.kind == Mapping {
			name, err := r.ReadToken()
			if err != nil {
				return Value{}, err
			}
			v.names, line = append(v.names, name.String()), r.line()
		}
		item, err := r.value()
		if err != nil {
			return Value{}, err
		}
		item.line = cmp.Or(line, item.line)
		v.items = append(v.items, item)
	}
	_, err := r.ReadToken()
	return expression(v), err
}
