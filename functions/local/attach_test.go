package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/coder/websocket"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/functions/internal/setup"
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
	for name, path := range map[string]string{"http-api": "/me", "hybrid": "/me", "rest-api": "/prod/me"} {
		t.Run(name, func(t *testing.T) {
			l := startWith(t, nil, example(name)...)
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

// needsAdmin is Latchkey's authorizer with a claim that every caller must have.
func needsAdmin() setup.Constructor {
	return setup.Authorizer(nil, authorizer.Includes("st-role", "admin"))
}

// cannotJudge is an authorizer that cannot judge.
func cannotJudge(setup.Config, setup.Backends) (lambda.Handler, error) {
	return lambda.NewHandler(func(context.Context, json.RawMessage) (any, error) { return nil, errors.New("storage is down") }), nil
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

// An HTTP API has no body of ours for a refusal, but a page can read it.
func TestAttachedRefusalsOfHTTP(t *testing.T) {
	for _, tt := range []struct {
		authorizer setup.Constructor
		want       int
		body       string
	}{
		{needsAdmin(), 403, `{"message":"Forbidden"}`}, {cannotJudge, 500, `{"message":"Internal Server Error"}`},
	} {
		l := startWith(t, tt.authorizer, example("http-api")...)
		access, _ := l.signUp()
		if answer := l.at(tt.want, "POST", "/me", access); answer.Body.String() != tt.body {
			t.Errorf("body = %s, want %s", answer.Body, tt.body)
		}
	}
}

// API Gateway's own authorizer takes RS256 only, so reads of the hybrid need
// it; what it refuses carries a challenge.
func TestHybridReads(t *testing.T) {
	l := startWith(t, nil, example("hybrid")...)
	if got := l.at(401, "GET", "/me", "").Header().Get("WWW-Authenticate"); got != "Bearer" {
		t.Errorf("WWW-Authenticate without a token = %q, want Bearer", got)
	}
	if got := l.at(401, "GET", "/me", "x.y.z").Header().Get("WWW-Authenticate"); !strings.HasPrefix(got, `Bearer error="invalid_token"`) {
		t.Errorf("WWW-Authenticate of a bad token = %q, want invalid_token", got)
	}
	l = startWith(t, nil, append(example("hybrid"), "-set", "SigningAlgorithm=ES256")...)
	access, _ := l.signUp()
	l.at(401, "GET", "/me", access)
	l.at(200, "POST", "/me", access)
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
	l.at(404, "GET", "/me", "")
	send(200, "POST", "/auth/signout")
	send(401, "POST", "/shop/me")
}

func (l *localRun) signUpWithCookies() []*http.Cookie {
	l.t.Helper()
	r := httptest.NewRequest("POST", "http://127.0.0.1:8787/auth/signup", strings.NewReader(person))
	r.Header.Set("St-Auth-Mode", "cookie")
	r.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	l.handler.ServeHTTP(answer, r)
	if answer.Code != 200 || len(answer.Result().Cookies()) == 0 {
		l.t.Fatalf("sign-up = %d %s, want 200 and cookies", answer.Code, answer.Body)
	}
	return answer.Result().Cookies()
}

// The connect of a WebSocket is judged like a write. An open one stays.
func TestWebSocketWalk(t *testing.T) {
	l := startWith(t, nil, example("websocket-api")...)
	access, _ := l.signUp()
	socket := l.connect(101, "/prod", access)
	l.connect(401, "/prod", "")
	l.connect(401, "/prod", access+"x")
	l.connect(403, "/other", access)
	l.want(200, "POST", "/auth/signout", access, "")
	l.connect(401, "/prod", access)
	if err := socket.Ping(context.Background()); err != nil {
		t.Errorf("the open connection after the revoke: %v, want that it stays", err)
	}
	denied := startWith(t, needsAdmin(), example("websocket-api")...)
	access, _ = denied.signUp()
	denied.connect(403, "/prod", access)
	failing := startWith(t, cannotJudge, example("websocket-api")...)
	failing.connect(500, "/prod", access)
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
	socket, answer, err := websocket.Dial(context.Background(), server.URL+path, &websocket.DialOptions{Host: shop, HTTPHeader: header})
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

// The table of an attached API says where it is and who authorizes its routes.
func TestPrintedAttachments(t *testing.T) {
	for name, want := range map[string][]string{
		"http-api":      {`ShopApi is on http://shopapi\.localhost:8787`, `GET +/me +session, by its token alone`, `POST +/me +session, checked in the store`},
		"rest-api":      {`ShopApi is on http://shopapi\.localhost:8787/prod`, `POST +/me +session, checked in the store`},
		"websocket-api": {`ShopApi is on ws://shopapi\.localhost:8787/prod`, `\$connect +session, checked in the store`, `\$default +whoever has connected`},
		"hybrid":        {`GET +/me +token, by API Gateway's own authorizer`, `POST +/me +session, checked in the store`},
		"custom-domain": {`ShopApi is on http://127\.0\.0\.1:8787/shop`},
	} {
		w := worldOf(t, new(localRun), nil, example(name)...)
		var out strings.Builder
		banner{url: w.url, stack: w.stack, attached: w.attached}.print(&out)
		for _, line := range want {
			if !regexp.MustCompile(`(?m)^ *` + line + `$`).MatchString(out.String()) {
				t.Errorf("%s: printed\n%s\nwant a line %s", name, out.String(), line)
			}
		}
	}
}

// What a template must not ask for ends the start with words.
func TestAttachFaults(t *testing.T) {
	for _, tt := range []struct {
		example, old, new, want string
	}{
		{"http-api", "-AuthorizerArn", "-NoSuch", "no stack here exports"},
		{"http-api", "  WhoAmIFunction:", "  OtherFunction:", "OtherFunction: there is no such function in this repository"},
		{"http-api", "AWS::Serverless::HttpApi", "AWS::Serverless::Application", "is not an HTTP API of this template"},
		{"custom-domain", "ApiId: !Ref ShopApi\n", "ApiId: other\n", "is no HTTP API of the template"},
		{"hybrid", `-Issuer"}`, `-ApiUrl"}`, ""},
	} {
		data, err := os.ReadFile("../../examples/attach/" + tt.example + "/template.yaml")
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(data), tt.old, tt.new, 1)
		if text == string(data) {
			t.Fatalf("%s has no %q", tt.example, tt.old)
		}
		file := filepath.Join(t.TempDir(), "template.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if tt.want == "" { // it serves, but does not know the issuer's keys
			l := startWith(t, nil, "-template", file)
			access, _ := l.signUp()
			l.at(401, "GET", "/me", access)
			continue
		}
		err = run(context.Background(), []string{"-addr", "127.0.0.1:0", "-latchkey", "../../template.yaml", "-template", file}, io.Discard)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s with %q = %v, want %q", tt.example, tt.new, err, tt.want)
		}
	}
	err := run(context.Background(), append(example("http-api"), "-addr", "127.0.0.1:0"), io.Discard)
	if err == nil || !strings.Contains(err.Error(), "-latchkey") {
		t.Errorf("run without Latchkey's template = %v, want that it is missing", err)
	}
}
