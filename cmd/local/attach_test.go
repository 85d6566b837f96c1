package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/internal/setup"
)

// example returns the arguments that serve one of examples/attach.
func example(name string) []string {
	return []string{"-template", "../../examples/attach/" + name + "/template.yaml"}
}

const shop = "shopapi.localhost:8787"

// at sends a request to the attached API and checks its status.
func (l *localRun) at(status int, method, path, bearer string) *httptest.ResponseRecorder {
	l.t.Helper()
	answer := l.doAt(shop, method, path, bearer, "{}")
	if answer.Code != status {
		l.t.Errorf("%s %s = %d %s, want %d", method, path, answer.Code, answer.Body, status)
	}
	return answer
}

// checked returns what the backend says the decision rests on.
func checked(t *testing.T, answer *httptest.ResponseRecorder) string {
	t.Helper()
	var body struct{ User, Checked string }
	if err := json.Unmarshal(answer.Body.Bytes(), &body); err != nil || body.User == "" {
		t.Errorf("answer %s names no user", answer.Body)
	}
	return body.Checked
}

// On every kind of API a write is refused as soon as the session is revoked,
// and a read when its token ends.
func TestAttachedWalk(t *testing.T) {
	for name, tt := range map[string]struct {
		args []string
		path string
	}{
		"HTTP":   {example("http-api"), "/me"},
		"hybrid": {append(example("hybrid"), "-set", "SigningAlgorithm=RS256"), "/me"},
		"REST":   {example("rest-api"), "/prod/me"},
		"REST, of one header": {
			[]string{"-template", changed(t, "rest-api", "FunctionPayloadType: REQUEST", "FunctionPayloadType: TOKEN")}, "/prod/me",
		},
	} {
		t.Run(name, func(t *testing.T) {
			l, path := startWith(t, nil, tt.args...), tt.path
			access, refresh := l.signUp()
			if got := checked(t, l.at(200, "GET", path, access)); got != "token" {
				t.Errorf("GET was checked by %q, want token", got)
			}
			if got := checked(t, l.at(200, "POST", path, access)); got != "store" {
				t.Errorf("POST was checked by %q, want store", got)
			}
			l.at(401, "GET", path, "")
			l.at(401, "POST", path, "")
			l.at(401, "GET", path, access+"x")
			l.want(200, "POST", "/auth/signout", access, "")
			l.at(401, "POST", path, access)
			l.at(200, "GET", path, access)
			l.want(401, "POST", "/auth/session/refresh", refresh, "")
			l.now = l.now.Add(time.Hour)
			l.at(401, "GET", path, access)
		})
	}
}

// A route chooses by the ARN of an alias: checked refuses a revoked session's
// read as well, optional lets a stranger pass and nobody's bad token. What a
// route asks of claims its function asserts, and says so.
func TestAttachedByAlias(t *testing.T) {
	l := startWith(t, nil, example("aliases")...)
	access, _ := l.signUp()
	for _, path := range []string{"/me", "/welcome"} {
		if got, want := checked(t, l.at(200, "GET", path, access)), map[string]string{"/me": "store", "/welcome": "token"}[path]; got != want {
			t.Errorf("GET %s was checked by %q, want %q", path, got, want)
		}
		l.at(401, "GET", path, access+"x")
	}
	if body := l.at(403, "GET", "/reports", access).Body.String(); !strings.Contains(body, `"claimValidationErrors":[{"id":"st-role"`) {
		t.Errorf("a report without the role says %s, want what is missing", body)
	}
	l.want(200, "POST", "/auth/signout", access, "")
	l.at(401, "GET", "/me", access)
	l.at(401, "GET", "/reports", access)
	l.at(200, "GET", "/welcome", access)
	l.at(200, "GET", "/welcome", "")
	l.at(401, "GET", "/me", "")
}

// An API whose authorizer has another alias answers an error and lets nobody pass.
func TestAttachedByAnUnknownAlias(t *testing.T) {
	file := changed(t, "aliases", `{Fn::ImportValue: !Sub "${LatchkeyStack}-AuthorizerOptionalArn"}`, "arn:aws:lambda:us-east-1:123456789012:function:AuthorizerFunction:open")
	l := startWith(t, nil, "-template", file)
	l.at(500, "GET", "/welcome", "")
}

// needsAdmin is Latchkey's authorizer with a claim that every caller must have.
func needsAdmin() setup.Constructor {
	return setup.Authorizer(func(bool) ([]authorizer.Rule, []authorizer.Validator) {
		return nil, []authorizer.Validator{authorizer.Includes("st-role", "admin")}
	})
}

// cannotJudge is an authorizer that cannot judge.
func cannotJudge(setup.Config, setup.Backends) (setup.Handler, error) {
	down := func(context.Context, json.RawMessage) (any, error) { return nil, errors.New("storage is down") }
	return setup.Handler{Handler: lambda.NewHandler(down)}, nil
}

// A REST API's own answers can be read by pages, and a 403 says which claims
// are missing.
func TestAttachedRefusals(t *testing.T) {
	for _, tt := range []struct {
		name       string
		authorizer setup.Constructor
		bearer     bool
		path       string
		want       int
		challenge  string
		body       string
	}{
		{"no token", nil, false, "/prod/me", 401, `Bearer error="invalid_token"`, `{"message":"unauthorised"}`},
		{"missing claim", needsAdmin(), true, "/prod/me", 403, `Bearer error="insufficient_scope"`, `{"message":"invalid claim","claimValidationErrors":[{"id":"st-role",`},
		{"cannot judge", cannotJudge, true, "/prod/me", 500, "", `{"message":null}`},
		{"no such resource", nil, true, "/prod/nowhere", 403, "", `{"message":"Missing Authentication Token"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := startWith(t, tt.authorizer, example("rest-api")...)
			bearer, _ := l.signUp()
			if !tt.bearer {
				bearer = ""
			}
			answer := l.at(tt.want, "POST", tt.path, bearer)
			if got := answer.Header().Get("WWW-Authenticate"); got != tt.challenge {
				t.Errorf("WWW-Authenticate = %q, want %q", got, tt.challenge)
			}
			if !strings.HasPrefix(answer.Body.String(), tt.body) || !json.Valid(answer.Body.Bytes()) {
				t.Errorf("body = %s, want %s", answer.Body, tt.body)
			}
			if h := answer.Header(); h.Get("Access-Control-Allow-Origin") != "http://localhost:3000" || h.Get("Access-Control-Allow-Credentials") != "true" {
				t.Errorf("headers %v, want that the page may read the answer", h)
			}
		})
	}
}

// With one domain the cookies of a sign-in reach the other API too.
func TestCustomDomainWalk(t *testing.T) {
	l := startWith(t, nil, example("custom-domain")...)
	cookies := l.signUpWithCookies()
	send := func(want int, method, path string) *httptest.ResponseRecorder {
		t.Helper()
		r := httptest.NewRequest(method, "http://127.0.0.1:8787"+path, nil)
		r.Header.Set("Rid", "session")
		for _, c := range cookies {
			r.AddCookie(c)
		}
		answer := httptest.NewRecorder()
		l.handler.ServeHTTP(answer, r)
		if answer.Code != want {
			t.Errorf("%s %s = %d %s, want %d", method, path, answer.Code, answer.Body, want)
		}
		return answer
	}
	if got := checked(t, send(200, "GET", "/shop/me")); got != "token" {
		t.Errorf("GET was checked by %q, want token", got)
	}
	if got := checked(t, send(200, "POST", "/shop/me")); got != "store" {
		t.Errorf("POST was checked by %q, want store", got)
	}
	send(404, "GET", "/shopping/me")
	send(404, "GET", "/shop")
	asterisk := httptest.NewRequest("OPTIONS", "*", nil) // RFC 9110, section 9.3.7
	asterisk.Host = "127.0.0.1:8787"
	answer := httptest.NewRecorder()
	if l.handler.ServeHTTP(answer, asterisk); answer.Code != 404 {
		t.Errorf("OPTIONS * = %d, want 404", answer.Code)
	}
	l.at(404, "GET", "/me", "")
	send(200, "POST", "/auth/signout")
	send(401, "POST", "/shop/me")
}

// signUpWithCookies returns the cookies of a new user.
func (l *localRun) signUpWithCookies() []*http.Cookie {
	l.t.Helper()
	answer := httptest.NewRecorder()
	r := httptest.NewRequest("POST", "http://127.0.0.1:8787/auth/signup", strings.NewReader(person))
	r.Header.Set("St-Auth-Mode", "cookie")
	r.Header.Set("Content-Type", "application/json")
	l.handler.ServeHTTP(answer, r)
	if cookies := answer.Result().Cookies(); answer.Code == 200 && len(cookies) == 2 {
		return cookies
	}
	l.t.Fatalf("sign-up = %d %s, want 200 and two cookies", answer.Code, answer.Body)
	return nil
}
