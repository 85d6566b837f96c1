package template_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/template/document"
	"github.com/latchkey-auth/latchkey/internal/template"
)

// The template of this repository: the authorizer is asked for every request,
// nothing but what must be is open, and administration takes a signature.
func TestOwnTemplate(t *testing.T) {
	data, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	api := stack(t, string(data), nil).APIs[0]
	if got := api.Authorizers["Session"]; got.TTL != 0 || len(got.Sources) != 0 || got.Function != "AuthorizerFunction:live" {
		t.Errorf("authorizer = %+v, want TTL 0 and no identity source", got)
	}
	for _, route := range api.Routes {
		_, path, _ := strings.Cut(route.Key, " ")
		want := "Session"
		switch {
		case strings.HasPrefix(path, "/admin/"):
			want = template.IAM
		case strings.HasPrefix(path, "/auth/") && !strings.HasPrefix(path, "/auth/sessions"):
			want = template.None
		}
		if route.Auth != want {
			t.Errorf("route %s is authorized by %s, want %s", route.Key, route.Auth, want)
		}
		if strings.Contains(route.Key, "ANY") || strings.Contains(route.Key, "+}") || route.Key == "$default" {
			t.Errorf("route %s takes more than one method or path", route.Key)
		}
	}
	for _, name := range []string{"front-token", "st-access-token", "st-refresh-token", "anti-csrf"} {
		if !slices.Contains(api.CORS.Expose, name) {
			t.Errorf("CORS exposes %v, want %s among them", api.CORS.Expose, name)
		}
	}
	for _, name := range []string{"content-type", "rid", "fdi-version", "anti-csrf", "authorization", "st-auth-mode"} {
		if !slices.Contains(api.CORS.Headers, name) {
			t.Errorf("CORS allows %v, want %s among them", api.CORS.Headers, name)
		}
	}
	if none := stack(t, string(data), map[string]string{"AllowedOrigins": ""}).APIs[0]; none.CORS != nil {
		t.Errorf("CORS without origins = %+v, want none", none.CORS)
	}
}

// A parameter's name is its variable's, in upper snake case, and every
// function has all of them but for those that only shape the stack.
func TestSettingsReachEveryFunction(t *testing.T) {
	data, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := template.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	infrastructure := []string{"Architecture", "HashingConcurrency", "LogRetentionDays", "AlarmTopic", "Tracing"}
	s := stack(t, string(data), nil)
	for _, p := range parsed.Parameters() {
		if p.Description == "" {
			t.Errorf("parameter %s has no description", p.Name)
		}
		if slices.Contains(infrastructure, p.Name) {
			continue
		}
		for _, f := range s.Functions {
			if got, found := f.Environment[upperSnake(p.Name)]; !found || got != p.Default {
				t.Errorf("%s: %s = %q, want the default %q", f.ID, upperSnake(p.Name), got, p.Default)
			}
		}
	}
	for _, f := range s.Functions {
		if f.Environment["DYNAMODB_ENDPOINT"] != "" || f.Environment["PUBLIC_KEYS"] != "" {
			t.Errorf("%s: an endpoint or public keys are set where they must be empty", f.ID)
		}
		if names := slices.Sorted(maps.Keys(f.Environment)); !slices.Contains(names, "PUBLIC_KEYS") || !slices.Contains(names, "DYNAMODB_ENDPOINT") {
			t.Errorf("%s: variables %v, want PUBLIC_KEYS and DYNAMODB_ENDPOINT declared", f.ID, names)
		}
	}
	if _, found := function(s, "AuthorizerFunction").Environment["KMS_KEY_ID"]; found {
		t.Error("the authorizer is told the KMS key, want that it is not")
	}
}

// Settings that do not fit together reach no function that answers requests:
// each waits for the check, and the check for none of them.
func TestFunctionsWaitForTheCheckOfTheSettings(t *testing.T) {
	data, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, err := document.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	resources := d.Root.Get("Resources")
	for id, resource := range resources.Members() {
		if resource.Get("Type").Text() != "AWS::Serverless::Function" || id == "NotesFunction" {
			continue
		}
		want := "SettingsCheck"
		if id == "RotateKeysFunction" {
			want = ""
		}
		if got := resource.Get("DependsOn").Text(); got != want {
			t.Errorf("%s depends on %q, want %q", id, got, want)
		}
	}
	check := resources.Get("SettingsCheck").Get("Properties")
	if got := check.Get("ServiceToken").Target(); got != "RotateKeysFunction" || check.Get("ApiId").Kind() != document.Absent {
		t.Errorf("the check is made by %q, want RotateKeysFunction, and that it needs no API", got)
	}
}

// SAM publishes a version of the authorizer where its code changes, and where
// what is written of its environment does; a parameter's value is not. Another
// description makes CloudFormation replace the version, so it holds every
// parameter that the authorizer goes by, and has room for the longest. The
// version that is replaced stays, to be taken back to.
func TestParametersReachTheAuthorizersAlias(t *testing.T) {
	data, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const room = 256 // of a version's description, in characters
	_, properties, _ := strings.Cut(string(data), "\n  AuthorizerFunction:\n")
	description := regexp.MustCompile(`(?m)^      VersionDescription: !Sub "([^"]*)"$`).FindStringSubmatch(properties[:strings.Index(properties, "\n  SignUpFunction:")])
	if description == nil {
		t.Fatal("the authorizer's versions have no description")
	}
	if !strings.Contains(properties[:strings.Index(properties, "Properties:")], "UpdateReplacePolicy: Retain") {
		t.Error("a version of the authorizer that is replaced is deleted")
	}
	longest := map[string]string{
		"AccessTokenSeconds": "86400", "Tracing": "PassThrough",
		"AllowedOrigins": "https://" + strings.Repeat("a", 230-len("https://")),
	}
	text := description[1]
	for name, value := range longest {
		if !strings.Contains(text, "${"+name+"}") {
			t.Errorf("the description %q does not hold %s", text, name)
		}
		text = strings.ReplaceAll(text, "${"+name+"}", value)
	}
	if len(text) > room {
		t.Errorf("the description takes %d characters, want %d at most", len(text), room)
	}
	parsed, err := template.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	longest["AllowedOrigins"] += "a"
	delete(longest, "Tracing")
	if _, err := parsed.Stack(longest); err == nil || !strings.Contains(err.Error(), "AllowedOrigins") {
		t.Errorf("origins of 231 characters = %v, want that they are refused", err)
	}
}

func function(s *template.Stack, id string) template.Function {
	f, _ := s.Function(id)
	return f
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
