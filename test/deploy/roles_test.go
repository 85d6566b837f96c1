//go:build deploy

package deploy_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// statement is one of a role's inline policies.
type statement struct {
	Effect   string
	Resource any // one or a list
}

// testRoles looks at what each function may do once tables and key have their
// names. What a function needs, and nothing else, is a test of test/lambda.
func testRoles(t *testing.T, s stack) {
	for name := range functions(s) {
		t.Run(name, func(t *testing.T) {
			beside := map[string]bool{}
			for _, st := range s.statements(t, s.id(t, name+"Role")) {
				for _, resource := range list(st.Resource) {
					switch {
					case st.Effect != "Allow":
						t.Errorf("%s of %s, want what is allowed", st.Effect, resource)
					case !s.owns(resource):
						beside[resource] = true
					}
				}
			}
			if want := s.mailing(name); !maps.Equal(beside, want) {
				t.Errorf("it may use %v besides the stack's own storage, want %v", beside, want)
			}
		})
	}
}

// mailing is what a function may use to have mails sent.
func (s stack) mailing(name string) map[string]bool {
	switch {
	case name == "SignInFunction" && s.sendsMails():
		return map[string]bool{"arn:aws:lambda:us-east-1:123456789012:function:" + s.resources["MailFunction"]: true}
	case name == "MailFunction":
		return map[string]bool{"arn:aws:ses:us-east-1:123456789012:identity/*": true}
	}
	return nil
}

// owns reports whether the ARN is of one of the stack's resources that are kept,
// or of the index of one.
func (s stack) owns(arn string) bool {
	arn, _, _ = strings.Cut(arn, "/index/")
	return slices.ContainsFunc(kept(), func(name string) bool {
		return s.resources[name] != "" && strings.HasSuffix(arn, "/"+s.resources[name])
	})
}

// statements are those of all inline policies of the role.
func (s stack) statements(t *testing.T, role string) []statement {
	t.Helper()
	var names struct{ PolicyNames []string }
	s.aws(t, &names, "iam", "list-role-policies", "--role-name", role)
	var all []statement
	for _, name := range names.PolicyNames {
		var policy struct {
			PolicyDocument struct{ Statement []statement }
		}
		s.aws(t, &policy, "iam", "get-role-policy", "--role-name", role, "--policy-name", name)
		all = append(all, policy.PolicyDocument.Statement...)
	}
	return all
}

// list returns what is one string or a list of them.
func list(v any) []string {
	items, ok := v.([]any)
	if !ok {
		items = []any{v}
	}
	var all []string
	for _, item := range items {
		all = append(all, fmt.Sprint(item))
	}
	return all
}
