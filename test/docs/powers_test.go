package docs_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// stage is what every resource of a policy begins with.
const stage = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${HttpApi}/$default/"

// reach returns the routes that a policy's resource reaches. The * of IAM is any
// text, slashes included, and a parameter of a route may be any text.
func reach(t *testing.T, resource string, routes []string) (reached []string) {
	t.Helper()
	path, ofStage := strings.CutPrefix(resource, stage)
	if !ofStage {
		t.Errorf("a policy allows %s, which is not of the API's one stage", resource)
	}
	pattern := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(path), `\*`, ".*") + "$")
	for _, route := range routes {
		for _, value := range []string{"x", "~eA", "sessions", "revoke", "token", "claims", "data"} {
			method, asked, _ := strings.Cut(regexp.MustCompile(`\{\w+\}`).ReplaceAllString(route, value), " ")
			if pattern.MatchString(method+asked) && !slices.Contains(reached, route) {
				reached = append(reached, route)
			}
		}
	}
	return reached
}

// TestPowersOfBackends lists every route that each managed policy reaches, and
// holds docs/security.md to it. No policy has a resource that reaches nothing,
// none reaches what is not for backends, and every route for backends is in one.
func TestPowersOfBackends(t *testing.T) {
	all, routes := template(t).Get("Resources"), []string{}
	for _, r := range all.Members() {
		for _, e := range r.Get("Properties").Get("Events").Members() {
			if route := e.Get("Properties"); route.Get("Path").Text() != "" {
				routes = append(routes, route.Get("Method").Text()+" "+route.Get("Path").Text())
			}
		}
	}
	documented := regexp.MustCompile("(?m)^\\| `([A-Za-z]+Policy)` \\| (.*) \\|$").FindAllStringSubmatch(read(t, "docs/security.md"), -1)
	list, reached := map[string]string{}, map[string]bool{}
	for _, row := range documented {
		list[row[1]] = row[2]
	}
	for id, r := range all.Members() {
		if r.Get("Type").Text() != "AWS::IAM::ManagedPolicy" {
			continue
		}
		var of []string
		for _, s := range r.Get("Properties").Get("PolicyDocument").Get("Statement").Items() {
			if s.Get("Effect").Text() != "Allow" || s.Get("Action").Text() != "execute-api:Invoke" {
				t.Errorf("%s has the statement %s", id, s)
			}
			for _, resource := range s.Get("Resource").Texts() {
				_, text := resource.Expression()
				one := reach(t, text.Text(), routes)
				if len(one) == 0 {
					t.Errorf("%s allows %s, which reaches no route", id, resource)
				}
				of = append(of, one...)
			}
		}
		slices.Sort(of)
		of = slices.Compact(of)
		if got := "`" + strings.Join(of, "`, `") + "`"; list[id] != got {
			t.Errorf("docs/security.md says of %s %s, want %s", id, list[id], got)
		}
		delete(list, id)
		for _, route := range of {
			reached[route] = true
		}
	}
	for _, route := range routes {
		if isAdmin := strings.Contains(route, " /admin/"); isAdmin != reached[route] {
			t.Errorf("%s is reached by a policy: %t, want %t", route, reached[route], isAdmin)
		}
	}
	if len(list) > 0 || len(reached) < 10 {
		t.Errorf("docs/security.md has %v, which the template has not; %d routes are reached", list, len(reached))
	}
}
