package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// managed is a resource of the template, of which the managed policies count.
type managed struct {
	Type       string `yaml:"Type"`
	Properties struct {
		Document struct {
			Statement []struct {
				Effect   string   `yaml:"Effect"`
				Action   string   `yaml:"Action"`
				Resource []string `yaml:"Resource"`
			} `yaml:"Statement"`
		} `yaml:"PolicyDocument"`
		Events map[string]struct {
			Properties struct {
				Method string `yaml:"Method"`
				Path   string `yaml:"Path"`
			} `yaml:"Properties"`
		} `yaml:"Events"`
	} `yaml:"Properties"`
}

func resources(t *testing.T) map[string]managed {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Resources map[string]yaml.Node `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	all := map[string]managed{}
	for id, node := range document.Resources {
		var head struct {
			Type string `yaml:"Type"`
		}
		if node.Decode(&head) != nil || head.Type != "AWS::IAM::ManagedPolicy" && head.Type != "AWS::Serverless::Function" {
			continue
		}
		var r managed
		if err := node.Decode(&r); err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		all[id] = r
	}
	return all
}

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
	all, routes := resources(t), []string{}
	for _, r := range all {
		for _, e := range r.Properties.Events {
			if e.Properties.Path != "" {
				routes = append(routes, e.Properties.Method+" "+e.Properties.Path)
			}
		}
	}
	documented := regexp.MustCompile("(?m)^\\| `([A-Za-z]+Policy)` \\| (.*) \\|$").FindAllStringSubmatch(read(t, "docs/security.md"), -1)
	list, reached := map[string]string{}, map[string]bool{}
	for _, row := range documented {
		list[row[1]] = row[2]
	}
	for id, r := range all {
		if r.Type != "AWS::IAM::ManagedPolicy" {
			continue
		}
		var of []string
		for _, s := range r.Properties.Document.Statement {
			if s.Effect != "Allow" || s.Action != "execute-api:Invoke" {
				t.Errorf("%s has the statement %s %s", id, s.Effect, s.Action)
			}
			for _, resource := range s.Resource {
				one := reach(t, resource, routes)
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
