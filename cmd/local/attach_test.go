package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/coder/websocket"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/test/client"
)

// example returns the arguments that serve one of examples/attach.
func example(name string) []string {
	return []string{"-template", "../../examples/attach/" + name + "/template.yaml"}
}

// changed returns the arguments that serve an example with one text in place of
// another.
func changed(t *testing.T, name, old, replacement string) []string {
	t.Helper()
	data, err := os.ReadFile(example(name)[1])
	must(t, err)
	text := strings.Replace(string(data), old, replacement, 1)
	if text == string(data) {
		t.Fatalf("%s has no %q", name, old)
	}
	file := filepath.Join(t.TempDir(), "template.yaml")
	must(t, os.WriteFile(file, []byte(text), 0o600))
	return []string{"-template", file}
}

const shop = "shopapi.localhost:8787"

// atShop returns a client of the attached API with the session of another.
func atShop(c client.Client) client.Client {
	c.URL = "http://" + shop
	return c
}

// The backend says what the decision rests on.
const (
	byToken = `"checked":"token"`
	byStore = `"checked":"store"`
)

// On every kind of API a write is refused as soon as the session is revoked,
// and a read when its token ends.
func TestAttachedWalk(t *testing.T) {
	for name, tt := range map[string]struct {
		args []string
		path string
	}{
		"HTTP":                {example("http-api"), "/me"},
		"hybrid":              {append(example("hybrid"), "-set", "SigningAlgorithm=RS256"), "/me"},
		"REST":                {example("rest-api"), "/prod/me"},
		"REST, of one header": {changed(t, "rest-api", "PayloadType: REQUEST", "PayloadType: TOKEN"), "/prod/me"},
	} {
		t.Run(name, func(t *testing.T) {
			l := startWith(t, nil, tt.args...)
			c, refresh := l.signUp()
			here, stranger := atShop(c), atShop(l.Client)
			here.Get(tt.path).Want(200).Saying(byToken)
			here.Post(tt.path, "{}").Want(200).Saying(byStore)
			stranger.Get(tt.path).Want(401)
			stranger.Post(tt.path, "{}").Want(401)
			forged(here).Get(tt.path).Want(401)
			c.Post("/auth/signout", "").Want(200)
			here.Post(tt.path, "{}").Want(401)
			here.Get(tt.path).Want(200)
			refresh.Post("/auth/session/refresh", "").Want(401)
			l.now = l.now.Add(time.Hour)
			here.Get(tt.path).Want(401)
		})
	}
}

// A route chooses by the ARN of an alias: checked refuses a revoked session's
// read as well, optional lets a stranger pass and nobody's bad token. What a
// route asks of claims its function asserts, and says so. An API whose
// authorizer has another alias answers an error and lets nobody pass.
func TestAttachedByAlias(t *testing.T) {
	l := startWith(t, nil, example("aliases")...)
	c, _ := l.signUp()
	here, stranger := atShop(c), atShop(l.Client)
	here.Get("/me").Want(200).Saying(byStore)
	here.Get("/welcome").Want(200).Saying(byToken)
	forged(here).Get("/me").Want(401)
	forged(here).Get("/welcome").Want(401)
	here.Get("/reports").Want(403).Saying(`"claimValidationErrors":[{"id":"st-role"`)
	c.Post("/auth/signout", "").Want(200)
	here.Get("/me").Want(401)
	here.Get("/reports").Want(401)
	here.Get("/welcome").Want(200)
	stranger.Get("/welcome").Want(200)
	stranger.Get("/me").Want(401)

	unknown := changed(t, "aliases", `{Fn::ImportValue: !Sub "${LatchkeyStack}-AuthorizerOptionalArn"}`,
		"arn:aws:lambda:us-east-1:123456789012:function:AuthorizerFunction:open")
	atShop(startWith(t, nil, unknown...).Client).Get("/welcome").Want(500)
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
			c, _ := startWith(t, tt.authorizer, example("rest-api")...).signUp()
			if !tt.bearer {
				c.Bearer = ""
			}
			answer := atShop(c).Post(tt.path, "{}").Want(tt.want)
			if !strings.HasPrefix(string(answer.Body), tt.body) || !json.Valid(answer.Body) {
				t.Errorf("body = %s, want %s", answer.Body, tt.body)
			}
			for name, want := range map[string]string{
				"Www-Authenticate": tt.challenge, "Access-Control-Allow-Origin": "http://localhost:3000",
				"Access-Control-Allow-Credentials": "true",
			} {
				if got := answer.Header.Get(name); got != want {
					t.Errorf("%s = %q, want %q", name, got, want)
				}
			}
		})
	}
}

// With one domain the cookies of a sign-in reach the other API too.
func TestCustomDomainWalk(t *testing.T) {
	l := startWith(t, nil, example("custom-domain")...)
	c, _ := l.inCookies()
	c.Get("/shop/me").Want(200).Saying(byToken)
	c.Post("/shop/me", "{}").Want(200).Saying(byStore)
	c.Get("/shopping/me").Want(404)
	c.Get("/shop").Want(404)
	asterisk := httptest.NewRequest("OPTIONS", "*", nil) // RFC 9110, section 9.3.7
	asterisk.Host = "127.0.0.1:8787"
	answer, _ := l.RoundTrip(asterisk)
	if answer.StatusCode != 404 {
		t.Errorf("OPTIONS * = %d, want 404", answer.StatusCode)
	}
	atShop(l.Client).Get("/me").Want(404)
	c.Post("/auth/signout", "").Want(200)
	c.Post("/shop/me", "{}").Want(401)
}

// Latchkey can be at a path of the domain, and the other API at its root.
func TestLatchkeyAtAPathOfTheDomain(t *testing.T) {
	args := changed(t, "custom-domain", "      Stage: $default\n", "      Stage: $default\n      ApiMappingKey: identity\n")
	c := startWith(t, nil, append(args, "-set", "ApiGatewayPath=/identity")...).Client
	c = c.With(c.Post("/identity/auth/signup", person).Want(200))
	c.Get("/shop/me").Want(200)
	c.Post("/shop/me", "{}").Want(200)
	c.Post("/identity/auth/signout", "").Want(200)
	c.Post("/shop/me", "{}").Want(401)
}

// The connect of a WebSocket is judged like a write. An open one stays.
func TestWebSocketWalk(t *testing.T) {
	l := startWith(t, nil, example("websocket-api")...)
	c, _ := l.signUp()
	socket := l.connect(101, "/prod", c.Bearer)
	l.connect(401, "/prod", "")
	l.connect(401, "/prod", c.Bearer+"x")
	l.connect(403, "/other", c.Bearer)
	c.Post("/auth/signout", "").Want(200)
	l.connect(401, "/prod", c.Bearer)
	if err := socket.Ping(t.Context()); err != nil {
		t.Errorf("the open connection after the revoke: %v, want that it stays", err)
	}
	denied := startWith(t, needsAdmin(), example("websocket-api")...)
	c, _ = denied.signUp()
	denied.connect(403, "/prod", c.Bearer)
	failing := startWith(t, cannotJudge, example("websocket-api")...)
	failing.connect(500, "/prod", c.Bearer)
}

// connect opens a WebSocket over a real connection and checks the status of
// the handshake.
func (l *localRun) connect(want int, path, bearer string) *websocket.Conn {
	l.t.Helper()
	server := httptest.NewServer(l.handler)
	l.t.Cleanup(server.Close)
	header := http.Header{}
	if bearer != "" {
		header.Set("Authorization", "Bearer "+bearer)
	}
	options := &websocket.DialOptions{Host: shop, HTTPHeader: header}
	socket, answer, err := websocket.Dial(l.t.Context(), server.URL+path, options)
	if answer == nil || answer.StatusCode != want {
		l.t.Fatalf("connect to %s = %v, %v, want the status %d", path, answer, err, want)
	}
	if socket == nil {
		return nil
	}
	l.t.Cleanup(func() { socket.CloseNow() })
	socket.CloseRead(context.Background()) // answers of pings are read
	return socket
}

// What stands in for exports is what Latchkey's template exports.
func TestExportsAreThoseOfTheTemplate(t *testing.T) {
	exports, err := worldOf(t, new(localRun), nil, "-template", "../../template.yaml").exports()
	if err != nil || len(exports) == 0 {
		t.Fatalf("exports = %v, %v, want some", exports, err)
	}
	for name := range exports {
		_, got := written(t).Get("Outputs").Get(name).Get("Export").Get("Name").Expression()
		if got.Text() != "${AWS::StackName}-"+name {
			t.Errorf("the template exports %s as %q", name, got.Text())
		}
	}
}
