package template_test

import (
	"os"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/template"
	"github.com/latchkey-auth/latchkey/internal/template/apis"
	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// FuzzRead reads texts that need not be templates. The outcome is an error, or
// a stack whose routes all have a function and an authorization. A route that
// is open here, with the parameters' defaults, is also open to the template
// check, which knows no values. Otherwise the check lists something it cannot
// read.
func FuzzRead(f *testing.F) {
	f.Add(whole)
	const free = "Parameters:\n  Free: {Type: String, Default: NONE}"
	for _, name := range []string{"NONE", `""`, "!Ref Free", "!If [HasWord, Session, NONE]", "!FindInMap [Of, us-east-1, Word]"} {
		f.Add(strings.Replace(free+whole[len("\nParameters:"):], "DefaultAuthorizer: Session", "DefaultAuthorizer: "+name, 1))
	}
	f.Add(strings.Replace(whole, "Method: get", "Method: *", 1))
	f.Add("Resources: {A: !Ref B}")
	f.Add("Conditions: {A: !Condition A}\nResources: {B: {Type: AWS::Serverless::Function, Condition: A}}")
	own, err := os.ReadFile("../../template.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(own))
	f.Fuzz(func(t *testing.T, text string) {
		s, err := load(text, nil)
		if err != nil {
			return
		}
		checked, whole := readAll(t, text)
		for _, api := range s.APIs {
			for _, route := range api.Routes {
				_, function := s.Function(route.Function)
				_, authorizer := api.Authorizers[route.Auth]
				if !function || !authorizer && route.Auth != template.None && route.Auth != template.IAM {
					t.Errorf("route %+v has no function or no authorization", route)
				}
				if open, found := checked[route.Key]; found && whole && route.Auth == template.None && !open && api.Kind != template.WebSocket {
					t.Errorf("in %q route %+v is open, and to the template check it is not", text, route)
				}
			}
		}
	})
}

// readAll returns the routes of all readings, and which of them are open in
// one. It reports false if not all readings could be taken.
func readAll(t *testing.T, text string) (open map[string]bool, whole bool) {
	d, err := document.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	open = map[string]bool{}
	for reading, inOrder := range d.Readings() {
		declared := apis.Read(reading)
		if !inOrder || len(declared.Unread) > 0 {
			return open, false
		}
		for _, api := range declared.APIs {
			for _, route := range api.Routes {
				open[route.Key()] = open[route.Key()] || route.Auth.Open
			}
		}
	}
	return open, true
}
