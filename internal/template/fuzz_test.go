package template_test

import (
	"os"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/template/apis"
	"github.com/latchkey-auth/latchkey/internal/template/document"
	"github.com/latchkey-auth/latchkey/internal/template"
)

// FuzzRead feeds texts that may be no templates: whatever comes out, it is an
// error or a stack whose routes all have a function and an authorization. And
// a route that is open here is open to the template check, which reads the
// same text on its own.
func FuzzRead(f *testing.F) {
	f.Add(small)
	f.Add(strings.Replace(small, "DefaultAuthorizer: Session", "DefaultAuthorizer: NONE", 1))
	f.Add(strings.Replace(small, "DefaultAuthorizer: Session", `DefaultAuthorizer: ""`, 1))
	f.Add(strings.ReplaceAll(small, "Authorizer: NONE", `Authorizer: ""`))
	f.Add(strings.Replace(small, "Method: get", "Method: *", 1))
	f.Add("Resources: {A: !Ref B}")
	f.Add("Conditions: {A: !Condition A}\nResources: {B: {Type: AWS::Serverless::Function, Condition: A}}")
	own, err := os.ReadFile("../../template.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(own))
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := template.Read([]byte(text))
		if err != nil {
			return
		}
		s, err := parsed.Stack(nil)
		if err != nil {
			return
		}
		d, err := document.Parse([]byte(text))
		if err != nil {
			t.Fatalf("the template check cannot read %q: %v", text, err)
		}
		checked := routesOf(d)
		for _, api := range s.APIs {
			for _, route := range api.Routes {
				_, function := s.Function(route.Function)
				_, authorizer := api.Authorizers[route.Auth]
				if !function || !authorizer && route.Auth != template.None && route.Auth != template.IAM {
					t.Errorf("route %+v has no function or no authorization", route)
				}
				other, found := checked[route.Function+" "+route.Key]
				if open := route.Auth == template.None; found && open != other.Open && !strings.HasPrefix(other.Name, "!") {
					t.Errorf("in %q route %+v is open: %t, and %t by the template check", text, route, open, other.Open)
				}
				if !found && !strings.ContainsAny(text, "!") && !strings.Contains(text, "Fn::") && !strings.Contains(text, "Ref") {
					t.Errorf("in %q the template check does not know route %+v", text, route)
				}
			}
		}
	})
}

// routesOf returns who decides about each route, by function and route key. An
// authorizer that an expression names reads as "!…".
func routesOf(d *document.Document) map[string]apis.Auth {
	routes := map[string]apis.Auth{}
	for _, api := range apis.Read(d) {
		for _, route := range api.Routes {
			routes[route.Resource+" "+route.Key()] = route.Auth
		}
	}
	return routes
}
