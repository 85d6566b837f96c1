package authorizer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// headers holds the values of the headers that are read, by lower-case name.
// Gateways pass names on as the client wrote them or in lower case.
type headers map[string][]string

// overrides are headers by which some servers, REST APIs among them, let the
// client name another method than the request's own.
func overrides() [3]string {
	return [3]string{"x-http-method-override", "x-http-method", "x-method-override"}
}

// override reports whether the request asks for another method.
func (h headers) override() bool {
	names := overrides()
	return slices.ContainsFunc(names[:], func(name string) bool { return len(h[name]) > 0 })
}

// wanted returns the lower-case name if the header is one that is read.
func wanted(name string) (string, bool) {
	for _, want := range [...]string{"authorization", "cookie", "rid", "origin", "sec-fetch-site"} {
		if sameName(name, want) {
			return want, true
		}
	}
	for _, want := range overrides() {
		if sameName(name, want) {
			return want, true
		}
	}
	return "", false
}

// sameName compares header names without regard to case. Equal length keeps
// letters out that fold to ASCII without being ASCII.
func sameName(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }

// UnmarshalJSONFrom reads an object whose values are strings or arrays of
// strings, and keeps the headers that are wanted. Null is no headers.
func (h *headers) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() == 'n' {
		return dec.SkipValue()
	}
	if opening, err := dec.ReadToken(); err != nil || opening.Kind() != '{' {
		return fmt.Errorf("%w: headers", ErrEvent)
	}
	*h = headers{}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		if want, ok := wanted(name.String()); !ok {
			err = dec.SkipValue()
		} else {
			err = h.readValue(dec, want)
		}
		if err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// readValue reads the value of one header. Values of names that differ in
// case only are kept side by side, so that two of a kind are seen.
func (h headers) readValue(dec *jsontext.Decoder, name string) error {
	if dec.PeekKind() != '[' {
		return h.readText(dec, name)
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != ']' {
		if err := h.readText(dec, name); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// readText reads a string. Null is the empty string.
func (h headers) readText(dec *jsontext.Decoder, name string) error {
	text, err := dec.ReadToken()
	if err != nil {
		return err
	}
	switch text.Kind() {
	case '"':
		h[name] = append(h[name], text.String())
	case 'n':
		h[name] = append(h[name], "")
	default:
		return fmt.Errorf("%w: a header that is no text", ErrEvent)
	}
	return nil
}
