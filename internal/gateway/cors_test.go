package gateway_test

import (
	"errors"
	"net/http"
	"testing"
)

func preflight(origin string) *http.Request {
	return request("OPTIONS", "/notes", "", "Access-Control-Request-Method", "POST", "Origin", origin)
}

func TestPreflight(t *testing.T) {
	w := newHTTP(t, session("ANY /{proxy+}"))
	answer := w.do(preflight("https://app.example.com"))
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": "https://app.example.com", "Access-Control-Allow-Credentials": "true",
		"Access-Control-Allow-Methods": "GET,POST", "Access-Control-Allow-Headers": "rid,content-type", "Access-Control-Max-Age": "3600",
	} {
		if got := answer.Header().Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if answer.Code != 204 || len(w.asked) != 0 || len(w.seen) != 0 {
		t.Errorf("preflight = %d with %d authorizer calls and %d function calls, want 204 and none", answer.Code, len(w.asked), len(w.seen))
	}
}

func TestPreflightOfStrangers(t *testing.T) {
	w := newHTTP(t, open("GET /notes"))
	for _, origin := range []string{"https://evil.example.com", "https://app.example.com:444", "http://app.example.com", "null", ""} {
		answer := w.do(preflight(origin))
		if got := answer.Header().Get("Access-Control-Allow-Origin"); answer.Code != 204 || got != "" {
			t.Errorf("preflight of %q = %d allowing %q, want 204 allowing nothing", origin, answer.Code, got)
		}
	}
}

// Every answer says which pages may read it, the gateway's refusals too. What
// the function says about that is dropped.
func TestCORSOnEveryAnswer(t *testing.T) {
	own := `{"statusCode":200,"headers":{"access-control-allow-origin":"*","access-control-allow-methods":"X","front-token":"f"},"body":"{}"}`
	for _, tt := range []struct {
		name, path string
		auth       error
		answer     string
		want       int
	}{
		{"function", "/notes", nil, own, 200},
		{"not found", "/other", nil, own, 404},
		{"unauthorized", "/notes", errors.New("Unauthorized"), own, 401},
		{"authorizer down", "/notes", errors.New("down"), own, 500},
		{"function broken", "/notes", nil, "broken", 500},
		{"no signature", "/admin", nil, own, 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newHTTP(t, session("GET /notes"), iam("GET /admin"))
			w.auth = func() (string, error) { return allow("*"), tt.auth }
			w.back = func() (string, error) { return tt.answer, nil }
			for origin, want := range map[string]string{"https://app.example.com": "https://app.example.com", "https://evil.example.com": "", "": ""} {
				answer := w.do(request("GET", tt.path, "", "Origin", origin))
				h := answer.Header()
				if answer.Code != tt.want || h.Get("Access-Control-Allow-Origin") != want || h.Get("Access-Control-Allow-Methods") != "" {
					t.Errorf("from %q = %d %v, want %d allowing %q", origin, answer.Code, h, tt.want, want)
				}
				exposed := map[bool]string{true: "front-token"}[want != ""]
				if h.Get("Access-Control-Expose-Headers") != exposed {
					t.Errorf("from %q exposes %q, want %q", origin, h.Get("Access-Control-Expose-Headers"), exposed)
				}
			}
		})
	}
}

// Any origin may be allowed, without credentials. Without CORS the function
// speaks for itself. OPTIONS that is no preflight is routed.
func TestOtherCORS(t *testing.T) {
	w := newHTTP(t, open("GET /notes"))
	plain := preflight("https://app.example.com")
	plain.Header.Del("Access-Control-Request-Method")
	send(t, w.gateway(), 404, plain)
	w.back = func() (string, error) {
		return `{"statusCode":200,"headers":{"access-control-allow-origin":"own"}}`, nil
	}
	w.api.CORS.Origins, w.api.CORS.Credentials = []string{"*"}, false
	for _, want := range []string{"*", "own"} {
		h := send(t, w.gateway(), 200, request("GET", "/notes", "", "Origin", "https://anyone.example.com")).Header()
		if h.Get("Access-Control-Allow-Origin") != want || h.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("headers = %v, want the origin %s without credentials", h, want)
		}
		w.api.CORS = nil
	}
	send(t, w.gateway(), 404, preflight("https://app.example.com"))
}
