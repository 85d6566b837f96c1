package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/gateway/sigv4"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/test/client"
)

// localRun is a local run inside the test, with a clock that the test moves.
// Its client has no session.
type localRun struct {
	client.Client
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
	l := &localRun{t: t, now: time.Now().Truncate(time.Second)}
	var err error
	if l.handler, err = assemble(t.Context(), worldOf(t, l, authorizer, args...)); err != nil {
		t.Fatalf("assemble = %v, want nil", err)
	}
	l.Client = client.Client{T: t, URL: "http://127.0.0.1:8787", HTTP: &http.Client{Transport: l}}
	return l
}

// RoundTrip makes the run the transport of its clients.
func (l *localRun) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	r.RemoteAddr = "127.0.0.1:1234"
	l.handler.ServeHTTP(recorder, r)
	return recorder.Result(), nil
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

var person = client.Form("ada@example.com", client.Password)

// signUp returns a client with the session of a new user, and one that refreshes
// it.
func (l *localRun) signUp() (user, refresh client.Client) {
	l.t.Helper()
	user, refresh = l.Client, l.Client
	user.Bearer, refresh.Bearer = l.Post("/auth/signup", person).Want(200).Tokens()
	return user, refresh
}

// forged is a client whose token proves nothing.
func forged(c client.Client) client.Client {
	c.Bearer += "x"
	return c
}

// The access token ends when its time is over, and a refresh goes on.
func TestAccessTokenEnds(t *testing.T) {
	l := start(t, "-set", "AccessTokenSeconds=30")
	c, refresh := l.signUp()
	c.Get("/notes").Want(200)
	c.Post("/notes", `{"text":"milk"}`).Want(201)
	l.now = l.now.Add(30 * time.Second)
	c.Get("/notes").Want(401)
	c.Post("/notes", `{"text":"milk"}`).Want(401)
	c.With(refresh.Post("/auth/session/refresh", "").Want(200)).Get("/notes").Want(200)
}

// Each route is protected as the template says. A path reaches the API as the
// client spelled it, without a redirect.
func TestProtection(t *testing.T) {
	l := start(t)
	c, _ := l.signUp()
	for _, tt := range []struct {
		client       client.Client
		method, path string
		want         int
	}{
		{l.Client, "GET", "/notes", 401},
		{forged(c), "GET", "/notes", 401},
		{l.Client, "POST", "/notes", 401},
		{l.Client, "GET", "/greeting", 200},
		{c, "GET", "/greeting", 200},
		{forged(c), "GET", "/greeting", 401},
		{c, "GET", "/reports", 403},
		{c, "GET", "/auth/sessions", 200},
		{c, "GET", "/admin/sessions/x", 403},
		{l.Client, "GET", "/admin/sessions/x", 403},
		{l.Client, "GET", "/auth/jwt/jwks.json", 200},
		{l.Client, "GET", "/auth/.well-known/jwks.json", 200},
		{l.Client, "GET", "/auth/.well-known/openid-configuration", 200},
		{c, "GET", "/nowhere", 404},
		{c, "PUT", "/notes", 404},
		{l.Client, "POST", "/auth/nobody/signin", 400},
		{l.Client, "GET", "//notes", 404},
		{l.Client, "GET", "/notes/", 404},
		{l.Client, "GET", "/x/../notes", 404},
		{l.Client, "GET", "/notes/.", 404},
		{l.Client, "GET", "/admin/../notes", 404},
		{l.Client, "POST", "/openapi.yaml", 404},
	} {
		if err := tt.client.Do(tt.method, tt.path, "{}").Check(tt.want); err != nil {
			t.Error(err)
		}
	}
}

// invocations is the path of a function in Lambda's Invoke API.
func invocations(id string) string { return "/2015-03-31/functions/" + id + "/invocations" }

// Lambda's Invoke API calls the same functions over the same stores.
func TestInvokeAPIWorksOnTheSameState(t *testing.T) {
	l := start(t)
	l.signUp()
	event := `{"version":"2.0","routeKey":"POST /auth/signin","requestContext":{"http":{"method":"POST"}},` +
		`"headers":{"content-type":"application/json"},"body":` + quote(person) + `}`
	l.Post(invocations("SignInFunction"), event).Want(200).Saying(`"statusCode":200`).Saying("ada@example.com")
	refused := l.Post(invocations("AuthorizerFunction"),
		`{"type":"TOKEN","authorizationToken":"Bearer x","methodArn":"arn:aws:execute-api:us-east-1:123456789012:local/$default/GET/notes"}`)
	refused.Want(200).Saying(`{"errorMessage":"Unauthorized","errorType":"errorString"}`)
	if got := refused.Header.Get("X-Amz-Function-Error"); got != "Unhandled" {
		t.Errorf("X-Amz-Function-Error of a refusal = %q, want Unhandled", got)
	}
	l.Post(invocations("NoFunction"), "{}").Want(404)
	l.Get(invocations("JwksFunction")).Want(405)
}

// The description of the API is served as it is, beside the API.
func TestDescriptionIsServed(t *testing.T) {
	want, err := os.ReadFile("../../openapi.yaml")
	must(t, err)
	for _, template := range []string{"template.yaml", "examples/attach/http-api/template.yaml"} {
		answer := start(t, "-template", "../../"+template).Get("/openapi.yaml").Want(200)
		if kind := answer.Header.Get("Content-Type"); string(answer.Body) != string(want) || kind != "application/yaml" {
			t.Errorf("with %s, GET /openapi.yaml = %s, %d bytes, want the file", template, kind, len(answer.Body))
		}
	}
}

func quote(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

// inCookies returns a client with the session of a new user in cookies, and the
// cookies.
func (l *localRun) inCookies() (client.Client, []*http.Cookie) {
	l.t.Helper()
	c := l.Client
	c.InCookies = true
	c.Cookies = c.Post("/auth/signup", person).Want(200).Jar()
	return c, c.Cookies
}

// The API is reached by plain http, where a browser would drop Secure cookies.
func TestCookiesAreNotSecure(t *testing.T) {
	_, cookies := start(t).inCookies()
	for _, c := range cookies {
		if c.Secure || !c.HttpOnly || c.Domain != "" {
			t.Errorf("cookie %s has Secure %v, HttpOnly %v, Domain %q, want HttpOnly alone", c.Name, c.Secure, c.HttpOnly, c.Domain)
		}
	}
}

// Settings of the command line reach the functions.
func TestSettings(t *testing.T) {
	l := start(t, "-set", "Tenants=acme,public", "-set", "ApiDomain=api.example.com", "-set", "ApiGatewayPath=/v1")
	l.Post("/auth/acme/signup", person).Want(200).Saying(`"OK"`)
	l.Get("/auth/.well-known/openid-configuration").Want(200).Saying(`"issuer":"https://api.example.com/v1/auth"`)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
