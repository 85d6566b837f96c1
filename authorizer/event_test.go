package authorizer_test

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// Kinds of authorizer events.
const (
	tokenKind   = "REST TOKEN"
	requestKind = "REST REQUEST"
	http1Kind   = "HTTP 1.0"
	http2Kind   = "HTTP 2.0"
	socketKind  = "WebSocket"
)

func allKinds() []string { return []string{tokenKind, requestKind, http1Kind, http2Kind, socketKind} }

// event is a request in API Gateway's hands, before it is put into one of the
// five shapes.
type event struct {
	kind     string
	method   string // in the event and in its ARN
	verb     string // in the ARN alone, if the two disagree
	path     string // as the caller spelled it; "" is /notes
	resource string // template of the matched route; "" is /notes
	routeKey string // of payload 2.0; "" is made of method and resource
	headers  map[string]string
	api      string // "" is the stack's own
	stage    string // "" is prod
	context  string // method in the request context, if it disagrees
	alias    string // by which the authorizer is invoked; "" is none
}

// invocation is the context that Lambda gives to the function.
func (e event) invocation() context.Context {
	const arn = "arn:aws:lambda:eu-west-1:123456789012:function:latchkey-AuthorizerFunction-1A2B"
	return invokedAs(arn + map[bool]string{true: ":" + e.alias}[e.alias != ""])
}

func invokedAs(arn string) context.Context {
	return lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{InvokedFunctionArn: arn})
}

// arn is what the gateway asks the policy about.
func (e event) arn() string {
	stage := "arn:aws:execute-api:eu-west-1:123456789012:" + or(e.api, apiID) + "/" + or(e.stage, "prod")
	if e.kind == socketKind {
		return stage + "/$connect"
	}
	return stage + "/" + or(e.verb, e.method) + or(e.path, "/notes")
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func (e event) template() string { return or(e.resource, "/notes") }

// encode writes the event as the gateway does.
func (e event) encode() []byte {
	var body map[string]any
	switch e.kind {
	case tokenKind:
		body = map[string]any{"type": "TOKEN", "methodArn": e.arn(), "authorizationToken": e.headers["Authorization"]}
	case requestKind:
		body = e.rest()
	case http1Kind:
		body = e.rest()
		delete(body, "multiValueHeaders")
		body["version"] = "1.0"
		body["identitySource"], body["authorizationToken"] = "", ""
	case http2Kind:
		body = e.http2()
	case socketKind:
		body = e.socket()
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil
	}
	return text
}

func (e event) rest() map[string]any {
	multi := map[string][]string{}
	for name, value := range e.headers {
		multi[name] = []string{value}
	}
	return map[string]any{
		"type": "REQUEST", "methodArn": e.arn(),
		"resource": e.template(), "path": or(e.path, "/notes"), "httpMethod": e.method,
		"headers": e.headers, "multiValueHeaders": multi,
		"queryStringParameters": map[string]string{"q": "1"}, "pathParameters": nil, "stageVariables": nil,
		"requestContext": map[string]any{
			"resourceId": "05c7jb", "resourcePath": e.template(), "httpMethod": or(e.context, e.method),
			"stage": or(e.stage, "prod"), "apiId": or(e.api, apiID), "requestTimeEpoch": 1772366400123,
			"identity": map[string]any{"sourceIp": "192.0.2.1", "clientCert": nil},
		},
	}
}

func (e event) http2() map[string]any {
	headers := map[string]string{}
	var cookies []string
	for name, value := range e.headers {
		if name == "Cookie" {
			for pair := range strings.SplitSeq(value, ";") {
				cookies = append(cookies, strings.Trim(pair, " \t"))
			}
			continue
		}
		headers[lowerASCII(name)] = value
	}
	key := or(e.routeKey, e.method+" "+e.template())
	return map[string]any{
		"version": "2.0", "type": "REQUEST", "routeArn": e.arn(), "identitySource": nil,
		"routeKey": key, "rawPath": or(e.path, "/notes"), "rawQueryString": "q=1",
		"cookies": cookies, "headers": headers,
		"requestContext": map[string]any{
			"accountId": "123456789012", "apiId": or(e.api, apiID), "stage": or(e.stage, "prod"), "routeKey": key,
			"http":      map[string]any{"method": or(e.context, e.method), "path": or(e.path, "/notes"), "sourceIp": "192.0.2.1"},
			"timeEpoch": 1772366400123,
		},
	}
}

// lowerASCII leaves letters alone that are not ASCII, some of which
// strings.ToLower turns into such that are.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

func (e event) socket() map[string]any {
	body := e.rest()
	for _, name := range []string{"resource", "path", "httpMethod"} {
		delete(body, name)
	}
	body["requestContext"] = map[string]any{
		"routeKey": "$connect", "eventType": "CONNECT", "connectionId": "L0SM9cOFvHcCIhw=", "messageDirection": "IN",
		"stage": or(e.stage, "prod"), "apiId": or(e.api, apiID),
	}
	return body
}

// with returns the event with one more header.
func (e event) with(name, value string) event {
	e.headers = maps.Clone(e.headers)
	if e.headers == nil {
		e.headers = map[string]string{}
	}
	e.headers[name] = value
	return e
}

// bearer returns the event with the token in Authorization, or as it is if
// there is none.
func (e event) bearer(raw string) event {
	if raw == "" {
		return e
	}
	return e.with("Authorization", "Bearer "+raw)
}

// cookie returns the event as a browser's page sends it: the token in a
// cookie, with rid and Origin.
func (e event) cookie(raw string) event {
	if raw == "" {
		return e
	}
	return e.with("Cookie", "x=1; sAccessToken="+raw).with("rid", "anti-csrf").with("Origin", origin)
}

// reply is an authorizer's answer.
type reply struct {
	PrincipalID    string            `json:"principalId"`
	PolicyDocument document          `json:"policyDocument"`
	Context        map[string]string `json:"context"`
	err            error
}

type document struct {
	Version   string
	Statement []statement
}

type statement struct {
	Action   []string
	Effect   string
	Resource []string
}

// outcome is the status that API Gateway answers with, or allow.
func (r reply) outcome(e event) string {
	switch {
	case r.err == nil:
		return r.PolicyDocument.evaluate(e.arn())
	case r.err.Error() == "Unauthorized":
		return "401"
	}
	return "500"
}

// effect is the outcome for whatever the policy names.
func (r reply) effect() string {
	if r.err != nil {
		return r.outcome(event{})
	}
	return map[string]string{"Allow": "allow", "Deny": "403"}[r.PolicyDocument.Statement[0].Effect]
}

// evaluate evaluates the policy for an ARN as IAM does for API Gateway
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html).
// Ours have one statement about one action, and no wildcard but at a resource's
// end; any other is malformed, which no test wants.
func (d document) evaluate(arn string) string {
	if d.Version != "2012-10-17" || len(d.Statement) != 1 || !slices.Equal(d.Statement[0].Action, []string{"execute-api:Invoke"}) {
		return "malformed"
	}
	about := false
	for _, resource := range d.Statement[0].Resource {
		head, open := strings.CutSuffix(resource, "*")
		if strings.ContainsAny(head, "*?") {
			return "malformed"
		}
		about = about || resource == arn || open && strings.HasPrefix(arn, head)
	}
	switch effect := d.Statement[0].Effect; {
	case effect != "Allow" && effect != "Deny":
		return "malformed"
	case !about:
		return "403, implicitly"
	case effect == "Deny":
		return "403"
	}
	return "allow"
}
