package rules_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/cmd/checktemplate/rules"
	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// Each rule has a folder in testdata. In some templates no rule finds anything.
// In the others the rule finds what a comment on the line before announces.
// JSON has no comments, so its findings are listed here.
const announced = "# found on the next line"

func inJSON() map[string][]string {
	return map[string][]string{"testdata/open-write/fail-plain.json": {"3 open-write"}}
}

func TestFixtures(t *testing.T) {
	folders, err := os.ReadDir("testdata")
	if all := rules.All(); err != nil || len(folders) != len(all) {
		t.Fatalf("there are %d folders, %v, want one for each of %d rules", len(folders), err, len(all))
	}
	for _, rule := range rules.All() {
		for _, outcome := range []string{"pass", "fail"} {
			names, err := filepath.Glob(filepath.Join("testdata", rule.Name, outcome+"*"))
			if err != nil || len(names) == 0 || rule.Demands == "" {
				t.Errorf("%s has no fixture to %s, or demands nothing", rule.Name, outcome)
			}
			for _, name := range names {
				t.Run(strings.TrimPrefix(name, "testdata/"), func(t *testing.T) { checkFixture(t, name, rule.Name, outcome == "fail") })
			}
		}
	}
}

func checkFixture(t *testing.T, name, rule string, fails bool) {
	data := read(t, name)
	want := inJSON()[name]
	for i, line := range strings.Split(string(data), "\n") {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), announced); ok {
			other := strings.TrimPrefix(rest, ": ")
			if other == "" {
				other = rule
			}
			want = append(want, fmt.Sprintf("%d %s", i+2, other))
		}
	}
	var got []string
	for _, f := range check(t, data) {
		got = append(got, fmt.Sprintf("%d %s", f.Line, f.Rule))
		if f.Resource == "" || f.Fact == "" || f.Breaks == "" || f.Mend == "" {
			t.Errorf("finding %+v leaves something unsaid", f)
		}
	}
	if !reflect.DeepEqual(got, want) || len(want) > 0 != fails {
		t.Errorf("Check(%s) = %q, want %q", name, got, want)
	}
}

func TestOwnTemplates(t *testing.T) {
	examples, err := filepath.Glob("../../../examples/attach/*/template.yaml")
	if err != nil || len(examples) < 5 {
		t.Fatalf("examples = %v, %v, want five or more", examples, err)
	}
	for _, file := range append(examples, "../../../template.yaml") {
		for _, f := range check(t, read(t, file)) {
			t.Errorf("%s:%d: %s: %s", file, f.Line, f.Rule, f.Fact)
		}
	}
}

// The templates are clean because of what they say: every one of these changes
// is found, except one that changes nothing.
func TestOwnTemplatesSpoilt(t *testing.T) {
	const examples = "examples/attach/"
	for _, tt := range []struct{ folder, old, new, rule string }{
		{"", "ReauthorizeEvery: 0", "ReauthorizeEvery: 1", "authorizer-cache"},
		{"", "ReauthorizeEvery: 0", "Headers: []", "authorizer-ttl-unset"},
		{"", "ReauthorizeEvery: 0", "{ReauthorizeEvery: 0, Headers: [authorization]}", "identity-source"},
		{"", "EnableSimpleResponses: false", "EnableSimpleResponses: true", "simple-responses"},
		{"", "EnableFunctionDefaultPermissions: true", "EnableFunctionDefaultPermissions: false", "authorizer-permission"},
		{"", "Method: POST, Path: /notes, Auth: {Authorizer: Session}", "Method: POST, Path: /notes, Auth: {Authorizer: NONE}", "open-write"},
		{"", "Method: POST, Path: /notes,", "Method: ANY, Path: /notes,", "preflight-missing"},
		{"", "Method: POST, Path: /notes,", "Method: OPTIONS, Path: /notes,", "preflight-behind-authorizer"},
		{"", "authorization, st-auth-mode]", "authorization]", "cors-allow-headers"},
		{"", "[front-token, ", "[", "cors-expose-headers"},
		{"", "AllowCredentials: true", "AllowCredentials: false", "cors-credentials"},
		{"", "open-write who signs in has no session yet", "open-write", "ignore-without-reason"},
		{examples + "http-api", "DefaultAuthorizer: Session", "FailOnWarnings: true", "open-write"},
		{examples + "http-api", "-AuthorizerArn", "-AuthorizerLiveArn", "authorizer-alias"},
		{examples + "hybrid", "Method: POST, Path: /me", "Method: POST, Path: /me, Auth: {Authorizer: Token}", "write-without-check"},
		{examples + "rest-api", "Identity: {ReauthorizeEvery: 0}", "Identity: {}", "authorizer-ttl-unset"},
		{examples + "rest-api", "UNAUTHORIZED:", "EXPIRED_TOKEN:", ""},
		{examples + "rest-api", "Access-Control-Allow-Origin", "X-Origin", "cors-on-refusals"},
		{examples + "rest-api", "AddDefaultAuthorizerToCorsPreflight: false", "AddDefaultAuthorizerToCorsPreflight: true", "preflight-behind-authorizer"},
		{examples + "websocket-api", "AuthType: CUSTOM", "AuthType: NONE", "open-write"},
		{examples + "custom-domain", "ReauthorizeEvery: 0", "ReauthorizeEvery: 300", "authorizer-cache"},
	} {
		whole := string(read(t, filepath.Join("../../..", tt.folder, "template.yaml")))
		spoilt := strings.Replace(whole, tt.old, tt.new, 1)
		if spoilt == whole {
			t.Errorf("%s/template.yaml has no %q", tt.folder, tt.old)
		}
		var found []string
		for _, f := range check(t, []byte(spoilt)) {
			found = append(found, f.Rule)
		}
		if tt.rule == "" && len(found) > 0 || tt.rule != "" && !slices.Contains(found, tt.rule) {
			t.Errorf("Check(%s with %q) found %q, want %q", tt.folder, tt.new, found, tt.rule)
		}
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func check(t *testing.T, data []byte) []rules.Finding {
	t.Helper()
	d, err := document.Parse(data)
	if err != nil {
		t.Fatalf("Parse = %v, want nil", err)
	}
	return rules.Check(d)
}
