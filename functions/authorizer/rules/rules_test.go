package rules_test

import (
	"os"
	"slices"
	"testing"

	"github.com/latchkey-auth/latchkey/functions/authorizer/rules"
	"github.com/latchkey-auth/latchkey/internal/template"
)

// A rule for a route that the API does not have, or not behind the authorizer,
// asks nothing of anybody: a misspelled one would leave its route open to every
// session.
func TestEveryRuleIsForARoute(t *testing.T) {
	data, err := os.ReadFile("../../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	read, err := template.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	stack, err := read.Stack(nil)
	if err != nil {
		t.Fatal(err)
	}
	routes := stack.APIs[0].Routes
	for _, rule := range rules.Rules(true) {
		i := slices.IndexFunc(routes, func(r template.Route) bool { return r.Key == rule.Route })
		if i < 0 || routes[i].Auth != "Session" {
			t.Errorf("the rule for %s is for no route behind the authorizer", rule.Route)
		}
	}
}
