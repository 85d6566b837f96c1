package document

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// jsonReader reads JSON and counts lines.
type jsonReader struct {
	*jsontext.Decoder
	data    []byte
	counted int64 // offset up to which lines are counted
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
		return r.object(v)
	case jsontext.KindBeginArray:
		return r.array(v)
	case jsontext.KindNull:
		return v, nil
	}
	v.kind, v.text = Scalar, token.String()
	return v, nil
}

func (r *jsonReader) object(v Value) (Value, error) {
	v.kind = Mapping
	for r.PeekKind() != jsontext.KindEndObject {
		name, err := r.ReadToken()
		if err != nil {
			return Value{}, err
		}
		text, line := name.String(), r.line()
		member, err := r.value()
		if err != nil {
			return Value{}, err
		}
		member.line = line
		v.names = append(v.names, text)
		v.items = append(v.items, member)
	}
	_, err := r.ReadToken()
	return expression(v), err
}

func (r *jsonReader) array(v Value) (Value, error) {
	v.kind = List
	for r.PeekKind() != jsontext.KindEndArray {
		item, err := r.value()
		if err != nil {
			return Value{}, err
		}
		v.items = append(v.items, item)
	}
	_, err := r.ReadToken()
	return v, err
}
