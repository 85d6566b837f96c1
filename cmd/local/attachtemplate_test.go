package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The table of an attached API says where it is and who authorizes its routes.
func TestPrintedAttachments(t *testing.T) {
	for name, want := range map[string][]string{
		"http-api":      {`ShopApi is on http://shopapi\.localhost:8787`, `GET +/me +session, by its token alone`, `POST +/me +session, checked in the store`},
		"aliases":       {`GET +/me +session, checked in the store`, `GET +/welcome +session, optional`},
		"rest-api":      {`ShopApi is on http://shopapi\.localhost:8787/prod`, `POST +/me +session, checked in the store`},
		"websocket-api": {`ShopApi is on ws://shopapi\.localhost:8787/prod`, `\$connect +session, checked in the store`, `\$default +everybody who is connected`},
		"hybrid":        {`GET +/me +token, by API Gateway's own authorizer`, `POST +/me +session, checked in the store`},
		"custom-domain": {`ShopApi is on http://127\.0\.0\.1:8787/shop`},
	} {
		w := worldOf(t, new(localRun), nil, example(name)...)
		var out strings.Builder
		banner{url: w.url, stack: w.stack, attached: w.attached}.print(&out)
		for _, line := range want {
			if !regexp.MustCompile(`(?m)^ *` + line + `$`).MatchString(out.String()) {
				t.Errorf("%s: printed\n%s\nwant a line %s", name, out.String(), line)
			}
		}
	}
}

// What a template must not ask for ends the start with words.
func TestAttachFaults(t *testing.T) {
	for _, tt := range []struct {
		example, old, new, want string
	}{
		{"http-api", "-AuthorizerArn", "-NoSuch", "no stack here exports"},
		{"http-api", "  WhoAmIFunction:", "  OtherFunction:", "OtherFunction: there is no such function in this repository"},
		{"http-api", "AWS::Serverless::HttpApi", "AWS::Serverless::Application", "a template of its own"},
		{"http-api", "  ShopApi:", "  Local:\n    Type: AWS::Serverless::HttpApi\n  ShopApi:", "Local has the id of Latchkey's own API"},
		{"custom-domain", "ApiId: !Ref ShopApi\n", "ApiId: other\n", "is no HTTP API of the template"},
		{"hybrid", `-Issuer"}`, `-ApiUrl"}`, ""},
	} {
		file := changed(t, tt.example, tt.old, tt.new)
		if tt.want == "" { // it serves, but does not know the issuer's keys
			l := startWith(t, nil, "-template", file)
			access, _ := l.signUp()
			l.at(401, "GET", "/me", access)
			continue
		}
		err := run(context.Background(), []string{"-addr", "127.0.0.1:0", "-latchkey", "../../template.yaml", "-template", file}, io.Discard)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s with %q = %v, want %q", tt.example, tt.new, err, tt.want)
		}
	}
	err := run(context.Background(), append(example("http-api"), "-addr", "127.0.0.1:0"), io.Discard)
	if err == nil || !strings.Contains(err.Error(), "-latchkey") {
		t.Errorf("run without Latchkey's template = %v, want that it is missing", err)
	}
}

// changed writes an example with one text in place of another.
func changed(t *testing.T, example, old, replacement string) (file string) {
	t.Helper()
	data, err := os.ReadFile("../../examples/attach/" + example + "/template.yaml")
	must(t, err)
	text := strings.Replace(string(data), old, replacement, 1)
	if text == string(data) {
		t.Fatalf("%s has no %q", example, old)
	}
	file = filepath.Join(t.TempDir(), "template.yaml")
	must(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// Latchkey can be at a path of the domain, and the other API at its root.
func TestLatchkeyAtAPathOfTheDomain(t *testing.T) {
	file := changed(t, "custom-domain", "      Stage: $default\n", "      Stage: $default\n      ApiMappingKey: identity\n")
	l := startWith(t, nil, "-template", file, "-set", "ApiGatewayPath=/identity")
	access := l.want(200, "POST", "/identity/auth/signup", "", person).Header().Get("St-Access-Token")
	l.want(200, "GET", "/shop/me", access, "")
	l.want(200, "POST", "/shop/me", access, "")
	l.want(200, "POST", "/identity/auth/signout", access, "")
	l.want(401, "POST", "/shop/me", access, "")
}

// What stands in for exports is what Latchkey's template exports.
func TestExportsAreThoseOfTheTemplate(t *testing.T) {
	exports, err := worldOf(t, new(localRun), nil, "-template", "../../template.yaml").exports()
	if err != nil || len(exports) == 0 {
		t.Fatalf("exports = %v, %v, want some", exports, err)
	}
	for name := range exports {
		_, got := written(t).Get("Outputs").Get(name).Get("Export").Get("Name").Expression()
		if got.Text() != "${AWS::StackName}-"+name {
			t.Errorf("the template exports %s as %q", name, got.Text())
		}
	}
}
