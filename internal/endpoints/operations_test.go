package endpoints_test

import (
	"slices"
	"time"
)

// operation is a request that a person makes, and what its answer means.
type operation struct {
	name    string
	calls   int                              // that it makes to stores, at least
	cold    bool                             // the authorizer has no keys yet
	limit   time.Duration                    // that its function has; 0 means allowed
	prepare func(*person)                    // before it is made
	request func(*person) (*client, request) // who makes it, and what it is
	good    func(answer) bool                // the answer when nothing goes wrong
	again   func(answer) bool                // what a second try may be told instead, after a first that cannot say
	holds   func(p *person, last answer)     // asserts what must be so after the last answer
}

func operations() []operation {
	return slices.Concat(accountOperations(), sessionOperations(), ownOperations(), adminOperations(), keyOperations(), checkedOperations())
}

const statusOK = `"status":"OK"`

func accountOperations() []operation {
	by := func(route, body func(*person) string) func(*person) (*client, request) {
		return func(p *person) (*client, request) { return p.guest, request{route: route(p), body: body(p)} }
	}
	always := func(s string) func(*person) string { return func(*person) string { return s } }
	known := func(p *person) string { return form(p.email, password) }
	signedIn := func(p *person, _ answer) { p.alive(p.guest) }
	return []operation{
		{
			name: "sign-up", calls: 9, request: by(always(signUpRoute), func(p *person) string { return form("new"+p.email, password) }),
			good: says(200, statusOK), again: says(200, `"FIELD_ERROR"`, "already exists"),
			// Who was added although the first answer was lost signs in.
			holds: func(p *person, _ answer) {
				c := p.client("cookie")
				c.expect(200, request{route: signInRoute, body: form("new"+p.email, password)})
				p.alive(c)
			},
		},
		{name: "sign-in", calls: 11, request: by(always(signInRoute), known), good: says(200, statusOK), holds: signedIn},
		{
			name: "sign-in with a hash that is to be replaced", calls: 12, request: by(always(signInRoute), known), good: says(200, statusOK),
			prepare: func(p *person) {
				if err := p.accounts.UpdateHash(p.t.Context(), p.user(), p.weak); err != nil {
					p.t.Fatal(err)
				}
			},
			holds: signedIn,
		},
		{
			name: "sign-in with a wrong password", calls: 5, good: says(200, "WRONG_CREDENTIALS_ERROR"),
			request: by(always(signInRoute), func(p *person) string { return form(p.email, password+"?") }),
		},
		{
			name: "sign-in of nobody", calls: 5, good: says(200, "WRONG_CREDENTIALS_ERROR"),
			request: by(always(signInRoute), func(p *person) string { return form("no"+p.email, password) }),
		},
		{
			name: "sign-in in place of a session", calls: 12, good: says(200, statusOK),
			request: func(p *person) (*client, request) { return p.browser, request{route: signInRoute, body: known(p)} },
			holds:   func(p *person, _ answer) { p.alive(p.browser); p.over(p.browserGrant) },
		},
		isTaken("is the address taken", "GET /auth/emailpassword/email/exists"),
		isTaken("is the address taken, as older clients ask", "GET /auth/signup/email/exists"),
	}
}

func isTaken(name, route string) operation {
	return operation{
		name: name, calls: 2, good: says(200, `"exists":true`),
		request: func(p *person) (*client, request) {
			return p.guest, request{route: route, query: map[string]string{"email": p.email}}
		},
	}
}

// sends is a request of the browser.
func sends(route string) func(*person) (*client, request) {
	return func(p *person) (*client, request) { return p.browser, request{route: route, body: aNote} }
}

// presents is a refresh with the token that the browser was given first.
func presents(p *person) (*client, request) {
	return p.twin(p.browserGrant), request{route: refreshRoute}
}

func sessionOperations() []operation {
	spend := func(after time.Duration) func(*person) {
		return func(p *person) { p.browser.expect(200, request{route: refreshRoute}); p.advance(after) }
	}
	ended := func(p *person, _ answer) { p.over(p.browserGrant) }
	return []operation{
		{name: "refresh", calls: 2, request: sends(refreshRoute), good: says(200), holds: func(p *person, _ answer) { p.alive(p.browser) }},
		{
			name: "refresh with the token that was spent just now", calls: 2, prepare: spend(30 * time.Second), request: presents, good: says(200),
			holds: func(p *person, _ answer) { p.alive(p.browser) },
		},
		{
			name: "refresh with a token that was spent long ago", calls: 3, prepare: spend(2 * time.Minute), request: presents, good: says(401, "unauthorised"),
			holds: func(p *person, _ answer) { p.browser.expect(401, request{route: "POST /notes", body: aNote}) },
		},
		{
			name: "refresh with a stolen token", calls: 3, request: presents, good: says(401),
			prepare: func(p *person) { spend(2 * time.Minute)(p); spend(2 * time.Minute)(p) },
			holds:   func(p *person, _ answer) { p.browser.expect(401, request{route: "POST /notes", body: aNote}) },
		},
		{name: "refresh of a session that is over", calls: 2, prepare: signOut, request: presents, good: says(401, "unauthorised"), holds: ended},
		{name: "sign-out", calls: 2, limit: 3 * allowed, request: sends(signOutRoute), good: says(200, statusOK), holds: ended},
		{
			name: "sign-out twice", calls: 2, limit: 3 * allowed, prepare: signOut, good: says(200, statusOK), holds: ended,
			request: func(p *person) (*client, request) { return p.twin(p.browserGrant), request{route: signOutRoute} },
		},
	}
}

func signOut(p *person) { p.twin(p.browserGrant).expect(200, request{route: signOutRoute}) }

func checkedOperations() []operation {
	return []operation{
		{name: "a write", calls: 1, request: sends("POST /notes"), good: says(201), holds: func(p *person, _ answer) { p.alive(p.browser) }},
		{name: "a write before there are keys", cold: true, calls: 2, request: sends("POST /notes"), good: says(201)},
		{name: "a read before there are keys", cold: true, calls: 1, request: sends("GET /notes"), good: says(200)},
		{name: "a read that may be anonymous, before there are keys", cold: true, calls: 1, request: sends("GET /greeting"), good: says(200)},
		{name: "a read without the claim it needs, before there are keys", cold: true, calls: 1, request: sends("GET /reports"), good: says(403)},
		{name: "a write of a session that is over", calls: 1, prepare: signOut, good: says(401), request: func(p *person) (*client, request) {
			return p.twin(p.browserGrant), request{route: "POST /notes", body: aNote}
		}},
		{name: "a write of a session that is over, before there are keys", cold: true, calls: 2, prepare: signOut, good: says(401),
			request: func(p *person) (*client, request) {
				return p.twin(p.browserGrant), request{route: "POST /notes", body: aNote}
			}},
	}
}
