// Package openapi_test holds openapi.yaml against the template, which has the
// routes, and against what the local run answers.
package openapi_test

import (
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/latchkey-auth/latchkey/internal/template"
)

// example is the function of the template that is no part of Latchkey: people
// put their own in its place. Its routes are not in the document.
const example = "NotesFunction"

// read reads the document, which must be valid, its examples included.
func read(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("../../openapi.yaml")
	must(t, err)
	if !doc.IsOpenAPI31OrLater() {
		t.Errorf("version %s, want 3.1", doc.OpenAPI)
	}
	must(t, doc.Validate(t.Context(), openapi3.EnableExamplesValidation(), openapi3.EnableMultiError()))
	return doc
}

// operation is one route of the document.
type operation struct {
	*openapi3.Operation
	method, path string
	parameters   []*openapi3.Parameter // its own and its path's
}

func (o operation) key() string { return o.method + " " + o.path }

// operations are those of the document, by method and path.
func operations(doc *openapi3.T) map[string]operation {
	all := map[string]operation{}
	for path, item := range doc.Paths.Map() {
		for method, described := range item.Operations() {
			o := operation{Operation: described, method: method, path: path}
			for _, p := range slices.Concat(item.Parameters, described.Parameters) {
				o.parameters = append(o.parameters, p.Value)
			}
			all[o.key()] = o
		}
	}
	return all
}

// routes are those of the template but the example's, by key.
func routes(t *testing.T) map[string]template.Route {
	t.Helper()
	text, err := os.ReadFile("../../template.yaml")
	must(t, err)
	parsed, err := template.Read(text)
	must(t, err)
	stack, err := parsed.Stack(nil)
	must(t, err)
	all := map[string]template.Route{}
	for _, route := range stack.APIs[0].Routes {
		if route.Function != example {
			all[route.Key] = route
		}
	}
	return all
}

// schemes are the names of the security schemes that an operation takes.
func (o operation) schemes() []string {
	var names []string
	if o.Security != nil {
		for _, requirement := range *o.Security {
			for name := range requirement {
				names = append(names, name)
			}
		}
	}
	return names
}

// Every route is described, nothing else is, and what a route asks of its
// caller is what the template has before it.
func TestRoutesAreThoseOfTheTemplate(t *testing.T) {
	documented, routes := operations(read(t)), routes(t)
	for key := range documented {
		if _, found := routes[key]; !found {
			t.Errorf("%s is described, and not in the template", key)
		}
	}
	for key, route := range routes {
		o, found := documented[key]
		if !found {
			t.Errorf("%s is in the template, and not described", key)
			continue
		}
		got := strings.Join(o.schemes(), " ")
		switch {
		case o.Security == nil:
			t.Errorf("%s says nothing of who may call", key)
		case (route.Auth == template.IAM) != (got == signature):
			t.Errorf("%s takes %q, and the template has %s", key, got, route.Auth)
		case route.Auth == "Session" && got != sessionCookie+" "+sessionBearer:
			t.Errorf("%s takes %q, want a session's access token", key, got)
		}
	}
}

// free are the schemas of objects whose members are the caller's own.
func free() []string { return []string{"Data", "Claims", "SessionClaims", "UserClaims"} }

// Answers are described to the last member: what is not described fails.
func TestAnswersAreClosed(t *testing.T) {
	for key, o := range operations(read(t)) {
		for status, response := range o.Responses.Map() {
			for _, media := range response.Value.Content {
				if where := unclosed(media.Schema); where != "" {
					t.Errorf("%s %s: %s says nothing of further members", key, status, where)
				}
			}
		}
	}
}

// unclosed returns the first object of a schema that admits members of any name.
func unclosed(ref *openapi3.SchemaRef) string {
	schema := ref.Value
	if slices.Contains(free(), path.Base(ref.Ref)) {
		return ""
	}
	closed := schema.AdditionalProperties.Has != nil && !*schema.AdditionalProperties.Has
	if schema.Type.Includes(openapi3.TypeObject) && !closed {
		return ref.Ref + " " + strings.Join(schema.Required, ",")
	}
	parts := slices.Concat(schema.OneOf, schema.AnyOf, schema.AllOf)
	for _, property := range schema.Properties {
		parts = append(parts, property)
	}
	if schema.Items != nil {
		parts = append(parts, schema.Items)
	}
	for _, part := range parts {
		if where := unclosed(part); where != "" {
			return where
		}
	}
	return ""
}
