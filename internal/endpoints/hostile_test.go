package endpoints_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// hostile are values that are none of what a request should have in any place.
func hostile() []string {
	return []string{
		"null", "[]", "{}", "0", `"x"`, "\x00", "\xff\xfe", "a\r\nset-cookie: x=y", strings.Repeat("[", 20_000),
		strings.Repeat("A", 70_000), `{"formFields":[{"id":"email","value":{"a":1}}]}`, `{"__proto__":{}}`, "%", "../../..", "Bearer ", ", ,",
	}
}

// Whatever is put into any place of any request is refused or answered: it is
// never a fault of ours, and no token comes of it.
func TestHostileRequests(t *testing.T) {
	c := signedUp(t, "header")
	for route, function := range routes() {
		for _, value := range hostile() {
			for place, spoil := range map[string]func(*httpEvent){
				"body":    func(e *httpEvent) { e.Body = value },
				"base64":  func(e *httpEvent) { e.Body, e.IsBase64Encoded = value, true },
				"cookies": func(e *httpEvent) { e.Cookies = []string{value, "sAccessToken=" + value, "sRefreshToken=" + value} },
				"headers": func(e *httpEvent) {
					for _, name := range []string{"authorization", "rid", "fdi-version", "st-auth-mode", "if-match", "content-type"} {
						e.Headers[name] = value
					}
				},
				"Bearer": func(e *httpEvent) { e.Headers["authorization"] = "Bearer " + value },
				"origin": func(e *httpEvent) { e.Headers["origin"] = value },
				"path": func(e *httpEvent) {
					e.PathParameters = map[string]string{"handle": value, "userId": value, "tenantId": value}
				},
				"query": func(e *httpEvent) { e.QueryStringParameters = map[string]string{"email": value, "tenantId": value} },
			} {
				e := c.stack.client("cookie").event(request{route: route, admin: strings.Contains(route, "/admin/")})
				spoil(&e)
				a := c.invoke(t.Context(), function, e)
				if a.StatusCode < 200 || a.StatusCode > 499 || a.Headers["st-access-token"] != "" || !json.Valid([]byte(a.Body)) {
					t.Errorf("%s with %.30q as %s = %d %.100s, want a refusal in JSON", route, value, place, a.StatusCode, a.Body)
				}
				for name, header := range a.Headers {
					if strings.ContainsAny(name+header, "\r\n\x00") {
						t.Errorf("%s with %.30q as %s answers with header %q: %q", route, value, place, name, header)
					}
				}
			}
		}
	}
	if strings.Contains(c.log.String(), "panicked") {
		t.Error("a handler panicked")
	}
	c.expect(201, request{route: "POST /notes", body: aNote})
}

// Routes are known by their keys alone, and each function has its own only.
func TestRoutesByKey(t *testing.T) {
	c := newStack(t).client("cookie")
	for route, function := range routes() {
		for name := range c.functions {
			if name == function || name == "notes" {
				continue
			}
			if a := c.invoke(t.Context(), name, c.event(request{route: route, admin: true})); a.StatusCode != 404 {
				t.Errorf("%s at %s = %d, want 404", route, name, a.StatusCode)
			}
		}
	}
}
