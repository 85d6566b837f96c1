package endpoints_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
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

// event is the request as API Gateway hands it over, with the client's tokens.
func (c *client) event(r request) httpEvent {
	method, path, _ := strings.Cut(r.route, " ")
	for name, value := range r.params {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	e := httpEvent{
		Version: "2.0", RouteKey: r.route, RawPath: path, PathParameters: r.params, QueryStringParameters: r.query,
		Headers: map[string]string{"rid": "session", "st-auth-mode": c.mode, "fdi-version": "4.1", "origin": page}, Body: r.body,
	}
	e.RequestContext.RouteKey, e.RequestContext.APIID, e.RequestContext.Stage = r.route, apiID, "$default"
	e.RequestContext.HTTP = events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: method, Path: path, SourceIP: c.source, UserAgent: "Mozilla/5.0"}
	for _, cookie := range c.jar.Cookies(c.url(path)) {
		e.Cookies = append(e.Cookies, cookie.Name+"="+cookie.Value)
	}
	if c.doubled {
		e.Cookies = append(e.Cookies, e.Cookies...)
	}
	if bearer := c.bearer(path); bearer != "" {
		e.Headers["authorization"] = "Bearer " + bearer
	}
	maps.Copy(e.Headers, r.headers)
	maps.DeleteFunc(e.Headers, func(_, value string) bool { return value == "" })
	if r.admin {
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
			IAM: &events.APIGatewayV2HTTPRequestContextAuthorizerIAMDescription{UserARN: "arn:aws:iam::123456789012:role/backend"},
		}
	}
	return e
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

// send sends the request and keeps what the answer says to keep.
func (c *client) send(r request) answer {
	c.t.Helper()
	e := c.event(r)
	a := c.serve(c.t.Context(), e)
	c.receive(e.RawPath, a)
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

func form(email, password string) string {
	return fmt.Sprintf(`{"formFields":[{"id":"email","value":%q},{"id":"password","value":%q}]}`, email, password)
}

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
