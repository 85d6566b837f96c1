package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/gateway/sigv4"
	"github.com/latchkey-auth/latchkey/internal/setup"
)

// localRun is a local run inside the test, with a clock that the test moves.
type localRun struct {
	t       *testing.T
	handler http.Handler
	now     time.Time
}

func start(t *testing.T, args ...string) *localRun {
	t.Helper()
	return startWith(t, nil, append([]string{"-template", "../../template.yaml"}, args...)...)
}

// startWith is start with another authorizer than Latchkey's own, nil for that,
// and any template.
func startWith(t *testing.T, authorizer setup.Constructor, args ...string) *localRun {
	t.Helper()
	l := &localRun{t: t, now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}
	var err error
	if l.handler, err = assemble(context.Background(), worldOf(t, l, authorizer, args...)); err != nil {
		t.Fatalf("assemble = %v, want nil", err)
	}
	return l
}

// worldOf reads the templates that the arguments name.
func worldOf(t *testing.T, l *localRun, authorizer setup.Constructor, args ...string) world {
	t.Helper()
	o, err := parseOptions(append([]string{"-latchkey", "../../template.yaml"}, args...))
	if err != nil {
		t.Fatalf("parseOptions = %v, want nil", err)
	}
	stack, attaching, err := readStack(o)
	if err != nil {
		t.Fatalf("readStack = %v, want nil", err)
	}
	w := world{
		options: o, stack: stack, url: "http://127.0.0.1:8787", getenv: func(string) string { return "" },
		key: sigv4.Key{ID: "AKIDLOCAL", Secret: "a secret", Region: "us-east-1"}, authorizer: authorizer,
		now: func() time.Time { return l.now }, log: slog.New(slog.DiscardHandler),
	}
	if err := w.attach(attaching); err != nil {
		t.Fatalf("attach = %v, want nil", err)
	}
	return w
}

// do sends a request with a bearer token, "" for none.
func (l *localRun) do(method, path, bearer, body string) *httptest.ResponseRecorder {
	l.t.Helper()
	return l.doAt("127.0.0.1:8787", method, path, bearer, body)
}

// doAt is do at another host.
func (l *localRun) doAt(host, method, path, bearer, body string) *httptest.ResponseRecorder {
	l.t.Helper()
	r := httptest.NewRequest(method, "http://"+host+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	recorder := httptest.NewRecorder()
	l.handler.ServeHTTP(recorder, r)
	return recorder
}

const person = `{"formFields":[{"id":"email","value":"ada@example.com"},{"id":"password","value":"nine tall birches by the river"}]}`

// signUp returns the access token and the refresh token of a new user.
func (l *localRun) signUp() (access, refresh string) {
	l.t.Helper()
	answer := l.do("POST", "/auth/signup", "", person)
	access, refresh = answer.Header().Get("St-Access-Token"), answer.Header().Get("St-Refresh-Token")
	if answer.Code != 200 || access == "" || refresh == "" {
		l.t.Fatalf("POST /auth/signup = %d %s, want 200 and tokens", answer.Code, answer.Body)
	}
	return access, refresh
}

// want checks the status of a request.
func (l *localRun) want(status int, method, path, bearer, body string) *httptest.ResponseRecorder {
	l.t.Helper()
	answer := l.do(method, path, bearer, body)
	if answer.Code != status {
		l.t.Errorf("%s %s = %d %s, want %d", method, path, answer.Code, answer.Body, status)
	}
	return answer
}

// The access token ends when its time is over, and a refresh goes on.
func TestAccessTokenEnds(t *testing.T) {
	l := start(t, "-set", "AccessTokenSeconds=30")
	access, refresh := l.signUp()
	l.want(200, "GET", "/notes", access, "")
	l.want(201, "POST", "/notes", access, `{"text":"milk"}`)
	l.now = l.now.Add(30 * time.Second)
	l.want(401, "GET", "/notes", access, "")
	l.want(401, "POST", "/notes", access, `{"text":"milk"}`)
	access = l.want(200, "POST", "/auth/session/refresh", refresh, "").Header().Get("St-Access-Token")
	l.want(200, "GET", "/notes", access, "")
}

func TestProtection(t *testing.T) {
	l := start(t)
	access, _ := l.signUp()
	for _, tt := range []struct {
		method, path, bearer string
		want                 int
	}{
		{"GET", "/notes", "", 401},
		{"GET", "/notes", access + "x", 401},
		{"POST", "/notes", "", 401},
		{"GET", "/greeting", "", 200},
		{"GET", "/greeting", access, 200},
		{"GET", "/greeting", access + "x", 401},
		{"GET", "/reports", access, 403},
		{"GET", "/auth/sessions", access, 200},
		{"GET", "/admin/sessions/x", access, 403},
		{"GET", "/admin/sessions/x", "", 403},
		{"GET", "/auth/jwt/jwks.json", "", 200},
		{"GET", "/auth/.well-known/jwks.json", "", 200},
		{"GET", "/auth/.well-known/openid-configuration", "", 200},
		{"GET", "/nowhere", access, 404},
		{"PUT", "/notes", access, 404},
		{"POST", "/auth/nobody/signin", "", 400},
	} {
		l.want(tt.want, tt.method, tt.path, tt.bearer, "{}")
	}
}

// Lambda's Invoke API calls the same functions over the same stores.
func TestInvokeAPIWorksOnTheSameState(t *testing.T) {
	l := start(t)
	l.signUp()
	event := `{"version":"2.0","routeKey":"POST /auth/signin","requestContext":{"http":{"method":"POST"}},` +
		`"headers":{"content-type":"application/json"},"body":` + quote(person) + `}`
	answer := l.want(200, "POST", "/2015-03-31/functions/SignInFunction/invocations", "", event)
	if body := answer.Body.String(); !strings.Contains(body, `"statusCode":200`) || !strings.Contains(body, `ada@example.com`) {
		t.Errorf("sign-in by the Invoke API = %s, want the user who signed up over HTTP", body)
	}
	refused := l.want(200, "POST", "/2015-03-31/functions/AuthorizerFunction/invocations", "",
		`{"type":"TOKEN","authorizationToken":"Bearer x","methodArn":"arn:aws:execute-api:us-east-1:123456789012:local/$default/GET/notes"}`)
	if refused.Body.String() != `{"errorMessage":"Unauthorized","errorType":"errorString"}` || refused.Header().Get("X-Amz-Function-Error") != "Unhandled" {
		t.Errorf("authorizer by the Invoke API = %s, want the error Unauthorized", refused.Body)
	}
	l.want(404, "POST", "/2015-03-31/functions/NoFunction/invocations", "", "{}")
	l.want(405, "GET", "/2015-03-31/functions/JwksFunction/invocations", "", "")
}

// A path reaches the API as the client spelled it, without a redirect.
func TestPathsAreNotTidied(t *testing.T) {
	l := start(t)
	for _, path := range []string{"//notes", "/notes/", "/x/../notes", "/notes/.", "/admin/../notes"} {
		l.want(404, "GET", path, "", "")
	}
}

// The description of the API is served as it is, beside the API.
func TestDescriptionIsServed(t *testing.T) {
	want, err := os.ReadFile("../../openapi.yaml")
	must(t, err)
	for _, args := range [][]string{nil, {"-template", "../../examples/attach/http-api/template.yaml"}} {
		answer := start(t, args...).want(200, "GET", "/openapi.yaml", "", "")
		if answer.Body.String() != string(want) || answer.Header().Get("Content-Type") != "application/yaml" {
			t.Errorf("with %v, GET /openapi.yaml = %s, %d bytes, want the file", args, answer.Header().Get("Content-Type"), answer.Body.Len())
		}
	}
	start(t).want(404, "POST", "/openapi.yaml", "", "{}")
}

func quote(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

// The API is reached by plain http, where a browser would drop Secure cookies.
func TestCookiesAreNotSecure(t *testing.T) {
	for _, c := range start(t).signUpWithCookies() {
		if c.Secure || !c.HttpOnly || c.Domain != "" {
			t.Errorf("cookie %s has Secure %v, HttpOnly %v, Domain %q, want HttpOnly alone", c.Name, c.Secure, c.HttpOnly, c.Domain)
		}
	}
}

// Settings of the command line reach the functions, and what they do not
// accept ends the start with the variable's name.
func TestSettings(t *testing.T) {
	l := start(t, "-set", "Tenants=acme,public", "-set", "ApiDomain=api.example.com", "-set", "ApiGatewayPath=/v1")
	if answer := l.do("POST", "/auth/acme/signup", "", person); answer.Code != 200 {
		t.Errorf("sign-up of the tenant = %d %s, want 200", answer.Code, answer.Body)
	}
	var discovery struct{ Issuer string }
	answer := l.do("GET", "/auth/.well-known/openid-configuration", "", "")
	if json.Unmarshal(answer.Body.Bytes(), &discovery); discovery.Issuer != "https://api.example.com/v1/auth" {
		t.Errorf("issuer = %q, want that of the domain", discovery.Issuer)
	}
	for _, tt := range []struct {
		set  []string
		want string
	}{
		{[]string{"IdleSeconds=10", "AccessTokenSeconds=20"}, "IDLE_SECONDS must be at least ACCESS_TOKEN_SECONDS and ROTATION_GAP_SECONDS together"},
		{[]string{"RotationGapSeconds=10"}, "ROTATION_GAP_SECONDS"},
		{[]string{"AccessTokenSeconds=86401"}, "parameter AccessTokenSeconds"},
		{[]string{"NoSuch=1"}, "there is no parameter NoSuch"},
		{[]string{"CookieSameSite=none"}, "CookieSameSite=none needs https"},
	} {
		args := []string{"-template", "../../template.yaml", "-addr", "127.0.0.1:0"}
		for _, s := range tt.set {
			args = append(args, "-set", s)
		}
		if err := run(context.Background(), args, io.Discard); err == nil || strings.Count(err.Error(), tt.want) != 1 {
			t.Errorf("run with %v = %v, want %q, once", tt.set, err, tt.want)
		}
	}
}

// kidOf returns the key id in a token's header.
func kidOf(t *testing.T, access string) (kid, alg string) {
	t.Helper()
	head, _, _ := strings.Cut(access, ".")
	text, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		t.Fatalf("header of the token: %v", err)
	}
	var header struct{ Kid, Alg string }
	if err := json.Unmarshal(text, &header); err != nil {
		t.Fatalf("header of the token: %v", err)
	}
	return header.Kid, header.Alg
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
