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

	"github.com/latchkey-auth/latchkey/internal/gateway"
	"github.com/latchkey-auth/latchkey/internal/gateway/sigv4"
	"github.com/latchkey-auth/latchkey/internal/template"
)

// event is an event as JSON has it.
type event map[string]any

// at returns the value at a path of names, nil if there is none.
func (e event) at(path string) any {
	var v any = map[string]any(e)
	for name := range strings.SplitSeq(path, ".") {
		members, _ := v.(map[string]any)
		v = members[name]
	}
	return v
}

// check compares some members of an event.
func (e event) check(t *testing.T, want map[string]any) {
	t.Helper()
	for path, value := range want {
		if got, expected := text(e.at(path)), text(value); got != expected {
			t.Errorf("%s of the event = %s, want %s", path, got, expected)
		}
	}
}

func text(v any) string {
	b, _ := json.Marshal(v) // it was JSON before, or is a literal
	return string(b)
}

// world is a gateway of any kind of API. The test provides its two functions:
// "Auth", the authorizer, and "Back", behind every route.
type world struct {
	t      *testing.T
	api    template.API
	now    time.Time
	auth   func() (string, error)
	back   func() (string, error)
	jwks   func() ([]byte, error)
	logged *strings.Builder

	mu    sync.Mutex
	asked []event       // of the authorizer
	seen  []event       // of the function
	calls chan struct{} // one for each call of the function
}

func newWorld(t *testing.T, api template.API) *world {
	return &world{
		t: t, api: api, now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), logged: new(strings.Builder),
		auth: func() (string, error) { return allow("*"), nil },
		back: func() (string, error) { return `{"statusCode":200,"body":"hello"}`, nil },
		jwks: func() ([]byte, error) { return nil, errors.New("no keys") }, calls: make(chan struct{}, 100),
	}
}

// newHTTP is an HTTP API with CORS.
func newHTTP(t *testing.T, routes ...template.Route) *world {
	return newWorld(t, template.API{
		ID: "HttpApi", Stage: "$default", Routes: routes, Authorizers: map[string]template.Authorizer{"Session": {Function: "Auth"}},
		CORS: &template.CORS{
			Origins: []string{"https://app.example.com"}, Methods: []string{"GET", "POST"}, Headers: []string{"rid", "content-type"},
			Expose: []string{"front-token"}, MaxAge: time.Hour, Credentials: true,
		},
	})
}

// newREST is a REST API with routes behind an authorizer.
func newREST(t *testing.T, by template.Authorizer, keys ...string) *world {
	by.Function = "Auth"
	api := template.API{
		ID: "Shop", Kind: template.REST, Stage: "prod", Authorizers: map[string]template.Authorizer{"Session": by},
		Responses: map[string]template.GatewayResponse{},
	}
	for _, key := range keys {
		api.Routes = append(api.Routes, session(key))
	}
	return newWorld(t, api)
}

const (
	apiARN  = "arn:aws:execute-api:us-east-1:123456789012:shop/"
	stage   = apiARN + "$default"
	restARN = apiARN + "prod/"
)

// key gives access to AWS_IAM routes.
func key() sigv4.Key { return sigv4.Key{ID: "AKIDLOCAL", Secret: "a secret", Region: "us-east-1"} }

func (w *world) invoke(_ context.Context, function string, payload []byte) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var e event
	if err := json.Unmarshal(payload, &e); err != nil {
		w.t.Errorf("event %s: %v", payload, err)
	}
	if function == "Auth" {
		w.asked = append(w.asked, e)
		answer, err := w.auth()
		return []byte(answer), err
	}
	w.seen = append(w.seen, e)
	w.calls <- struct{}{}
	answer, err := w.back()
	return []byte(answer), err
}

// gateway builds the gateway from what the world has now.
func (w *world) gateway() http.Handler {
	w.t.Helper()
	g, err := gateway.New(gateway.Config{
		API: w.api, APIID: "shop", Invoke: w.invoke, Key: key(), Now: func() time.Time { return w.now },
		Log:  slog.New(slog.NewTextHandler(w.logged, nil)),
		JWKS: func(context.Context, string) ([]byte, error) { return w.jwks() },
	})
	if err != nil {
		w.t.Fatalf("New = %v, want nil", err)
	}
	return g
}

// do sends one request to a new gateway.
func (w *world) do(r *http.Request) *httptest.ResponseRecorder {
	w.t.Helper()
	recorder := httptest.NewRecorder()
	w.gateway().ServeHTTP(recorder, r)
	return recorder
}

// events returns what the function and the authorizer have seen so far.
func (w *world) events() (seen, asked []event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]event{}, w.seen...), append([]event{}, w.asked...)
}

// keep makes the API keep the authorizer's answers by these sources.
func (w *world) keep(ttl time.Duration, sources ...string) *world {
	w.api.Authorizers["Session"] = template.Authorizer{Function: "Auth", Sources: sources, TTL: ttl}
	return w
}

// send sends a request and checks the status.
func send(t *testing.T, g http.Handler, want int, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	answer := httptest.NewRecorder()
	g.ServeHTTP(answer, r)
	if answer.Code != want {
		t.Errorf("%s %s = %d %s, want %d", r.Method, r.URL.Path, answer.Code, answer.Body, want)
	}
	return answer
}

// request has headers as alternating names and values. A header with an empty
// value is left out.
func request(method, path, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, "http://shop.localhost:8787"+path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] != "" {
			r.Header.Add(headers[i], headers[i+1])
		}
	}
	return r
}

// get is a GET of that path.
func get(path string) *http.Request { return request("GET", path, "") }

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
