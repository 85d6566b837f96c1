package gateway_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/internal/gateway"
	"github.com/latchkey-auth/latchkey/internal/template"
)

const stage = "arn:aws:execute-api:us-east-1:123456789012:local/$default"

func TestAuthorizerOutcomes(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer string
		err    error
		want   int
		body   string
	}{
		{"allow", allow(stage + "/GET/*"), nil, 200, "hello"},
		{"unauthorized", "", errors.New("Unauthorized"), 401, `{"message":"Unauthorized"}`},
		{"unauthorized, wrapped", "", errors.New("verify: Unauthorized"), 500, `{"message":"Internal Server Error"}`},
		{"unauthorized in small letters", "", errors.New("unauthorized"), 500, `{"message":"Internal Server Error"}`},
		{"another error", "", errors.New("store down"), 500, `{"message":"Internal Server Error"}`},
		{"deny", decision(statement("Deny", stage+"/*")), nil, 403, `{"message":"Forbidden"}`},
		{"allow and deny", decision(statement("Allow", "*"), statement("Deny", stage+"/GET/*")), nil, 403, `{"message":"Forbidden"}`},
		{"allow of another verb", allow(stage + "/POST/*"), nil, 403, `{"message":"Forbidden"}`},
		{"no answer", "", nil, 500, `{"message":"Internal Server Error"}`},
		{"null", "null", nil, 500, `{"message":"Internal Server Error"}`},
		{"no principal", `{"policyDocument":{"Version":"2012-10-17","Statement":[` + statement("Allow", "*") + `]}}`, nil, 500, `{"message":"Internal Server Error"}`},
		{"no policy", `{"principalId":"u"}`, nil, 500, `{"message":"Internal Server Error"}`},
		{"simple response", `{"isAuthorized":true}`, nil, 500, `{"message":"Internal Server Error"}`},
		{"context that is no object", strings.Replace(allow("*"), `{"user":"u"}`, `"u"`, 1), nil, 500, `{"message":"Internal Server Error"}`},
		{"a condition", strings.Replace(allow("*"), `"Effect"`, `"Condition":{"Bool":{"a":"b"}},"Effect"`, 1), nil, 500, `{"message":"Internal Server Error"}`},
		{"NotResource", strings.Replace(allow("*"), `"Resource"`, `"NotResource"`, 1), nil, 500, `{"message":"Internal Server Error"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, session("GET /notes"))
			w.auth = func(events.APIGatewayV2CustomAuthorizerV2Request) (string, error) { return tt.answer, tt.err }
			answer := w.do(get("/notes"))
			if answer.Code != tt.want || answer.Body.String() != tt.body {
				t.Errorf("GET /notes = %d %s, want %d %s", answer.Code, answer.Body, tt.want, tt.body)
			}
			if called := len(w.seen) > 0; called != (tt.want == 200) {
				t.Errorf("the function was called: %v, want %v", called, tt.want == 200)
			}
			if logged := w.logged.Len() > 0; logged != (tt.want == 500) {
				t.Errorf("logged %q, want a line only for 500", w.logged)
			}
		})
	}
}

func TestAuthorizerSeesTheRequestWithoutItsBody(t *testing.T) {
	w := newWorld(t, session("POST /notes/{id}"))
	var seen events.APIGatewayV2CustomAuthorizerV2Request
	w.auth = func(e events.APIGatewayV2CustomAuthorizerV2Request) (string, error) { seen = e; return allow("*"), nil }
	r := httptest.NewRequest("POST", "http://127.0.0.1:8787/notes/7?a=1&a=2", strings.NewReader("secret body"))
	r.Header.Set("Cookie", "sAccessToken=x; other=y")
	r.Header.Add("Authorization", "Bearer 1")
	r.Header.Add("Authorization", "Bearer 2")
	if answer := w.do(r); answer.Code != 200 {
		t.Fatalf("POST = %d, want 200", answer.Code)
	}
	if seen.Version != "2.0" || seen.Type != "REQUEST" || seen.RouteArn != stage+"/POST/notes/7" || seen.RouteKey != "POST /notes/{id}" {
		t.Errorf("event is %q %q %q %q", seen.Version, seen.Type, seen.RouteArn, seen.RouteKey)
	}
	if seen.Headers["authorization"] != "Bearer 1,Bearer 2" || seen.Headers["cookie"] != "" {
		t.Errorf("headers are %v, want both values in one and no cookie", seen.Headers)
	}
	if strings.Join(seen.Cookies, "|") != "sAccessToken=x|other=y" || seen.PathParameters["id"] != "7" || seen.QueryStringParameters["a"] != "1,2" {
		t.Errorf("cookies %v, path %v, query %v", seen.Cookies, seen.PathParameters, seen.QueryStringParameters)
	}
	if seen.RequestContext.HTTP.Method != "POST" || seen.RequestContext.APIID != "local" || len(seen.IdentitySource) != 0 {
		t.Errorf("context is %+v, identity %v", seen.RequestContext, seen.IdentitySource)
	}
}

func TestContextReachesTheFunction(t *testing.T) {
	w := newWorld(t, session("GET /notes"), open("GET /open"))
	w.do(get("/notes"))
	if a := w.last().RequestContext.Authorizer; a == nil || a.Lambda["user"] != "u" || a.IAM != nil {
		t.Errorf("authorizer context = %+v, want user u", a)
	}
	w.do(get("/open"))
	if a := w.last().RequestContext.Authorizer; a != nil {
		t.Errorf("authorizer context of an open route = %+v, want none", a)
	}
}

func TestNothingIsKeptWithoutTTL(t *testing.T) {
	w := newWorld(t, session("GET /notes"))
	g := w.gateway()
	for range 3 {
		g.ServeHTTP(httptest.NewRecorder(), get("/notes"))
	}
	if w.asked != 3 {
		t.Errorf("the authorizer was asked %d times, want 3", w.asked)
	}
}

func TestIdentitySource(t *testing.T) {
	keep := func(ttl time.Duration, sources ...string) *world {
		w := newWorld(t, session("GET /notes"), session("POST /notes"), session("GET /other"))
		w.api.Authorizers["Session"] = template.Authorizer{Function: "Auth", Sources: sources, TTL: ttl}
		w.auth = func(events.APIGatewayV2CustomAuthorizerV2Request) (string, error) {
			return allow(stage + "/GET/*"), nil
		}
		return w
	}
	as := func(method, path, token string) (r *requestOf) { return &requestOf{method, path, token} }
	for _, tt := range []struct {
		name     string
		w        *world
		requests []*requestOf
		statuses []int
		asked    int
	}{
		{"kept for the same token", keep(time.Minute, "$request.header.Authorization"),
			[]*requestOf{as("GET", "/notes", "a"), as("GET", "/other", "a"), as("GET", "/notes", "b")}, []int{200, 200, 200}, 2},
		{"a read's answer does not let a write pass", keep(time.Minute, "$request.header.Authorization"),
			[]*requestOf{as("GET", "/notes", "a"), as("POST", "/notes", "a")}, []int{200, 403}, 1},
		{"by method", keep(time.Minute, "$request.header.Authorization", "$context.httpMethod"),
			[]*requestOf{as("GET", "/notes", "a"), as("POST", "/notes", "a")}, []int{200, 403}, 2},
		{"by route", keep(time.Minute, "$request.header.Authorization", "$context.routeKey"),
			[]*requestOf{as("GET", "/notes", "a"), as("GET", "/other", "a")}, []int{200, 200}, 2},
		{"by path", keep(time.Minute, "$context.path"),
			[]*requestOf{as("GET", "/notes", "a"), as("GET", "/other", "b"), as("GET", "/notes", "c")}, []int{200, 200, 200}, 2},
		{"missing", keep(time.Minute, "$request.header.Authorization"),
			[]*requestOf{as("GET", "/notes", "")}, []int{401}, 0},
		{"missing without TTL", keep(0, "$request.header.Authorization"),
			[]*requestOf{as("GET", "/notes", ""), as("GET", "/notes", "a"), as("GET", "/notes", "a")}, []int{401, 200, 200}, 2},
		{"query", keep(time.Minute, "$request.querystring.token"),
			[]*requestOf{as("GET", "/notes", "a"), as("GET", "/notes?token=a", ""), as("GET", "/other?token=a", "")}, []int{401, 200, 200}, 1},
		{"unknown", keep(time.Minute, "$stageVariables.x"), []*requestOf{as("GET", "/notes", "a")}, []int{401}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := tt.w.gateway()
			for i, request := range tt.requests {
				recorder := httptest.NewRecorder()
				r := httptest.NewRequest(request.method, "http://127.0.0.1"+request.path, nil)
				if request.token != "" {
					r.Header.Set("Authorization", request.token)
				}
				g.ServeHTTP(recorder, r)
				if recorder.Code != tt.statuses[i] {
					t.Errorf("request %d = %d, want %d", i, recorder.Code, tt.statuses[i])
				}
			}
			if tt.w.asked != tt.asked {
				t.Errorf("the authorizer was asked %d times, want %d", tt.w.asked, tt.asked)
			}
		})
	}
}

type requestOf struct{ method, path, token string }

func TestAnswersAreKeptAsLongAsTheAPISays(t *testing.T) {
	w := newWorld(t, session("GET /notes"))
	w.api.Authorizers["Session"] = template.Authorizer{Function: "Auth", Sources: []string{"$request.header.cookie"}, TTL: time.Minute}
	g := w.gateway()
	for _, step := range []struct {
		after time.Duration
		asked int
	}{{0, 1}, {59 * time.Second, 1}, {time.Second, 2}} {
		w.now = w.now.Add(step.after)
		r := get("/notes")
		r.Header.Set("Cookie", "sAccessToken=a")
		g.ServeHTTP(httptest.NewRecorder(), r)
		if w.asked != step.asked {
			t.Errorf("asked %d times, want %d", w.asked, step.asked)
		}
	}
}

// Errors, and answers that are not understood, are no answers to keep.
func TestErrorsAreNotKept(t *testing.T) {
	for _, tt := range []struct {
		answer string
		err    error
		want   int
	}{{"", errors.New("Unauthorized"), 401}, {"broken", nil, 500}} {
		w := newWorld(t, session("GET /notes"))
		w.api.Authorizers["Session"] = template.Authorizer{Function: "Auth", Sources: []string{"$context.path"}, TTL: time.Minute}
		w.auth = func(events.APIGatewayV2CustomAuthorizerV2Request) (string, error) { return tt.answer, tt.err }
		g := w.gateway()
		for asked := 1; asked <= 2; asked++ {
			recorder := httptest.NewRecorder()
			g.ServeHTTP(recorder, get("/notes"))
			if recorder.Code != tt.want || w.asked != asked {
				t.Errorf("answer %q, %v: GET = %d after %d calls, want %d after %d", tt.answer, tt.err, recorder.Code, w.asked, tt.want, asked)
			}
		}
	}
}

// Two identities that read the same when run together are two.
func TestIdentitiesDoNotRunTogether(t *testing.T) {
	w := newWorld(t, session("GET /notes"))
	w.api.Authorizers["Session"] = template.Authorizer{
		Function: "Auth", Sources: []string{"$request.querystring.a", "$request.querystring.b"}, TTL: time.Minute,
	}
	g := w.gateway()
	for asked, query := range []string{"?a=x&b=yz", "?a=xy&b=z", "?a=x&b=yz"} {
		g.ServeHTTP(httptest.NewRecorder(), get("/notes"+query))
		if want := min(asked+1, 2); w.asked != want {
			t.Errorf("after %s the authorizer was asked %d times, want %d", query, w.asked, want)
		}
	}
}

func TestNewRefusesARouteWithAnUnknownAuthorizer(t *testing.T) {
	w := newWorld(t)
	for _, auth := range []string{"", "Other"} {
		w.api.Routes = []template.Route{{Key: "GET /", Function: "Back", Auth: auth}}
		if _, err := gateway.New(gateway.Config{API: w.api, Invoke: w.invoke, Log: quiet()}); err == nil {
			t.Errorf("New with the authorizer %q = nil, want an error", auth)
		}
	}
	if _, err := gateway.New(gateway.Config{}); err == nil {
		t.Error("New of nothing = nil, want an error")
	}
}
