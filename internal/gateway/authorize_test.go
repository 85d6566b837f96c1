package gateway_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/gateway"
	"github.com/latchkey-auth/latchkey/internal/template"
)

// The outcome of an authorizer's answer on an HTTP and on a REST API. STAGE in
// an answer is the ARN of the API's stage. A status of 0 means that the case is
// not tried on that API.
func TestAuthorizerOutcomes(t *testing.T) {
	swap := func(old, new string) string { return strings.Replace(allow("*"), old, new, 1) }
	for _, tt := range []struct {
		name, answer, fails string
		http, rest          int
	}{
		{"allow", allow("STAGE/GET/*"), "", 200, 200},
		{"unauthorized", "", "Unauthorized", 401, 401},
		{"unauthorized, wrapped", "", "verify: Unauthorized", 500, 500},
		{"unauthorized in small letters", "", "unauthorized", 500, 500},
		{"another error", "", "store down", 500, 500},
		{"deny", decision(statement("Deny", "STAGE/*")), "", 403, 403},
		{"allow and deny", decision(statement("Allow", "*"), statement("Deny", "STAGE/GET/*")), "", 403, 403},
		{"allow of another verb", allow("STAGE/POST/*"), "", 403, 403},
		{"allow of another stage", allow(strings.Replace(restARN, "prod", "dev", 1) + "*"), "", 403, 403},
		{"no answer", "", "", 500, 500},
		{"no JSON", "{", "", 500, 500},
		{"null", "null", "", 500, 500},
		{"no principal", swap(`"principalId":"u",`, ""), "", 500, 500},
		{"no policy", `{"principalId":"u"}`, "", 500, 500},
		{"simple response", `{"isAuthorized":true}`, "", 500, 500},
		{"context that is no object", swap(`{"user":"u"}`, `"u"`), "", 500, 500},
		{"an object in the context", swap(`"user":"u"`, `"user":{}`), "", 0, 500},
		{"a list in the context", swap(`"user":"u"`, `"user":[]`), "", 0, 500},
		{"a condition", swap(`"Effect"`, `"Condition":{"Bool":{"a":"b"}},"Effect"`), "", 500, 500},
		{"NotResource", swap(`"Resource"`, `"NotResource"`), "", 500, 500},
	} {
		for _, kind := range []struct {
			name, stage, path string
			w                 *world
			want              int
			bodies            map[int]string
		}{
			{"HTTP", stage, "/notes", newHTTP(t, session("GET /notes")), tt.http, map[int]string{
				200: "hello", 401: `{"message":"Unauthorized"}`, 403: `{"message":"Forbidden"}`, 500: `{"message":"Internal Server Error"}`,
			}},
			{"REST", strings.TrimSuffix(restARN, "/"), "/prod/notes", newREST(t, template.Authorizer{}, "GET /notes"), tt.rest, map[int]string{
				200: "hello", 401: `{"message":"Unauthorized"}`, 403: `{"message":"User is not authorized to access this resource"}`, 500: `{"message":null}`,
			}},
		} {
			if kind.want == 0 {
				continue
			}
			t.Run(tt.name+" "+kind.name, func(t *testing.T) {
				kind.w.auth = func() (string, error) {
					if tt.fails != "" {
						return "", errors.New(tt.fails)
					}
					return strings.ReplaceAll(tt.answer, "STAGE", kind.stage), nil
				}
				answer := send(t, kind.w.gateway(), kind.want, get(kind.path))
				if answer.Body.String() != kind.bodies[kind.want] {
					t.Errorf("body = %s, want %s", answer.Body, kind.bodies[kind.want])
				}
				if called := len(kind.w.seen) > 0; called != (kind.want == 200) {
					t.Errorf("the function was called: %v, want %v", called, kind.want == 200)
				}
				if logged := kind.w.logged.Len() > 0; logged != (kind.want == 500) {
					t.Errorf("logged %q, want a line only for 500", kind.w.logged)
				}
			})
		}
	}
}

func TestAuthorizerSeesTheRequestWithoutItsBody(t *testing.T) {
	w := newHTTP(t, session("POST /notes/{id}"))
	send(t, w.gateway(), 200, request("POST", "/notes/7?a=1&a=2", "secret body",
		"Cookie", "sAccessToken=x; other=y", "Authorization", "Bearer 1", "Authorization", "Bearer 2"))
	w.asked[0].check(t, map[string]any{
		"version": "2.0", "type": "REQUEST", "routeArn": stage + "/POST/notes/7", "routeKey": "POST /notes/{id}",
		"headers.authorization": "Bearer 1,Bearer 2", "headers.cookie": nil, "body": nil,
		"cookies": []string{"sAccessToken=x", "other=y"}, "pathParameters.id": "7", "queryStringParameters.a": "1,2",
		"requestContext.http.method": "POST", "requestContext.apiId": "shop", "identitySource": nil,
	})
}

func TestContextReachesTheFunction(t *testing.T) {
	w := newHTTP(t, session("GET /notes"), open("GET /open"))
	w.do(get("/notes"))
	w.do(get("/open"))
	w.seen[0].check(t, map[string]any{"requestContext.authorizer.lambda": map[string]string{"user": "u"}, "requestContext.authorizer.iam": nil})
	w.seen[1].check(t, map[string]any{"requestContext.authorizer": nil})
}

// step is a request, its status, and how often the authorizer has been asked
// when it is over.
type step struct {
	method, path, token string
	want, asked         int
}

func TestIdentitySource(t *testing.T) {
	const header = "$request.header.Authorization"
	for _, tt := range []struct {
		name    string
		ttl     time.Duration
		sources []string
		steps   []step
	}{
		{"nothing is kept without TTL", 0, nil, []step{{"GET", "/notes", "a", 200, 1}, {"GET", "/notes", "a", 200, 2}}},
		{"by token", time.Minute, []string{header}, []step{{"GET", "/notes", "a", 200, 1}, {"GET", "/other", "a", 200, 1}}},
		{"by cookies", time.Minute, []string{"$request.header.cookie"},
			[]step{{"GET", "/notes", "a", 200, 1}, {"GET", "/notes", "b", 200, 2}, {"GET", "/notes", "a", 200, 2}}},
		{"by method", time.Minute, []string{header, "$context.httpMethod"},
			[]step{{"GET", "/notes", "a", 200, 1}, {"POST", "/notes", "a", 403, 2}}},
		{"by route", time.Minute, []string{header, "$context.routeKey"},
			[]step{{"GET", "/notes", "a", 200, 1}, {"GET", "/other", "a", 200, 2}}},
		{"by path", time.Minute, []string{"$context.path"},
			[]step{{"GET", "/notes", "a", 200, 1}, {"GET", "/other", "b", 200, 2}, {"GET", "/notes", "c", 200, 2}}},
		{"missing", time.Minute, []string{header}, []step{{"GET", "/notes", "", 401, 0}}},
		{"missing without TTL", 0, []string{header},
			[]step{{"GET", "/notes", "", 401, 0}, {"GET", "/notes", "a", 200, 1}, {"GET", "/notes", "a", 200, 2}}},
		{"query", time.Minute, []string{"$request.querystring.token"},
			[]step{{"GET", "/notes", "a", 401, 0}, {"GET", "/notes?token=a", "", 200, 1}, {"GET", "/other?token=a", "", 200, 1}}},
		{"two that read the same when run together", time.Minute, []string{"$request.querystring.a", "$request.querystring.b"},
			[]step{{"GET", "/notes?a=x&b=yz", "", 200, 1}, {"GET", "/notes?a=xy&b=z", "", 200, 2}, {"GET", "/notes?a=x&b=yz", "", 200, 2}}},
		{"unknown", time.Minute, []string{"$stageVariables.x"}, []step{{"GET", "/notes", "a", 401, 0}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newHTTP(t, session("GET /notes"), session("POST /notes"), session("GET /other")).keep(tt.ttl, tt.sources...)
			w.auth = func() (string, error) { return allow(stage + "/GET/*"), nil }
			g := w.gateway()
			for i, s := range tt.steps {
				send(t, g, s.want, request(s.method, s.path, "", "Authorization", s.token, "Cookie", "t="+s.token))
				if len(w.asked) != s.asked {
					t.Errorf("after request %d the authorizer was asked %d times, want %d", i, len(w.asked), s.asked)
				}
			}
		})
	}
}

// On both kinds of API a decision about a token is kept for its time, for every
// method.
func TestAnswersAreKeptAsLongAsTheAPISays(t *testing.T) {
	by := template.Authorizer{Function: "Auth", Sources: []string{"$request.header.Authorization"}, TTL: time.Minute}
	for prefix, w := range map[string]*world{
		"":      newHTTP(t, session("GET /notes"), session("POST /notes")).keep(by.TTL, by.Sources...),
		"/prod": newREST(t, by, "GET /notes", "POST /notes"),
	} {
		w.auth = func() (string, error) { return allow(apiARN + "*/GET/*"), nil }
		g := w.gateway()
		for i, step := range []struct {
			after time.Duration
			step
		}{
			{0, step{"GET", "/notes", "a", 200, 1}}, {0, step{"POST", "/notes", "a", 403, 1}},
			{0, step{"GET", "/notes", "b", 200, 2}}, {59 * time.Second, step{"GET", "/notes", "a", 200, 2}},
			{time.Second, step{"GET", "/notes", "a", 200, 3}},
		} {
			w.now = w.now.Add(step.after)
			send(t, g, step.want, request(step.method, prefix+step.path, "", "Authorization", step.token))
			if len(w.asked) != step.asked {
				t.Errorf("after request %d to %s asked %d times, want %d", i, prefix, len(w.asked), step.asked)
			}
		}
	}
}

// Errors and answers that are not understood are not kept.
func TestErrorsAreNotKept(t *testing.T) {
	for _, tt := range []struct {
		answer string
		err    error
		want   int
	}{{"", errors.New("Unauthorized"), 401}, {"broken", nil, 500}} {
		w := newHTTP(t, session("GET /notes")).keep(time.Minute, "$context.path")
		w.auth = func() (string, error) { return tt.answer, tt.err }
		g := w.gateway()
		for asked := 1; asked <= 2; asked++ {
			if send(t, g, tt.want, get("/notes")); len(w.asked) != asked {
				t.Errorf("answer %q, %v: after %d requests asked %d times", tt.answer, tt.err, asked, len(w.asked))
			}
		}
	}
}

func TestNewRefusesARouteWithAnUnknownAuthorizer(t *testing.T) {
	w := newHTTP(t)
	for _, auth := range []string{"", "Other"} {
		w.api.Routes = []template.Route{{Key: "GET /", Function: "Back", Auth: auth}}
		if _, err := gateway.New(gateway.Config{API: w.api, Invoke: w.invoke, Log: slog.New(slog.DiscardHandler)}); err == nil {
			t.Errorf("New with the authorizer %q = nil, want an error", auth)
		}
	}
	if _, err := gateway.New(gateway.Config{}); err == nil {
		t.Error("New of nothing = nil, want an error")
	}
}
