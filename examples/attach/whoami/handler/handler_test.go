package handler_test

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/examples/attach/whoami/handler"
)

// Whatever the kind of API, the caller is whom the authorizer names, and
// without an authorizer there is none.
func TestInvoke(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	said, _ := json.Marshal(map[string]string{
		"latchkey": "1", "user": "u1", "recipeUser": "u1", "tenant": "public", "handle": "h", "checked": "store", "payload": "{}",
		"expires": strconv.FormatInt(now.Unix()+60, 10), "decided": strconv.FormatInt(now.Unix(), 10),
	})
	for name, event := range map[string]string{
		"HTTP":      `{"version":"2.0","requestContext":{"http":{"method":"POST"},"authorizer":{"lambda":SAID}}}`,
		"REST":      `{"httpMethod":"POST","requestContext":{"httpMethod":"POST","authorizer":SAID}}`,
		"WebSocket": `{"requestContext":{"connectionId":"c","eventType":"CONNECT","authorizer":SAID}}`,
	} {
		for _, tt := range []struct {
			said, origin, want string
			status             int
		}{
			{string(said), "", `{"checked":"store","session":"h","user":"u1"}`, 200},
			{string(said), "https://a.example", `{"checked":"store","session":"h","user":"u1"}`, 200},
			{"null", "", `{"message":"unauthorised"}`, 401},
			{strings.Replace(string(said), `"store"`, `"token"`, 1), "", `{"message":"unauthorised"}`, 401},
		} {
			h := handler.Handler{Backend: authorizer.Backend{Now: func() time.Time { return now }}, Origin: tt.origin}
			answer, err := h.Invoke(context.Background(), []byte(strings.Replace(event, "SAID", tt.said, 1)))
			var got struct {
				StatusCode int
				Headers    map[string]string
				Body       string
			}
			if err != nil || json.Unmarshal(answer, &got) != nil {
				t.Fatalf("%s: Invoke = %s, %v, want an answer", name, answer, err)
			}
			if got.StatusCode != tt.status || got.Body != tt.want || got.Headers["access-control-allow-origin"] != tt.origin {
				t.Errorf("%s: Invoke = %s, want %d, %s and the origin %q", name, answer, tt.status, tt.want, tt.origin)
			}
		}
	}
}

// A stranger is welcome where the route says so and nowhere else, and reports are
// for administrators.
func TestRoutes(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	who := func(payload string) map[string]string {
		return map[string]string{
			"latchkey": "1", "user": "u1", "recipeUser": "u1", "tenant": "public", "handle": "h", "checked": "token", "payload": payload,
			"expires": strconv.FormatInt(now.Unix()+60, 10), "decided": strconv.FormatInt(now.Unix(), 10),
		}
	}
	stranger := map[string]string{"latchkey": "1", "anonymous": "1"}
	for _, tt := range []struct {
		route  string
		caller map[string]string
		status string
		body   string
	}{
		{"GET /welcome", stranger, "200", "Hello, stranger"},
		{"GET /welcome", who("{}"), "200", "u1"},
		{"GET /welcome", nil, "401", "unauthorised"},
		{"GET /me", stranger, "401", "unauthorised"},
		{"GET /reports", stranger, "401", "unauthorised"},
		{"GET /reports", who("{}"), "403", `claimValidationErrors\":[{\"id\":\"st-role\"`},
		{"GET /reports", who(`{"st-role":{"v":["admin"],"t":1}}`), "200", "u1"},
	} {
		event, _ := json.Marshal(map[string]any{"version": "2.0", "routeKey": tt.route, "requestContext": map[string]any{
			"http": map[string]string{"method": "GET"}, "authorizer": map[string]any{"lambda": tt.caller},
		}})
		answer, err := handler.Handler{Backend: authorizer.Backend{Now: func() time.Time { return now }}}.Invoke(context.Background(), event)
		if err != nil || !strings.Contains(string(answer), `"statusCode":`+tt.status) || !strings.Contains(string(answer), tt.body) {
			t.Errorf("%s by %v = %s, %v, want %s and %s", tt.route, tt.caller, answer, err, tt.status, tt.body)
		}
	}
}

func TestInvokeOfNoEvent(t *testing.T) {
	for _, event := range []string{"", "[]", `{"version":"2.0","requestContext":[]}`} {
		answer, err := handler.Handler{}.Invoke(context.Background(), []byte(event))
		if err != nil || !strings.Contains(string(answer), `"statusCode":401`) {
			t.Errorf("Invoke(%q) = %s, %v, want 401", event, answer, err)
		}
	}
}
