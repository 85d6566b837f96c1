package authorizer_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// A policy names the verbs that were decided about, below the head of the event's
// own ARN, and nothing that the caller wrote into the path. In doubt about the
// method it names the ARN's verb and no other.
func TestPolicyNamesExactly(t *testing.T) {
	w := newWorld(t, token.ES256)
	a, live := w.authorizer(), w.signIn("u1", "").Access
	const stage = "arn:aws:execute-api:eu-west-1:123456789012:abcdef123/prod"
	verify := func(r reply, effect string, resource ...string) {
		t.Helper()
		want := document{"2012-10-17", []statement{{[]string{"execute-api:Invoke"}, effect, resource}}}
		if r.err != nil || !reflect.DeepEqual(r.PolicyDocument, want) || r.PrincipalID != "u1" {
			t.Errorf("policy = %v of %q, %v, want %v of u1", r.PolicyDocument, r.PrincipalID, r.err, want)
		}
	}
	for _, path := range []string{
		"/notes", "/", "//", "/*", "/?", "/notes/*", "/a:b:c", "/GET/*", "/../../DELETE/*", "/prod/POST/x", "/arn:aws:execute-api:*:*:*/*",
		"/%2a", "/${aws:username}", "/a\"b", "/\u202e", "/" + strings.Repeat("x", 1500),
	} {
		for _, kind := range methodKinds() {
			send := func(method string) reply {
				return w.send(a, event{kind: kind, method: method, path: path, resource: "/{id}"}.bearer(live))
			}
			for _, method := range []string{"GET", "HEAD"} {
				verify(send(method), "Allow", stage+"/GET/*", stage+"/HEAD/*")
			}
			for _, method := range []string{"POST", "DELETE", "QUERY", "OPTIONS"} {
				verify(send(method), "Allow", stage+"/"+method+"/*")
			}
			for _, method := range []string{"get", "*", ""} {
				verify(send(method), "Deny", stage+"/*")
			}
		}
	}
	verify(w.send(a, event{kind: socketKind}.bearer(live)), "Allow", stage+"/$connect")
	verify(w.send(a, event{kind: requestKind, method: "GET"}.bearer(live).with("X-HTTP-Method-Override", "DELETE")), "Allow", stage+"/GET/*")
	for _, head := range []string{
		"arn:aws-cn:execute-api:cn-north-1:123456789012:abcdef123/prod",
		"arn:aws-us-gov:execute-api:us-gov-west-1:123456789012:abcdef123/$default",
		"arn:aws:execute-api:us-east-1:000000000000:0/A-b_9",
		"arn:aws:execute-api:us-east-1:123456789012:abcdef123/test-invoke-stage",
	} {
		verify(sendBytes(t, a, tokenEvent(head+"/POST/notes", live)), "Allow", head+"/POST/*")
	}
}

func tokenEvent(arn, raw string) []byte {
	return encode(map[string]any{"type": "TOKEN", "methodArn": arn, "authorizationToken": "Bearer " + raw})
}

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
