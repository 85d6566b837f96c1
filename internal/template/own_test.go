package template_test

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/template"
	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// own is the template of this repository, as written and as served.
func own(t *testing.T) (text string, resources document.Value, s *template.Stack) {
	t.Helper()
	data, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, err := document.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return string(data), d.Root.Get("Resources"), stack(t, string(data), nil)
}

// No function has more than the memory of one processor, and each has one
// thread that runs Go.
func TestNoFunctionHasMoreThanOneProcessor(t *testing.T) {
	text, _, s := own(t)
	sizes := regexp.MustCompile(`MemorySize: (\d+)`).FindAllStringSubmatch(text, -1)
	for _, size := range sizes {
		if mb, err := strconv.Atoi(size[1]); err != nil || mb > 1769 {
			t.Errorf("%s, %v, want 1769 at most", size[0], err)
		}
	}
	for _, f := range s.Functions {
		if got := f.Environment["GOMAXPROCS"]; got != "1" || len(sizes) == 0 {
			t.Errorf("%s has GOMAXPROCS=%s, and %d sizes are told, want 1 and some", f.ID, got, len(sizes))
		}
	}
}

// Only the routes that must be open are open. No route takes more than one
// method or path, and administration takes a signature. The tests of
// checktemplate check what that command demands of the template.
func TestOwnTemplate(t *testing.T) {
	text, _, s := own(t)
	if got := s.APIs[0].Authorizers["Session"]; got.TTL != 0 || len(got.Sources) != 0 || got.Function != "AuthorizerFunction:live" {
		t.Errorf("authorizer = %+v, want the alias live, TTL 0 and no identity source", got)
	}
	for _, route := range s.APIs[0].Routes {
		want := "Session"
		switch _, path, _ := strings.Cut(route.Key, " "); {
		case strings.HasPrefix(path, "/admin/"):
			want = template.IAM
		case strings.HasPrefix(path, "/auth/") && !strings.HasPrefix(path, "/auth/sessions") && path != "/auth/user/password" && !strings.Contains(path, "/user/email/"):
			want = template.None
		}
		if route.Auth != want || strings.Contains(route.Key, "ANY") || strings.Contains(route.Key, "+}") || route.Key == "$default" {
			t.Errorf("route %s is authorized by %s, want %s and one method and path", route.Key, route.Auth, want)
		}
	}
	if none := stack(t, text, map[string]string{"AllowedOrigins": ""}).APIs[0]; none.CORS != nil {
		t.Errorf("CORS without origins = %+v, want none", none.CORS)
	}
}

// A parameter's name is that of its variable, which is in upper snake case.
// Every function has all of them except those that only shape the stack.
func TestSettingsReachEveryFunction(t *testing.T) {
	text, _, s := own(t)
	parsed, err := template.Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	infrastructure := []string{"Architecture", "HashingConcurrency", "LogRetentionDays", "AlarmTopic", "Tracing"}
	want := map[string]string{"DYNAMODB_ENDPOINT": "", "PUBLIC_KEYS": ""} // declared and empty
	for _, p := range parsed.Parameters() {
		if p.Description == "" {
			t.Errorf("parameter %s has no description", p.Name)
		}
		if !slices.Contains(infrastructure, p.Name) {
			want[upperSnake(p.Name)] = p.Default
		}
	}
	for _, f := range s.Functions {
		for name, value := range want {
			if got, found := f.Environment[name]; !found || got != value {
				t.Errorf("%s: %s = %q, want %q", f.ID, name, got, value)
			}
		}
		if _, found := f.Environment["KMS_KEY_ID"]; found && f.ID == "AuthorizerFunction" {
			t.Error("the authorizer is told the KMS key, want that it is not")
		}
	}
}

// Settings that do not fit together reach no function that answers requests:
// each of those waits for the check, and the check waits for none of them.
// Functions that write sessions also wait for the authorizer, so an older one
// is never asked about something that only a newer one understands.
func TestFunctionsWaitForTheCheckOfTheSettings(t *testing.T) {
	_, resources, _ := own(t)
	for id, resource := range resources.Members() {
		if resource.Get("Type").Text() != "AWS::Serverless::Function" || id == "NotesFunction" {
			continue
		}
		want := "SettingsCheck"
		for _, statement := range resource.Get("Properties").Get("Policies").Items()[0].Get("Statement").Items() {
			if statement.Get("Resource").Target() == "SessionsTable" && id != "AuthorizerFunction" {
				want = "SettingsCheck AuthorizerCheckedAlias AuthorizerOptionalAlias"
			}
		}
		if id == "RotateKeysFunction" {
			want = ""
		}
		got := []string{}
		for _, on := range resource.Get("DependsOn").Texts() {
			got = append(got, on.Text())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s depends on %q, want %q", id, got, want)
		}
	}
	check := resources.Get("SettingsCheck").Get("Properties")
	if got := check.Get("ServiceToken").Target(); got != "RotateKeysFunction" || check.Get("ApiId").Kind() != document.Absent {
		t.Errorf("the check is made by %q, want RotateKeysFunction, and that it needs no API", got)
	}
}

// SAM publishes a version of the authorizer when its code changes or when the
// text of its environment does. The value of a parameter is not part of that
// text. A different description makes CloudFormation replace the version. So
// the description is a digest of every parameter that the authorizer uses,
// which may be long. The replaced version stays for a rollback.
func TestParametersReachTheAuthorizersAlias(t *testing.T) {
	whole, resources, _ := own(t)
	authorizer := resources.Get("AuthorizerFunction")
	if authorizer.Get("UpdateReplacePolicy").Text() != "Retain" {
		t.Error("a version of the authorizer that is replaced is deleted")
	}
	if description := authorizer.Get("Properties").Get("VersionDescription"); description.Target() != "SettingsCheck" {
		t.Error("the authorizer's versions are not told apart by the digest of what it goes by")
	}
	_, digested := resources.Get("SettingsCheck").Get("Properties").Get("Digested").Expression()
	for _, name := range []string{"AccessTokenSeconds", "Tracing", "EmailVerification", "AllowedOrigins"} {
		if !strings.Contains(digested.Text(), "${"+name+"}") {
			t.Errorf("the digest is not of %s", name)
		}
	}
	long := "https://" + strings.Repeat("a", 1000) + ",capacitor://localhost,tauri://localhost,chrome-extension://abcdefghijklmnop,https://"
	long += strings.Repeat("a", 2000-len(long))
	for origins, ok := range map[string]bool{long: true, long + "a": false, "capacitor://": false, "https://a.example,": false, "*": false} {
		if _, err := load(whole, map[string]string{"AllowedOrigins": origins}); (err == nil) != ok {
			t.Errorf("%d characters of origins, %.40q = %v, accepted: %t", len(origins), origins, err, ok)
		}
	}
}

func upperSnake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToUpper(b.String())
}
