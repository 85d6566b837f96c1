package template_test

import (
	"os"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/template"
)

// FuzzRead feeds texts that may be no templates: whatever comes out, it is an
// error or a stack whose routes all have a function and an authorization.
func FuzzRead(f *testing.F) {
	f.Add(whole)
	f.Add(strings.Replace(whole, "DefaultAuthorizer: Session", "DefaultAuthorizer: NONE", 1))
	f.Add(strings.Replace(whole, "DefaultAuthorizer: Session", `DefaultAuthorizer: ""`, 1))
	f.Add(strings.ReplaceAll(whole, "Authorizer: NONE", `Authorizer: ""`))
	f.Add(strings.Replace(whole, "Method: get", "Method: *", 1))
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
		for _, api := range s.APIs {
			for _, route := range api.Routes {
				_, function := s.Function(route.Function)
				_, authorizer := api.Authorizers[route.Auth]
				if !function || !authorizer && route.Auth != template.None && route.Auth != template.IAM {
					t.Errorf("route %+v has no function or no authorization", route)
				}
			}
		}
	})
}
