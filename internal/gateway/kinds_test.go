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
		got, _ := json.Marshal(e.at(path))
		expected, _ := json.Marshal(value)
		if string(got) != string(expected) {
			t.Errorf("%s of the event = %s, want %s", path, got, expected)
		}
	}
}

// kinds is a gateway of any kind of API over two functions of the test: "Auth",
// the authorizer, and "Back", behind every route.
type kinds struct {
	t    *testing.T
	api  template.API
	now  time.Time
	auth func() (string, error)
	back func() (string, error)
	jwks func() ([]byte, error)

	mu    sync.Mutex
	asked []event // events of the authorizer
	seen  []event // of the function
	calls chan struct{}
}

func newKinds(t *testing.T, api template.API) *kinds {
	return &kinds{
		t: t, api: api, now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC),
		auth: func() (string, error) { return allow("*"), nil },
		back: func() (string, error) { return `{"statusCode":200,"body":"hello"}`, nil },
		jwks: func() ([]byte, error) { return nil, errors.New("no keys") }, calls: make(chan struct{}, 100),
	}
}

func (k *kinds) invoke(_ context.Context, function string, payload []byte) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var e event
	if err := json.Unmarshal(payload, &e); err != nil {
		k.t.Errorf("event %s: %v", payload, err)
	}
	if function == "Auth" {
		k.asked = append(k.asked, e)
		text, err := k.auth()
		return []byte(text), err
	}
	k.seen = append(k.seen, e)
	k.calls <- struct{}{}
	text, err := k.back()
	return []byte(text), err
}

func (k *kinds) gateway() http.Handler {
	k.t.Helper()
	g, err := gateway.New(gateway.Config{
		API: k.api, APIID: "shop", Invoke: k.invoke, Now: func() time.Time { return k.now }, Log: slog.New(slog.DiscardHandler),
		JWKS: func(context.Context, string) ([]byte, error) { return k.jwks() },
	})
	if err != nil {
		k.t.Fatalf("New = %v, want nil", err)
	}
	return g
}

// events returns what the function and the authorizer have seen so far.
func (k *kinds) events() (seen, asked []event) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]event{}, k.seen...), append([]event{}, k.asked...)
}

// send sends a request with a header and checks the status.
func send(t *testing.T, g http.Handler, want int, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	answer := httptest.NewRecorder()
	g.ServeHTTP(answer, r)
	if answer.Code != want {
		t.Errorf("%s %s = %d %s, want %d", r.Method, r.URL.Path, answer.Code, answer.Body, want)
	}
	return answer
}

func request(method, path, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, "http://shop.localhost:8787"+path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}
