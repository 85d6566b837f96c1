package authorizer_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

func TestPolicyNamesExactly(t *testing.T) {
	w := newWorld(t, token.ES256)
	live := w.signIn("u1", "").Access
	const stage = "arn:aws:execute-api:eu-west-1:123456789012:abcdef123/prod"
	reads := []string{stage + "/GET/*", stage + "/HEAD/*"}
	for _, test := range []struct {
		method, effect string
		resource       []string
	}{
		{"GET", "Allow", reads},
		{"HEAD", "Allow", reads},
		{"POST", "Allow", []string{stage + "/POST/*"}},
		{"DELETE", "Allow", []string{stage + "/DELETE/*"}},
		{"QUERY", "Allow", []string{stage + "/QUERY/*"}},
		{"OPTIONS", "Allow", []string{stage + "/OPTIONS/*"}},
		{"get", "Deny", []string{stage + "/*"}},
		{"*", "Deny", []string{stage + "/*"}},
		{"", "Deny", []string{stage + "/*"}},
	} {
		for _, kind := range methodKinds() {
			r := w.send(w.authorizer(), event{kind: kind, method: test.method}.bearer(live))
			want := document{"2012-10-17", []statement{{[]string{"execute-api:Invoke"}, test.effect, test.resource}}}
			if !reflect.DeepEqual(r.PolicyDocument, want) {
				t.Errorf("%s %q: policy = %v, want %v", kind, test.method, r.PolicyDocument, want)
			}
			if r.PrincipalID != "u1" {
				t.Errorf("%s %q: principalId = %q, want u1", kind, test.method, r.PrincipalID)
			}
		}
	}
	r := w.send(w.authorizer(), event{kind: socketKind}.bearer(live))
	want := document{"2012-10-17", []statement{{[]string{"execute-api:Invoke"}, "Allow", []string{stage + "/$connect"}}}}
	if !reflect.DeepEqual(r.PolicyDocument, want) {
		t.Errorf("handshake: policy = %v, want %v", r.PolicyDocument, want)
	}
}

// A request whose method is in doubt gets the ARN's verb and no other.
func TestPolicyInDoubtNamesOneVerb(t *testing.T) {
	w := newWorld(t, token.ES256)
	e := event{kind: requestKind, method: "GET"}.bearer(w.signIn("u1", "").Access).with("X-HTTP-Method-Override", "DELETE")
	r := w.send(w.authorizer(), e)
	want := []string{"arn:aws:execute-api:eu-west-1:123456789012:abcdef123/prod/GET/*"}
	if got := r.PolicyDocument.Statement[0].Resource; !reflect.DeepEqual(got, want) {
		t.Errorf("resource = %q, want %q", got, want)
	}
}

// Partition, stage and account are the event's own.
func TestPolicyKeepsTheHeadOfTheARN(t *testing.T) {
	w := newWorld(t, token.ES256)
	live := w.signIn("u1", "").Access
	for _, head := range []string{
		"arn:aws-cn:execute-api:cn-north-1:123456789012:abcdef123/prod",
		"arn:aws-us-gov:execute-api:us-gov-west-1:123456789012:abcdef123/$default",
		"arn:aws:execute-api:us-east-1:000000000000:0/A-b_9",
		"arn:aws:execute-api:us-east-1:123456789012:abcdef123/test-invoke-stage",
	} {
		r := sendBytes(t, w.authorizer(), tokenEvent(head+"/POST/notes", live))
		if r.err != nil {
			t.Errorf("%s: %v", head, r.err)
			continue
		}
		if got := r.PolicyDocument.Statement[0].Resource[0]; got != head+"/POST/*" {
			t.Errorf("resource = %s, want %s/POST/*", got, head)
		}
	}
}

func tokenEvent(arn, raw string) []byte {
	e := map[string]any{"type": "TOKEN", "methodArn": arn, "authorizationToken": "Bearer " + raw}
	return encode(e)
}

// What the caller wrote into the path is never in the policy.
func TestPolicyNeverNamesThePath(t *testing.T) {
	w := newWorld(t, token.ES256)
	live := w.signIn("u1", "").Access
	for _, path := range []string{
		"/", "//", "/*", "/?", "/notes/*", "/a:b:c", "/GET/*", "/../../DELETE/*", "/prod/POST/x", "/arn:aws:execute-api:*:*:*/*",
		"/%2a", "/${aws:username}", "/a\"b", "/\u202e", "/" + strings.Repeat("x", 1500),
	} {
		for _, kind := range methodKinds() {
			for method, want := range map[string]string{"GET": "/prod/GET/*", "POST": "/prod/POST/*"} {
				e := event{kind: kind, method: method, path: path, resource: "/{id}"}.bearer(live)
				r := w.send(w.authorizer(), e)
				if r.err != nil {
					t.Fatalf("%s %s %.40q: %v", kind, method, path, r.err)
				}
				if got := r.PolicyDocument.Statement[0].Resource[0]; !strings.HasSuffix(got, ":abcdef123"+want) {
					t.Errorf("%s %s %.40q: resource = %s, want …%s", kind, method, path, got, want)
				}
				if got := r.outcome(e); got != "allow" {
					t.Errorf("%s %s %.40q = %s, want allow", kind, method, path, got)
				}
			}
		}
	}
}

// shape is what every resource of an allow looks like: no wildcard but the
// path's.
const shape = `^arn:[a-z-]+:execute-api:[a-z0-9-]+:[0-9]+:[a-z0-9]+/(\$default|[A-Za-z0-9_-]+)/(\$connect|[A-Z]{1,32}/\*)$`

func TestOddARNsGetNoPolicy(t *testing.T) {
	w := newWorld(t, token.ES256)
	live := w.signIn("u1", "").Access
	for _, arn := range []string{
		"", "x", "arn", "arn:aws:execute-api:us-east-1:123456789012", "arn:aws:execute-api:us-east-1:123456789012:",
		"arn:aws:execute-api:us-east-1:123456789012:api", "arn:aws:execute-api:us-east-1:123456789012:api/prod",
		"arn:aws:execute-api:us-east-1:123456789012:*/prod/GET/x",
		"arn:aws:execute-api:us-east-1:123456789012:a?i/prod/GET/x",
		"arn:aws:execute-api:us-east-1:123456789012:/prod/GET/x",
		"arn:aws:execute-api:us-east-1:123456789012:api/*/GET/x",
		"arn:aws:execute-api:us-east-1:123456789012:api//GET/x",
		"arn:aws:execute-api:us-east-1:123456789012:api/$other/GET/x",
		"arn:aws:execute-api:us-east-1:123456789012:api/pr od/GET/x",
		"arn:aws:execute-api:us-east-1:*:api/prod/GET/x",
		"arn:aws:execute-api:*:123456789012:api/prod/GET/x",
		"arn:*:execute-api:us-east-1:123456789012:api/prod/GET/x",
		"arn:aws~:execute-api:us-east-1:123456789012:api/prod/GET/x",
		"arn:aws:execute-api:us-east-1:123456789012:a{i/prod/GET/x",
		"arn:aws:lambda:us-east-1:123456789012:api/prod/GET/x",
		"ARN:aws:execute-api:us-east-1:123456789012:api/prod/GET/x",
		"arn:aws:execute-api:us-east-1::api/prod/GET/x",
		"arn:aws:execute-api:us-east-1:123456789012:api/" + strings.Repeat("p", 400) + "/GET/x",
	} {
		r := sendBytes(t, w.authorizer(), tokenEvent(arn, live))
		if r.err != authorizer.ErrEvent {
			t.Errorf("ARN %q = %v, %v, want %v", arn, r.PolicyDocument, r.err, authorizer.ErrEvent)
		}
	}
}

// A token or any text of the event cannot make a resource of another shape.
func TestResourcesHaveOneShape(t *testing.T) {
	w := newWorld(t, token.ES256)
	live := w.signIn("u1", "").Access
	form := regexp.MustCompile(shape)
	for _, kind := range allKinds() {
		for _, method := range []string{"GET", "POST", "A"} {
			for _, stage := range []string{"prod", "$default", "a_b-C"} {
				r := w.send(w.authorizer(), event{kind: kind, method: method, stage: stage, path: "/*:/?"}.bearer(live))
				for _, resource := range r.PolicyDocument.Statement[0].Resource {
					if !form.MatchString(resource) {
						t.Errorf("%s %s: resource = %s, want the form %s", kind, method, resource, shape)
					}
				}
			}
		}
	}
}

// The evaluator by which policies are judged here does what IAM does for API
// Gateway: an explicit Deny wins wherever it stands, what is not allowed is
// denied, * crosses slashes and ? is one character, resources are compared
// with regard to case and actions without.
func TestEvaluator(t *testing.T) {
	const stage = "arn:aws:execute-api:eu-west-1:123456789012:abcdef123/prod"
	of := func(effect string, resource ...string) statement {
		return statement{Action: []string{"execute-api:Invoke"}, Effect: effect, Resource: resource}
	}
	action := func(name string) statement {
		s := of("Allow", stage+"/*")
		s.Action = []string{name}
		return s
	}
	for _, test := range []struct {
		name       string
		statements []statement
		arn, want  string
	}{
		{"nothing", nil, "/GET/a", "403, implicitly"},
		{"its own verb", []statement{of("Allow", stage+"/GET/*")}, "/GET/a/b/c", "allow"},
		{"the root", []statement{of("Allow", stage+"/GET/*")}, "/GET/", "allow"},
		{"another verb", []statement{of("Allow", stage+"/GET/*")}, "/POST/a", "403, implicitly"},
		{"a verb in other case", []statement{of("Allow", stage+"/GET/*")}, "/get/a", "403, implicitly"},
		{"a longer verb", []statement{of("Allow", stage+"/GET/*")}, "/GETX/a", "403, implicitly"},
		{"another stage", []statement{of("Allow", stage+"2/GET/*")}, "/GET/a", "403, implicitly"},
		{"a star across slashes", []statement{of("Allow", stage+"*/a")}, "/GET/x/a", "allow"},
		{"one character", []statement{of("Allow", stage+"/GE?/a")}, "/GET/a", "allow"},
		{"not two", []statement{of("Allow", stage+"/G?/a")}, "/GET/a", "403, implicitly"},
		{"the second resource", []statement{of("Allow", stage+"/GET/*", stage+"/HEAD/*")}, "/HEAD/a", "allow"},
		{"a denial before", []statement{of("Deny", stage+"/*/secret"), of("Allow", stage+"/*")}, "/GET/secret", "403"},
		{"a denial behind", []statement{of("Allow", stage+"/*"), of("Deny", stage+"/*/secret")}, "/GET/secret", "403"},
		{"a denial of something else", []statement{of("Deny", stage+"/*/secret"), of("Allow", stage+"/*")}, "/GET/open", "allow"},
		{"an action in other case", []statement{action("EXECUTE-API:invoke")}, "/GET/a", "allow"},
		{"every action", []statement{action("execute-api:*")}, "/GET/a", "allow"},
		{"another action", []statement{action("execute-api:InvalidateCache")}, "/GET/a", "403, implicitly"},
		{"an unknown effect", []statement{of("allow", stage+"/*")}, "/GET/a", "403, implicitly"},
	} {
		d := document{Version: "2012-10-17", Statement: test.statements}
		if got := d.judge(stage + test.arn); got != test.want {
			t.Errorf("%s: judge = %s, want %s", test.name, got, test.want)
		}
		d.Version = "2008-10-17"
		if got := d.judge(stage + test.arn); got == "allow" {
			t.Errorf("%s: a policy of another version allows", test.name)
		}
	}
}
