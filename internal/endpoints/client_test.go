package endpoints_test

import (
	"context"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"

	kit "github.com/latchkey-auth/latchkey/test/client"
)

// client is a browser with a real cookie jar, or an app that keeps tokens of
// headers. It speaks to a stack as SuperTokens' frontends do.
type client struct {
	*stack
	t                      *testing.T
	jar                    *cookiejar.Jar
	mode                   string // what it says in st-auth-mode: cookie or header
	source                 string // its address
	host                   string // of the API
	doubled                bool   // something on the way doubles the cookies
	access, refresh, front string // kept of headers
}

func (s *stack) client(mode string) *client {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &client{stack: s, t: s.t, jar: jar, mode: mode, source: "192.0.2.1", host: "api.example.com"}
}

// request is what is sent.
type request struct {
	route   string            // route key that API Gateway would match
	params  map[string]string // path parameters
	query   map[string]string
	headers map[string]string // added; "" takes one away
	body    string
	admin   bool // signed with SigV4 by a backend
}

// answer is what comes of a request, its headers by names in lower case.
type answer = events.APIGatewayV2HTTPResponse

// request returns the request with the client's tokens.
func (c *client) request(ctx context.Context, r request) *http.Request {
	c.t.Helper()
	method, path, _ := strings.Cut(r.route, " ")
	for name, value := range r.params {
		path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(value))
	}
	query := url.Values{}
	for name, value := range r.query {
		query.Set(name, value)
	}
	h := httptest.NewRequestWithContext(ctx, method, path+"?"+query.Encode(), strings.NewReader(r.body))
	h.RemoteAddr = net.JoinHostPort(c.source, "443")
	headers := map[string]string{
		"rid": "session", "st-auth-mode": c.mode, "fdi-version": "4.1", "origin": page, "user-agent": "Mozilla/5.0", "content-type": "application/json",
		"cookie": strings.Join(c.cookieHeader(path), "; "),
	}
	if bearer := c.bearer(path); bearer != "" {
		headers["authorization"] = "Bearer " + bearer
	}
	maps.Copy(headers, r.headers)
	for name, value := range headers {
		if value != "" {
			h.Header.Set(name, value)
		}
	}
	if r.admin {
		key := aws.Credentials{AccessKeyID: backend, SecretAccessKey: backend}
		if err := kit.Sign(h, key, r.body, c.now()); err != nil {
			c.t.Fatal(err)
		}
	}
	return h
}

// cookieHeader returns the cookies that go to a path.
func (c *client) cookieHeader(path string) []string {
	var all []string
	for _, cookie := range c.jar.Cookies(c.url(path)) {
		all = append(all, cookie.Name+"="+cookie.Value)
	}
	if c.doubled {
		all = append(all, all...)
	}
	return all
}

func (c *client) bearer(path string) string {
	if strings.HasSuffix(path, "/session/refresh") {
		return c.refresh
	}
	return c.access
}

func (c *client) url(path string) *url.URL {
	return &url.URL{Scheme: "https", Host: c.host, Path: path}
}

// serve sends the request, and keeps nothing of the answer.
func (c *client) serve(ctx context.Context, r request) answer {
	c.t.Helper()
	return answered(c.entrance, c.request(ctx, r))
}

// answered returns what a gateway answers.
func answered(g http.Handler, r *http.Request) answer {
	recorder := httptest.NewRecorder()
	g.ServeHTTP(recorder, r)
	a := answer{StatusCode: recorder.Code, Headers: map[string]string{}, Body: recorder.Body.String()}
	for name, values := range recorder.Header() {
		if name == "Set-Cookie" {
			a.Cookies = values
			continue
		}
		a.Headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	return a
}

// send sends the request and keeps what the answer says to keep.
func (c *client) send(r request) answer {
	c.t.Helper()
	a := c.serve(c.t.Context(), r)
	_, path, _ := strings.Cut(r.route, " ")
	c.receive(path, a)
	return a
}

func (c *client) receive(path string, a answer) {
	set := http.Response{Header: http.Header{"Set-Cookie": a.Cookies}}
	c.jar.SetCookies(c.url(path), set.Cookies())
	for name, kept := range map[string]*string{"st-access-token": &c.access, "st-refresh-token": &c.refresh} {
		if value, there := a.Headers[name]; there {
			*kept = value
		}
	}
	switch front := a.Headers["front-token"]; front {
	case "":
	case "remove":
		c.front = ""
	default:
		c.front = front
	}
}

// tokens returns the tokens that the client would send, wherever it keeps them.
func (c *client) tokens() (access, refresh string) {
	access, refresh = c.access, c.refresh
	for _, cookie := range c.jar.Cookies(c.url("/auth/session/refresh")) {
		switch cookie.Name {
		case "sAccessToken":
			access = cookie.Value
		case "sRefreshToken":
			refresh = cookie.Value
		}
	}
	return access, refresh
}

// expect sends the request and asserts the status of the answer.
func (c *client) expect(status int, r request) answer {
	c.t.Helper()
	a := c.send(r)
	if a.StatusCode != status {
		c.t.Fatalf("%s = %d %s, want %d", r.route, a.StatusCode, a.Body, status)
	}
	return a
}

const password = "correct horse battery 9"

func form(email, password string) string { return kit.Form(email, password) }

// signUp creates an account, and with it a session.
func (c *client) signUp(email string) answer {
	c.t.Helper()
	return c.expect(200, request{route: "POST /auth/signup", body: form(email, password)})
}

// signedUp returns a client of a new stack who is signed in.
func signedUp(t *testing.T, mode string) *client {
	t.Helper()
	c := newStack(t).client(mode)
	c.signUp("alice@example.com")
	if access, refresh := c.tokens(); access == "" || refresh == "" || c.front == "" {
		t.Fatalf("sign-up by %s gave no tokens", mode)
	}
	return c
}

// decoded returns the body of an answer.
func decoded(t *testing.T, a answer) map[string]any {
	t.Helper()
	var body map[string]any
	if err := json.Unmarshal([]byte(a.Body), &body); err != nil {
		t.Fatalf("body %q is no JSON object: %v", a.Body, err)
	}
	return body
}

// handle returns the handle of the client's session.
func (c *client) handle() string {
	c.t.Helper()
	a := c.expect(200, request{route: "GET /auth/sessions"})
	for _, each := range decoded(c.t, a)["sessions"].([]any) {
		if session := each.(map[string]any); session["current"] == true {
			return session["handle"].(string)
		}
	}
	c.t.Fatalf("no current session in %s", a.Body)
	return ""
}

// eachMode runs a test for a browser with cookies and for an app with headers.
func eachMode(t *testing.T, test func(t *testing.T, c *client)) {
	for _, mode := range []string{"cookie", "header"} {
		t.Run(mode, func(t *testing.T) { test(t, signedUp(t, mode)) })
	}
}
