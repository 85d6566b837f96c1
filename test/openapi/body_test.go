package openapi_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// badBodies sends what is no JSON, what is too long, and each example of the
// body with one thing changed. What the document does not admit is answered by
// 400, and what it still admits by 200.
func (w *world) badBodies(o operation) {
	if o.RequestBody == nil {
		return
	}
	r := w.ask(o, o.ways()[0])
	send := func(body string, want int) {
		w.Helper()
		r.body = body
		w.send(r).want(want)
	}
	for _, body := range []string{"", "{", "null", "[]", `"x"`, `{"a":1,"a":1}`, "{}{}", "{\"a\":\"\xff\"}"} {
		send(body, 400)
	}
	send(`{"a":"`+strings.Repeat("x", 512<<10)+`"}`, 413)
	for _, example := range o.bodies() {
		for _, changed := range variants(value(example)) {
			if o.content().Schema.Value.VisitJSON(changed, openapi3.EnableJSONSchema2020()) != nil {
				send(text(changed), 400)
			} else {
				r.body = text(changed)
				if a := w.send(r); o.key() != "POST /admin/users" || a.status != 200 && a.status != 409 { // who is added is there by now
					a.want(o.success())
				}
			}
		}
	}
}

// variants are a value with one thing changed, at any depth: something of
// another type in place of it, a member more or a member less.
func variants(v any) []any {
	all := []any{nil, true, -1.5, "", "x", []any{}, map[string]any{}}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range []string{"unknown", "sub", "antiCsrfToken", "st-role"} {
			all = append(all, with(v, name, 1.0))
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			less := maps.Clone(v)
			delete(less, name)
			all = append(all, less)
			for _, changed := range variants(v[name]) {
				all = append(all, with(v, name, changed))
			}
		}
	case []any:
		all = append(all, append(slices.Clone(v), v...))
		for i := range v {
			for _, changed := range variants(v[i]) {
				list := slices.Clone(v)
				list[i] = changed
				all = append(all, list)
			}
		}
	}
	return all
}

func with(object map[string]any, name string, value any) map[string]any {
	more := maps.Clone(object)
	more[name] = value
	return more
}

// value reads JSON that was written by text.
func value(s string) any {
	var v any
	json.Unmarshal([]byte(s), &v)
	return v
}
