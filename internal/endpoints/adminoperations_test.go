package endpoints_test

import (
	"fmt"
)

// ownOperations are those of a person with his own sessions.
func ownOperations() []operation {
	return []operation{
		{
			name: "list of own sessions", calls: 3, limit: 3 * allowed, request: sends("GET /auth/sessions"),
			good: func(a answer) bool { return says(200, `"current":true`, `"current":false`)(a) },
		},
		{
			name: "end one's own session", calls: 2, limit: 3 * allowed, good: says(200, statusOK),
			request: func(p *person) (*client, request) {
				return p.browser, request{route: "DELETE /auth/sessions/{handle}", params: p.of(p.appGrant)}
			},
			holds: func(p *person, _ answer) { p.over(p.appGrant); p.alive(p.browser) },
		},
		{
			name: "end all other sessions", calls: 4, limit: 3 * allowed, request: sends("DELETE /auth/sessions"), good: says(200, statusOK),
			holds: func(p *person, _ answer) { p.over(p.appGrant); p.alive(p.browser) },
		},
	}
}

// admin is a request of a backend about the browser's session and its user.
func admin(route, body, version string) func(*person) (*client, request) {
	return func(p *person) (*client, request) {
		r := request{route: route, params: p.of(p.browserGrant), body: body, admin: true}
		if version != "" {
			r.headers = map[string]string{"if-match": version}
		}
		return p.guest, r
	}
}

// reads returns the body of what a backend reads.
func (p *person) reads(route string) string {
	p.t.Helper()
	c, r := admin(route, "", "")(p)
	return c.expect(200, r).Body
}

func adminOperations() []operation {
	both := func(p *person, _ answer) { p.over(p.browserGrant); p.over(p.appGrant) }
	ops := []operation{
		{name: "about a session", calls: 2, request: admin("GET /admin/sessions/{handle}", "", ""), good: says(200, "sessionHandle")},
		{
			name: "end a session", calls: 1, request: admin("DELETE /admin/sessions/{handle}", "", ""), good: says(200, statusOK),
			holds: func(p *person, _ answer) { p.over(p.browserGrant); p.alive(p.app) },
		},
		{name: "a user's sessions", calls: 2, request: admin("GET /admin/users/{userId}/sessions", "", ""), good: says(200, "sessionHandle")},
		{name: "end a user's sessions", calls: 4, request: admin("DELETE /admin/users/{userId}/sessions", "", ""), good: says(200, statusOK), holds: both},
	}
	for i := range ops {
		ops[i].limit = 3 * allowed
	}
	return append(ops, dataOperations()...)
}

func dataOperations() []operation {
	const data, claims = "GET /admin/sessions/{handle}/data", "GET /admin/sessions/{handle}"
	kept := func(route, want string) func(*person, answer) {
		return func(p *person, _ answer) {
			if got := p.reads(route); !says(200, want)(answer{StatusCode: 200, Body: got}) {
				p.t.Errorf("%s = %s, want %s in it", route, got, want)
			}
		}
	}
	// Whoever writes a version may be told of his own write, when the answer to
	// it was lost.
	met := says(412)
	put := func(p *person) {
		c, r := admin("PUT /admin/sessions/{handle}/data", `{"a":1}`, "")(p)
		c.expect(200, r)
	}
	ops := []operation{
		{name: "data", calls: 3, prepare: put, request: admin(data, "", ""), good: says(200, `{"a":1}`)},
		{name: "write data", calls: 4, request: admin("PUT /admin/sessions/{handle}/data", `{"a":2}`, ""), good: says(200, statusOK), holds: kept(data, `{"a":2}`)},
		{
			name: "write a version of data", calls: 3, prepare: put, request: admin("PUT /admin/sessions/{handle}/data", `{"a":2}`, `"1"`),
			good: says(200, statusOK), again: met, holds: kept(data, `{"a":2}`),
		},
		{name: "write claims", calls: 3, request: admin("PATCH /admin/sessions/{handle}/claims", `{"a":3}`, ""), good: says(200), holds: kept(claims, `{"a":3}`)},
		{
			name: "write a version of claims", calls: 3, request: admin("PATCH /admin/sessions/{handle}/claims", `{"a":3}`, `"1"`),
			good: says(200), again: met, holds: kept(claims, `{"a":3}`),
		},
	}
	return ops
}

func keyOperations() []operation {
	get := func(route string) func(*person) (*client, request) {
		return func(p *person) (*client, request) { return p.guest, request{route: route} }
	}
	return []operation{
		{name: "keys", calls: 1, request: get(keysRoute), good: says(200, `"keys":[{`)},
		{name: "discovery", calls: 1, request: get(discoveryRoute), good: says(200, fmt.Sprintf("%q", issuer))},
	}
}
