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
	g := inMemory(t)
	for route := range routes() {
		for _, value := range hostile() {
			p := g.person()
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
				g.meddle = spoil
				c := p.twin(p.appGrant)
				if c.refresh = ""; strings.Contains(route, "/session/refresh") {
					c = p.guest
				}
				r := request{route: route, params: map[string]string{"tenantId": "public", "handle": "x", "userId": "u", "provider": "x"}}
				r.admin = strings.Contains(route, "/admin/")
				a := c.serve(t.Context(), r)
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
	if strings.Contains(g.log.String(), "panicked") {
		t.Error("a handler panicked")
	}
	g.meddle = nil
	p := g.person()
	p.alive(p.browser)
}

// Routes are known by their keys alone, and each function has its own only.
func TestRoutesByKey(t *testing.T) {
	s := newStack(t)
	for route, of := range routes() {
		for name, f := range s.functions {
			if name == of.Function || name == "NotesFunction" || name == "AuthorizerFunction" {
				continue
			}
			text, err := f.Invoke(t.Context(), []byte(`{"version":"2.0","routeKey":"`+route+`"}`))
			if err != nil || !strings.Contains(string(text), `"statusCode":404`) {
				t.Errorf("%s at %s = %s, %v, want 404", route, name, text, err)
			}
		}
	}
}
