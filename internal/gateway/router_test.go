package gateway_test

import (
	"net/http/httptest"
	"testing"
)

// routed is a request and the route that serves it.
type routed struct {
	method, path string
	want         string // "" is 404
	parameters   map[string]string
}

func routedRequests() []routed {
	return []routed{
		{"GET", "/notes", "GET /notes", nil},
		{"POST", "/notes", "POST /notes", nil},
		{"DELETE", "/notes", "", nil},
		{"HEAD", "/notes", "", nil},
		{"get", "/notes", "", nil},
		{"GET", "/notes/", "", nil},
		{"GET", "//notes", "", nil},
		{"GET", "/Notes", "", nil},
		{"GET", "/%6eotes", "GET /notes", nil},
		{"GET", "/", "GET /", nil},
		{"GET", "/auth/public/signup", "GET /auth/public/signup", nil},
		{"GET", "/auth/acme/signup", "GET /auth/{tenantId}/signup", map[string]string{"tenantId": "acme"}},
		{"PUT", "/auth/public/signup", "ANY /auth/{tenantId}/signup", map[string]string{"tenantId": "public"}},
		{"GET", "/auth//signup", "", nil},
		{"GET", "/any", "GET /any", nil},
		{"PATCH", "/any", "ANY /any", nil},
		{"GET", "/files/a", "GET /files/{name}", map[string]string{"name": "a"}},
		{"GET", "/files/a%2Fb", "GET /files/{proxy+}", map[string]string{"proxy": "a/b"}},
		{"GET", "/files%2Fa", "GET /files/{name}", map[string]string{"name": "a"}},
		{"GET", "/files/a%252Fb", "GET /files/{name}", map[string]string{"name": "a%2Fb"}},
		{"GET", "/users/a%2Fb/sessions", "", nil},
		{"GET", "/files/a/b", "GET /files/{proxy+}", map[string]string{"proxy": "a/b"}},
		{"GET", "/files/", "", nil},
		{"GET", "/files", "", nil},
		{"GET", "/users/a%20b/sessions", "GET /users/{id}/sessions", map[string]string{"id": "a b"}},
	}
}

func TestRouting(t *testing.T) {
	routes := []string{
		"GET /notes", "POST /notes", "GET /auth/{tenantId}/signup", "GET /auth/public/signup", "ANY /any", "GET /any",
		"GET /files/{proxy+}", "GET /files/{name}", "GET /", "GET /users/{id}/sessions", "ANY /auth/{tenantId}/signup",
	}
	for _, tt := range routedRequests() {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			w := newHTTP(t)
			for _, route := range routes {
				w.api.Routes = append(w.api.Routes, open(route))
			}
			r := httptest.NewRequest("GET", "http://127.0.0.1"+tt.path, nil)
			r.Method = tt.method
			answer := w.do(r)
			if tt.want == "" {
				if answer.Code != 404 || answer.Body.String() != `{"message":"Not Found"}` || len(w.seen) != 0 {
					t.Errorf("got %d %s, want 404 Not Found", answer.Code, answer.Body)
				}
				return
			}
			w.seen[0].check(t, map[string]any{
				"routeKey": tt.want, "requestContext.routeKey": tt.want, "pathParameters": tt.parameters,
			})
		})
	}
}

func TestDefaultRouteTakesWhatNoOtherTakes(t *testing.T) {
	w := newHTTP(t, open("$default"), open("GET /notes"), open("ANY /{proxy+}"))
	for path, want := range map[string]string{"/notes": "GET /notes", "/other": "ANY /{proxy+}", "/": "$default"} {
		w.seen = nil
		w.do(get(path))
		w.seen[0].check(t, map[string]any{"routeKey": want})
	}
}
