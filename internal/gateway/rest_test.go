package gateway_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/template"
)

func TestRESTRequestEvents(t *testing.T) {
	k := newREST(t, template.Authorizer{}, "POST /items/{id}")
	k.auth = func() (string, error) {
		return `{"principalId":"p","context":{"user":"u","n":7,"yes":true},"policyDocument":{"Version":"2012-10-17","Statement":[` +
			statement("Allow", restARN+"POST/*") + `]}}`, nil
	}
	send(t, k.gateway(), 200, request("POST", "/prod/items/a%20b?q=1&q=2", "text", "X-Twice", "1", "X-Twice", "2"))
	seen, asked := k.events()
	same := map[string]any{
		"resource": "/items/{id}", "path": "/items/a b", "httpMethod": "POST", "pathParameters": map[string]string{"id": "a b"},
		"headers.X-Twice": "2", "multiValueHeaders.X-Twice": []string{"1", "2"}, "headers.Host": "shop.localhost:8787",
		"queryStringParameters.q": "2", "multiValueQueryStringParameters.q": []string{"1", "2"},
		"requestContext.stage": "prod", "requestContext.path": "/prod/items/a b", "requestContext.resourcePath": "/items/{id}",
		"requestContext.httpMethod": "POST", "requestContext.apiId": "shop",
	}
	asked[0].check(t, same)
	asked[0].check(t, map[string]any{"type": "REQUEST", "methodArn": restARN + "POST/items/a b", "body": nil, "version": nil})
	seen[0].check(t, same)
	seen[0].check(t, map[string]any{
		"body": "text", "isBase64Encoded": nil, "version": nil, "requestContext.requestTimeEpoch": k.now.UnixMilli(),
		"requestContext.authorizer": map[string]string{"principalId": "p", "user": "u", "n": "7", "yes": "true"},
	})
}

// A TOKEN authorizer sees one header. It is not asked if the header is missing
// or does not have the right form.
func TestRESTTokenEvents(t *testing.T) {
	k := newREST(t, template.Authorizer{
		Token: true, Sources: []string{"$request.header.X-Token"}, Pattern: regexp.MustCompile("^(?:x+)$"),
	}, "GET /items")
	g := k.gateway()
	send(t, g, 401, request("GET", "/prod/items", ""))
	send(t, g, 401, request("GET", "/prod/items", "", "X-Token", "y"))
	if _, asked := k.events(); len(asked) > 0 {
		t.Errorf("the authorizer was asked %v, want that it was not", asked)
	}
	send(t, g, 200, request("GET", "/prod/items", "", "X-Token", "xx"))
	_, asked := k.events()
	if len(asked) != 1 || len(asked[0]) != 3 {
		t.Fatalf("the authorizer was asked %v, want one event of three members", asked)
	}
	asked[0].check(t, map[string]any{"type": "TOKEN", "authorizationToken": "xx", "methodArn": restARN + "GET/items"})
}

func TestRESTIntegration(t *testing.T) {
	for _, tt := range []struct {
		name, answer string
		err          error
		want         int
	}{
		{"fails", "", errors.New("no"), 502},
		{"no statusCode", `{"body":"x"}`, nil, 502},
		{"no object", `"x"`, nil, 502},
		{"of payload format 2.0", `{"statusCode":200,"cookies":["a=b"]}`, nil, 502},
		{"many values", `{"statusCode":201,"headers":{"X-A":"0"},"multiValueHeaders":{"X-A":["1","2"]},"body":"{}"}`, nil, 201},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := newREST(t, template.Authorizer{}, "GET /items")
			k.back = func() (string, error) { return tt.answer, tt.err }
			answer := send(t, k.gateway(), tt.want, request("GET", "/prod/items", ""))
			if tt.want == 201 && strings.Join(answer.Header().Values("X-A"), ",") != "1,2" {
				t.Errorf("headers = %v, want both values", answer.Header())
			}
		})
	}
}

// A case uses its own gateway response if there is one, otherwise that of all
// 4xx or 5xx.
func TestGatewayResponses(t *testing.T) {
	for _, tt := range []struct {
		name     string
		response template.GatewayResponse
		want     int
		body     string
	}{
		{"ACCESS_DENIED", template.GatewayResponse{Body: `{"a":"$context.authorizer.user","b":$context.error.messageString}`}, 403,
			`{"a":"u","b":"User is not authorized to access this resource"}`},
		{"ACCESS_DENIED", template.GatewayResponse{Status: 401, Body: "$context.error.responseType $context.authorizer.nothing."}, 401, "ACCESS_DENIED ."},
		{"DEFAULT_4XX", template.GatewayResponse{Body: "$context.error.message"}, 403, "User is not authorized to access this resource"},
		{"DEFAULT_5XX", template.GatewayResponse{Body: "no"}, 403, `{"message":"User is not authorized to access this resource"}`},
		{"UNAUTHORIZED", template.GatewayResponse{Body: "no"}, 403, `{"message":"User is not authorized to access this resource"}`},
	} {
		t.Run(tt.name+tt.response.Body, func(t *testing.T) {
			k := newREST(t, template.Authorizer{}, "POST /items")
			tt.response.Headers = map[string]string{"X-Own": "1"}
			k.api.Responses[tt.name] = tt.response
			k.auth = func() (string, error) { return decision(statement("Deny", "*")), nil }
			answer := send(t, k.gateway(), tt.want, request("POST", "/prod/items", ""))
			if answer.Body.String() != tt.body {
				t.Errorf("body = %s, want %s", answer.Body, tt.body)
			}
			own := tt.name == "ACCESS_DENIED" || tt.name == "DEFAULT_4XX"
			if (answer.Header().Get("X-Own") == "1") != own {
				t.Errorf("headers = %v, want its own: %v", answer.Header(), own)
			}
		})
	}
}

// The resource is found before its method.
func TestRESTRoutes(t *testing.T) {
	k := newREST(t, template.Authorizer{}, "GET /items", "ANY /{proxy+}", "OPTIONS /own")
	k.api.CORS = &template.CORS{Origins: []string{"https://a.example"}, Methods: []string{"GET"}, Headers: []string{"rid"}, MaxAge: time.Minute, Credentials: true}
	g := k.gateway()
	for _, tt := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/prod/items", 200}, {"POST", "/prod/items", 403}, {"POST", "/prod/other", 200}, {"GET", "/prod/a/b", 200},
		{"GET", "/dev/items", 403}, {"GET", "/items", 403}, {"GET", "/prod", 403}, {"GET", "/product/items", 403},
	} {
		send(t, g, tt.want, request(tt.method, tt.path, ""))
	}
	_, before := k.events()
	answer := send(t, g, 200, request("OPTIONS", "/prod/items", "", "Origin", "https://b.example"))
	if _, after := k.events(); len(after) != len(before) {
		t.Error("the authorizer was asked about a preflight, want that it was not")
	}
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": "https://a.example", "Access-Control-Allow-Credentials": "true",
		"Access-Control-Allow-Methods": "GET", "Access-Control-Allow-Headers": "rid", "Access-Control-Max-Age": "60",
	} {
		if got := answer.Header().Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	send(t, g, 200, request("OPTIONS", "/prod/own", ""))
	if _, after := k.events(); len(after) != len(before)+1 {
		t.Error("an OPTIONS method of the template's own was taken for a preflight")
	}
}
