package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/internal/gateway"
	"github.com/latchkey-auth/latchkey/internal/gateway/sigv4"
	"github.com/latchkey-auth/latchkey/internal/template"
)

// world is a gateway whose two functions are the test's own: "Auth", the
// authorizer, and "Back", behind every route.
type world struct {
	t      *testing.T
	api    template.API
	now    time.Time
	auth   func(events.APIGatewayV2CustomAuthorizerV2Request) (string, error)
	back   func(events.APIGatewayV2HTTPRequest) (string, error)
	logged *strings.Builder

	mu    sync.Mutex
	asked int                              // calls of the authorizer
	seen  []events.APIGatewayV2HTTPRequest // by the function
}

func newWorld(t *testing.T, routes ...template.Route) *world {
	return &world{
		t: t, now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), logged: new(strings.Builder),
		api: template.API{
			ID: "HttpApi", Stage: "$default", Routes: routes, Authorizers: map[string]template.Authorizer{"Session": {Function: "Auth"}},
			CORS: &template.CORS{
				Origins: []string{"https://app.example.com"}, Methods: []string{"GET", "POST"}, Headers: []string{"rid", "content-type"},
				Expose: []string{"front-token"}, MaxAge: time.Hour, Credentials: true,
			},
		},
		auth: func(events.APIGatewayV2CustomAuthorizerV2Request) (string, error) { return allow("*"), nil },
		back: func(events.APIGatewayV2HTTPRequest) (string, error) { return `{"statusCode":200,"body":"hello"}`, nil },
	}
}

// key admits to routes of AWS_IAM.
func key() sigv4.Key { return sigv4.Key{ID: "AKIDLOCAL", Secret: "a secret", Region: "us-east-1"} }

func (w *world) invoke(_ context.Context, function string, event []byte) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if function == "Auth" {
		w.asked++
		return answer(w.t, event, w.auth)
	}
	if function != "Back" {
		return nil, errors.New("no such function")
	}
	return answer(w.t, event, func(e events.APIGatewayV2HTTPRequest) (string, error) {
		w.seen = append(w.seen, e)
		return w.back(e)
	})
}

func answer[E any](t *testing.T, event []byte, f func(E) (string, error)) ([]byte, error) {
	var e E
	if err := json.Unmarshal(event, &e); err != nil {
		t.Errorf("event %s: %v", event, err)
	}
	text, err := f(e)
	return []byte(text), err
}

// gateway builds the gateway as the world stands.
func (w *world) gateway() http.Handler {
	w.t.Helper()
	g, err := gateway.New(gateway.Config{
		API: w.api, APIID: "local", Invoke: w.invoke, Key: key(), Now: func() time.Time { return w.now },
		Log: slog.New(slog.NewTextHandler(w.logged, nil)),
	})
	if err != nil {
		w.t.Fatalf("New = %v, want nil", err)
	}
	return g
}

// do sends one request.
func (w *world) do(r *http.Request) *httptest.ResponseRecorder {
	w.t.Helper()
	recorder := httptest.NewRecorder()
	w.gateway().ServeHTTP(recorder, r)
	return recorder
}

// last returns the event that the function saw last.
func (w *world) last() events.APIGatewayV2HTTPRequest {
	w.t.Helper()
	if len(w.seen) == 0 {
		w.t.Fatal("the function was not called, want one call")
	}
	return w.seen[len(w.seen)-1]
}

// get is a GET of that path.
func get(path string) *http.Request {
	return httptest.NewRequest("GET", "http://127.0.0.1:8787"+path, nil)
}

func open(key string) template.Route {
	return template.Route{Key: key, Function: "Back", Auth: template.None}
}
func session(key string) template.Route {
	return template.Route{Key: key, Function: "Back", Auth: "Session"}
}
func iam(key string) template.Route {
	return template.Route{Key: key, Function: "Back", Auth: template.IAM}
}

// allow is an authorizer's answer that allows the resource.
func allow(resource string) string { return decision(statement("Allow", resource)) }

func decision(statements ...string) string {
	return `{"principalId":"u","context":{"user":"u"},"policyDocument":{"Version":"2012-10-17","Statement":[` +
		strings.Join(statements, ",") + `]}}`
}

func statement(effect, resource string) string {
	return `{"Effect":"` + effect + `","Action":["execute-api:Invoke"],"Resource":["` + resource + `"]}`
}
