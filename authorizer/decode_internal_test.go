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

// plainEvent is an event as a general decoder reads it.
type plainEvent struct {
	Version            *string           `json:"version"`
	Type               *string           `json:"type"`
	MethodARN          *string           `json:"methodArn"`
	RouteARN           *string           `json:"routeArn"`
	AuthorizationToken *string           `json:"authorizationToken"`
	HTTPMethod         *string           `json:"httpMethod"`
	Resource           *string           `json:"resource"`
	RouteKey           *string           `json:"routeKey"`
	Headers            map[string]values `json:"headers"`
	MultiValueHeaders  map[string]values `json:"multiValueHeaders"`
	Cookies            values            `json:"cookies"`
	RequestContext     struct {
		APIID        *string `json:"apiId"`
		EventType    *string `json:"eventType"`
		RouteKey     *string `json:"routeKey"`
		ResourcePath *string `json:"resourcePath"`
		HTTPMethod   *string `json:"httpMethod"`
		HTTP         struct {
			Method *string `json:"method"`
		} `json:"http"`
	} `json:"requestContext"`
}

// values is a text or a list of texts, as a client or a gateway writes it. What
// is neither is bad; that matters for headers that are read only.
type values struct {
	texts []string
	bad   bool
}

func (v *values) UnmarshalJSON(data []byte) error {
	var text *string
	var list []*string
	switch {
	case jsonv2.Unmarshal(data, &text) == nil && text != nil:
		v.texts = []string{*text}
	case jsonv2.Unmarshal(data, &list) == nil:
		for _, item := range list {
			v.texts = append(v.texts, of(item))
		}
	default:
		v.bad = true
	}
	return nil
}

func of(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// read returns the event that decodeEvent should, and whether it is one.
func (p plainEvent) read() (event, bool) {
	c := p.RequestContext
	e := event{
		version: of(p.Version), typ: of(p.Type), methodARN: of(p.MethodARN), routeARN: of(p.RouteARN),
		authorizationToken: of(p.AuthorizationToken), httpMethod: of(p.HTTPMethod), resource: of(p.Resource), routeKey: of(p.RouteKey),
		cookies: p.Cookies.texts,
		context: eventContext{apiID: of(c.APIID), eventType: of(c.EventType), routeKey: of(c.RouteKey), resourcePath: of(c.ResourcePath),
			httpMethod: of(c.HTTPMethod), method: of(c.HTTP.Method)},
	}
	bad := p.Cookies.bad
	for into, from := range map[*headers]map[string]values{&e.headers: p.Headers, &e.multiValueHeaders: p.MultiValueHeaders} {
		for name, v := range from {
			for i, wanted := range wantedHeaders() {
				if asciiLower(name) == wanted {
					into[i] = append(into[i], v.texts...)
					bad = bad || v.bad
				}
			}
		}
	}
	return e, !bad
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
		var plain plainEvent
		if jsonv2.Unmarshal(text, &plain) != nil || !utf8.Valid(text) {
			return
		}
		want, ok := plain.read()
		if ok != (err == nil) {
			t.Fatalf("decodeEvent(%s) = %v, and a general decoder takes it: %t", text, err, ok)
		}
		if ok && !reflect.DeepEqual(fmt.Sprintf("%q", got.sorted()), fmt.Sprintf("%q", want.sorted())) {
			t.Errorf("decodeEvent(%s) = %q, want %q", text, got, want)
		}
	})
}
