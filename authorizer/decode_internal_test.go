package authorizer

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	jsonv2 "github.com/go-json-experiment/json"
)

// plain is an event as a general decoder reads it, and whether all of it that
// counts is of the type that it should be.
type plain struct {
	event event
	good  bool
}

func readPlain(all map[string]any) plain {
	p := plain{good: true}
	context := p.object(all, "requestContext")
	p.event = event{
		version: p.text(all, "version"), typ: p.text(all, "type"),
		methodARN: p.text(all, "methodArn"), routeARN: p.text(all, "routeArn"),
		authorizationToken: p.text(all, "authorizationToken"), httpMethod: p.text(all, "httpMethod"),
		resource: p.text(all, "resource"), routeKey: p.text(all, "routeKey"), cookies: p.texts(all["cookies"]),
		headers: p.headers(all, "headers"), multiValueHeaders: p.headers(all, "multiValueHeaders"),
		context: eventContext{
			apiID: p.text(context, "apiId"), eventType: p.text(context, "eventType"),
			routeKey: p.text(context, "routeKey"), resourcePath: p.text(context, "resourcePath"), httpMethod: p.text(context, "httpMethod"),
			method: p.text(p.object(context, "http"), "method"),
		},
	}
	return p
}

// object and text return what is absent or null as nothing.
func (p *plain) object(of map[string]any, name string) map[string]any {
	m, ok := of[name].(map[string]any)
	p.good = p.good && (ok || of[name] == nil)
	return m
}

func (p *plain) text(of map[string]any, name string) string {
	s, ok := of[name].(string)
	p.good = p.good && (ok || of[name] == nil)
	return s
}

// texts returns a text or a list of texts, as a client or a gateway writes it.
func (p *plain) texts(v any) (all []string) {
	list, ok := v.([]any)
	if !ok && v != nil {
		list = []any{v}
	}
	for _, item := range list {
		all = append(all, p.text(map[string]any{"": item}, ""))
	}
	return all
}

func (p *plain) headers(of map[string]any, name string) (h headers) {
	for name, v := range p.object(of, name) {
		if i := slices.Index(wanted(), asciiLower(name)); i >= 0 {
			h[i] = append(h[i], p.texts(v)...)
		}
	}
	return h
}

func wanted() []string {
	all := wantedHeaders()
	return all[:]
}

func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// sorted returns the event with the values of each header in one order: two
// names that differ in case only have none.
func (e event) sorted() event {
	for _, h := range []*headers{&e.headers, &e.multiValueHeaders} {
		for i := range h {
			h[i] = slices.Sorted(slices.Values(h[i]))
		}
	}
	return e
}

// FuzzDecodeEvent reads events twice, by the decoder that every request waits
// for and by a general one, which must agree wherever the general one takes
// the text. What is left is JSON with repeated names or invalid UTF-8, which
// no gateway writes.
func FuzzDecodeEvent(f *testing.F) {
	files, err := filepath.Glob("../events/authorizer/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no event files: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, seed := range []string{
		`{"headers":{"Cookie":["a",null],"COOKIE":"b","x":[1]}}`, `{"headers":{"rid":7}}`, `{"cookies":null,"headers":null,"requestContext":null}`,
		`{"cookies":"a"}`, `{"type":"\u0054OKEN"}`, `{"type":1}`, `{} {}`, `[]`, `{"requestContext":{"http":[]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := decodeEvent(text)
		var all map[string]any
		if jsonv2.Unmarshal(text, &all) != nil || !utf8.Valid(text) {
			return
		}
		want := readPlain(all)
		if want.good != (err == nil) {
			t.Fatalf("decodeEvent(%s) = %v, and a general decoder takes it: %t", text, err, want.good)
		}
		if want.good && !reflect.DeepEqual(fmt.Sprintf("%q", got.sorted()), fmt.Sprintf("%q", want.event.sorted())) {
			t.Errorf("decodeEvent(%s) = %q, want %q", text, got, want.event)
		}
	})
}
