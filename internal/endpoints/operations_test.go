package endpoints_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

// The routes that many tests ask for, and the body of a write.
const (
	signUpRoute     = "POST /auth/signup"
	signInRoute     = "POST /auth/signin"
	refreshRoute    = "POST /auth/session/refresh"
	signOutRoute    = "POST /auth/signout"
	takenRoute      = "GET /auth/emailpassword/email/exists"
	keysRoute       = "GET /auth/jwt/jwks.json"
	issuerKeysRoute = "GET /auth/.well-known/jwks.json"
	discoveryRoute  = "GET /auth/.well-known/openid-configuration"

	endOwn      = "DELETE /auth/sessions/{handle}"
	infoRoute   = "GET /admin/sessions/{handle}"
	endRoute    = "DELETE /admin/sessions/{handle}"
	getData     = "GET /admin/sessions/{handle}/data"
	putData     = "PUT /admin/sessions/{handle}/data"
	patchClaims = "PATCH /admin/sessions/{handle}/claims"
	listRoute   = "GET /admin/users/{userId}/sessions"
	endAllRoute = "DELETE /admin/users/{userId}/sessions"
	endMany     = "POST /admin/sessions/revoke"
	startRoute  = "POST /admin/sessions"
	tokenRoute  = "POST /admin/sessions/{handle}/token"
	userRoute   = "GET /admin/users/{userId}"
	patchUser   = "PATCH /admin/users/{userId}"
	usersRoute  = "GET /admin/users"
	addRoute    = "POST /admin/users"
	deleteUser  = "DELETE /admin/users/{userId}"
	getRoles    = "GET /admin/users/{userId}/claims"
	patchRoles  = "PATCH /admin/users/{userId}/claims"

	aNote    = `{"text":"x"}`
	statusOK = `"status":"OK"`

	wrongPassword = `{"status":"WRONG_CREDENTIALS_ERROR"}`
	emailTaken    = `{"formFields":[{"id":"email","error":"This email already exists. Please sign in instead."}],"status":"FIELD_ERROR"}`
)

// operation is a request that a person makes, and what its answer means.
type operation struct {
	name    string
	cold    bool                             // the authorizer has no keys yet
	long    bool                             // its function has 15 s, not 5
	needs   []string                         // the kinds of items without which nobody can say: see records
	prepare func(*person)                    // before it is made
	request func(*person) (*client, request) // who makes it, and what it is
	good    func(answer) bool                // the answer when nothing goes wrong
	again   func(answer) bool                // what a second try may be told instead, after a first that cannot say
	holds   func(p *person, last answer)     // asserts what must be so after the last answer
}

func operations() []operation {
	return slices.Concat(accountOperations(), mailOperations(), loginOperations(), refreshOperations(), ownOperations(), adminOperations(),
		impersonateOperations(), userOperations(), directoryOperations(), dataOperations(), keyOperations(), checkedOperations())
}

// says returns what is to be found in a good answer of that status.
func says(status int, texts ...string) func(answer) bool {
	return func(a answer) bool {
		for _, text := range texts {
			if !strings.Contains(a.Body, text) {
				return false
			}
		}
		return a.StatusCode == status
	}
}

// just returns whether an answer is that and nothing else.
func just(status int, body string) func(answer) bool {
	return func(a answer) bool { return a.StatusCode == status && a.Body == body }
}

// isOver is the answer that a session has ended.
func isOver(message string) func(answer) bool {
	return func(a answer) bool {
		return a.StatusCode == 401 && a.Body == `{"message":"`+message+`"}` && a.Headers["front-token"] == "remove"
	}
}

// by is a request of one of the person's clients.
func by(who func(*person) *client, route string, body func(*person) string) func(*person) (*client, request) {
	return func(p *person) (*client, request) { return who(p), request{route: route, body: body(p)} }
}

func guest(p *person) *client   { return p.guest }
func browser(p *person) *client { return p.browser }
func app(p *person) *client     { return p.app }

// spent is a client with the tokens that the browser was given first.
func spent(p *person) *client { return p.twin(p.browserGrant) }

func note(*person) string    { return aNote }
func known(p *person) string { return form(p.email, password) }

func accountOperations() []operation {
	attempt := []string{"source", "network", "guesses", "bucket", "user"}
	signIn := append([]string{"user item", "settings", "signing key", "MAC key"}, attempt...)
	signedIn := func(p *person, _ answer) { p.alive(p.guest) }
	inPlace := func(p *person, _ answer) { p.alive(p.browser); p.over(p.browserGrant) }
	return []operation{
		{
			name: "sign-up", request: by(guest, signUpRoute, func(p *person) string { return form("new"+p.email, password) }),
			good: says(200, statusOK), again: just(200, emailTaken),
			// Who was added although the first answer was lost signs in.
			holds: func(p *person, _ answer) {
				c := p.client("cookie")
				c.expect(200, request{route: signInRoute, body: form("new"+p.email, password)})
				p.alive(c)
			},
		},
		{name: "sign-up with an address that is taken", needs: []string{"user"}, request: by(guest, signUpRoute, known), good: just(200, emailTaken)},
		{name: "sign-in", needs: signIn, request: by(guest, signInRoute, known), good: says(200, statusOK), holds: signedIn},
		{
			name: "sign-in with a hash that is to be replaced", request: by(guest, signInRoute, known), good: says(200, statusOK),
			prepare: func(p *person) {
				weak := p.user()
				weak.Hash = p.weak
				if err := p.accounts.Update(p.t.Context(), p.user(), weak); err != nil {
					p.t.Fatal(err)
				}
			},
			holds: signedIn,
		},
		{
			name: "sign-in with a wrong password", needs: attempt, good: just(200, wrongPassword),
			request: by(guest, signInRoute, func(p *person) string { return form(p.email, password+"?") }),
		},
		{
			name: "sign-in of nobody", good: just(200, wrongPassword),
			request: by(guest, signInRoute, func(p *person) string { return form("no"+p.email, password) }),
		},
		{name: "sign-in in place of a browser's session", request: by(browser, signInRoute, known), good: says(200, statusOK), holds: inPlace},
		{
			name: "sign-in in place of an app's session", request: by(app, signInRoute, known), good: says(200, statusOK),
			holds: func(p *person, _ answer) { p.alive(p.app); p.over(p.appGrant) },
		},
		isTaken("is the address taken", takenRoute),
		isTaken("is the address taken, as older clients ask", "GET /auth/signup/email/exists"),
	}
}

func isTaken(name, route string) operation {
	return operation{
		name: name, needs: []string{"user"}, good: says(200, `"exists":true`),
		request: func(p *person) (*client, request) {
			return p.guest, request{route: route, query: map[string]string{"email": p.email}}
		},
	}
}

func refreshOperations() []operation {
	spend := func(after time.Duration) func(*person) {
		return func(p *person) { p.browser.expect(200, request{route: refreshRoute}); p.advance(after) }
	}
	ended := func(p *person, _ answer) { p.over(p.browserGrant) }
	notBrowser := func(p *person, _ answer) { p.browser.expect(401, request{route: "POST /notes", body: aNote}) }
	keys := []string{"session", "settings", "signing key", "MAC key"}
	return []operation{
		{name: "refresh", needs: keys, request: by(browser, refreshRoute, note), good: says(200), holds: func(p *person, _ answer) { p.alive(p.browser) }},
		{
			name: "refresh with the token that was spent just now", prepare: spend(30 * time.Second), request: by(spent, refreshRoute, note), good: says(200),
			holds: func(p *person, a answer) {
				if _, child := p.browser.tokens(); a.Headers["st-refresh-token"] != child {
					p.t.Error("the spent token gave another child than the first time")
				}
				p.alive(p.browser)
			},
		},
		{
			name: "refresh with a token that was spent long ago", prepare: spend(61 * time.Second), request: by(spent, refreshRoute, note),
			good: isOver("unauthorised"), holds: notBrowser,
		},
		{
			name: "refresh with a stolen token", prepare: func(p *person) { spend(2 * time.Minute)(p); spend(2 * time.Minute)(p) },
			request: by(spent, refreshRoute, note), good: isOver("token theft detected"), again: isOver("unauthorised"),
			holds: func(p *person, a answer) {
				notBrowser(p, a)
				if a := p.browser.send(request{route: refreshRoute}); !isOver("unauthorised")(a) {
					p.t.Errorf("refresh of a stolen session = %d %s, want unauthorised", a.StatusCode, a.Body)
				}
			},
		},
		{name: "refresh of a session that is over", prepare: signOut, request: by(spent, refreshRoute, note), good: isOver("unauthorised"), holds: ended},
		{name: "sign-out", long: true, needs: keys[1:], request: by(browser, signOutRoute, note), good: says(200, statusOK), holds: ended},
		{name: "sign-out twice", long: true, prepare: signOut, request: by(spent, signOutRoute, note), good: says(200, statusOK), holds: ended},
	}
}

func signOut(p *person) { spent(p).expect(200, request{route: signOutRoute}) }

// ownOperations are those of a person with their own sessions.
func ownOperations() []operation {
	others := func(p *person, _ answer) { p.over(p.appGrant); p.alive(p.browser) }
	return []operation{
		{
			name: "list of own sessions", long: true, needs: []string{"session", "user item"}, request: by(browser, "GET /auth/sessions", note),
			good: says(200, `"current":true`, `"current":false`),
		},
		{
			name: "end one's own session", long: true, good: says(200, statusOK), holds: others,
			request: func(p *person) (*client, request) {
				return p.browser, request{route: endOwn, params: p.of(p.appGrant)}
			},
		},
		{
			name: "end all other sessions", long: true, needs: []string{"session", "user item"}, request: by(browser, "DELETE /auth/sessions", note),
			good: says(200, statusOK), holds: others,
		},
		{
			name: "change of the password", needs: []string{"session", "user item", "user", "source", "network", "guesses", "bucket"},
			request: by(browser, changeRoute, func(*person) string { return change(password, newPassword) }), good: says(200, statusOK),
			holds: func(p *person, a answer) {
				others(p, a)
				p.guest.expect(200, request{route: signInRoute, body: form(p.email, newPassword)})
				p.alive(p.guest)
			},
		},
	}
}

// mailOperations are those of people who have forgotten the password, or have
// not verified the address. Where the last answer of all was lost, the link is
// gone, and what it was for is done.
func mailOperations() []operation {
	oldIsOver := func(p *person, _ answer) {
		p.over(p.browserGrant)
		p.over(p.appGrant)
		if a := p.guest.send(request{route: signInRoute, body: known(p)}); !says(200, "WRONG_CREDENTIALS_ERROR")(a) {
			p.t.Errorf("sign-in with the old password = %d %s", a.StatusCode, a.Body)
		}
		p.guest.expect(200, request{route: signInRoute, body: form(p.email, newPassword)})
		p.alive(p.guest)
	}
	isVerifiedNow := func(p *person, _ answer) {
		p.alive(p.browser)
		if a := p.app.expect(200, request{route: isVerified}); !says(200, `"isVerified":true`)(a) {
			p.t.Errorf("after the verification: %s", a.Body)
		}
	}
	session := []string{"session", "user item"}
	return []operation{
		{
			name: "ask for a mail to reset the password", request: by(guest, askResetRoute, func(p *person) string { return forgotten(p.email) }),
			good: says(200, statusOK),
		},
		{
			name: "reset the password", needs: []string{"user"}, good: says(200, statusOK),
			request: by(guest, resetRoute, func(p *person) string { return resetting(p.link(accounts.ResetPassword, p.user()), newPassword) }),
			again:   says(200, "RESET_PASSWORD_INVALID_TOKEN_ERROR"), holds: oldIsOver,
		},
		{
			name: "ask for a mail to verify the address", needs: session, request: by(browser, askVerifyRoute, note),
			good: says(200, statusOK), holds: func(p *person, _ answer) { p.alive(p.browser) },
		},
		{
			name: "verify the address", needs: append([]string{"user"}, session...), good: says(200, statusOK),
			request: by(browser, verifyRoute, func(p *person) string { return verifying(p.link(accounts.VerifyEmail, p.user())) }),
			again:   says(200, "EMAIL_VERIFICATION_INVALID_TOKEN_ERROR"), holds: isVerifiedNow,
		},
		{
			name: "is the address verified", needs: session, request: by(browser, isVerified, note), good: says(200, `"isVerified":true`),
			prepare: func(p *person) {
				p.guest.asks(request{route: patchRoles, params: p.of(p.browserGrant), body: `{"st-ev":{"v":true,"t":1}}`})
			},
			holds: isVerifiedNow,
		},
	}
}

// admin is a request of a backend about the browser's session and its user.
func admin(route, body, version string) func(*person) (*client, request) {
	return func(p *person) (*client, request) {
		return p.guest, request{
			route: route, params: p.of(p.browserGrant), body: body, admin: true, headers: map[string]string{"if-match": version},
		}
	}
}

// asking is admin with a body that the person makes.
func asking(route string, body func(*person) string) func(*person) (*client, request) {
	return func(p *person) (*client, request) { return admin(route, body(p), "")(p) }
}

// reads returns the body of what a backend reads.
func (p *person) reads(route string) string {
	p.t.Helper()
	c, r := admin(route, "", "")(p)
	return c.expect(200, r).Body
}

func adminOperations() []operation {
	session := []string{"session", "user item"}
	return []operation{
		{name: "about a session", long: true, needs: session, request: admin(infoRoute, "", ""), good: says(200, "sessionHandle")},
		{
			name: "end a session", long: true, request: admin(endRoute, "", ""), good: says(200, statusOK),
			holds: func(p *person, _ answer) { p.over(p.browserGrant); p.alive(p.app) },
		},
		{name: "a user's sessions", long: true, needs: session, request: admin(listRoute, "", ""), good: says(200, "sessionHandle")},
		{
			name: "end a user's sessions", long: true, request: admin(endAllRoute, "", ""), good: says(200, statusOK),
			holds: func(p *person, _ answer) { p.over(p.browserGrant); p.over(p.appGrant) },
		},
		{
			name: "end many sessions", long: true, good: says(200, statusOK),
			request: asking(endMany, func(p *person) string {
				return fmt.Sprintf(`{"handles":[%q,%q]}`, p.browserGrant.Session.Handle, p.appGrant.Session.Handle)
			}),
			holds: func(p *person, _ answer) { p.over(p.browserGrant); p.over(p.appGrant) },
		},
		{
			name: "end a user's sessions but one", long: true, needs: session, good: says(200, statusOK),
			request: func(p *person) (*client, request) {
				c, r := admin(endAllRoute, "", "")(p)
				r.query = map[string]string{"except": p.browserGrant.Session.Handle.String()}
				return c, r
			},
			holds: func(p *person, _ answer) { p.over(p.appGrant); p.alive(p.browser) },
		},
	}
}

// starting is the body by which a backend starts a session of the person.
func starting(mode, more string) func(*person) string {
	return func(p *person) string {
		u, _ := p.manager.User(p.t.Context(), "public", p.id) // where nobody can read it, any epoch does
		return fmt.Sprintf(`{"userId":%q,"mode":%q,"epoch":%q%s}`, p.id, mode, u.EpochText(), more)
	}
}

func impersonateOperations() []operation {
	keys := []string{"user item", "settings", "signing key", "MAC key"}
	return []operation{
		{
			name: "start a session by a backend", long: true, needs: keys, request: asking(startRoute, starting("header", "")),
			good: says(201, "sessionHandle", "st-refresh-token"), holds: func(p *person, a answer) { p.alive(p.follow("header", a)) },
		},
		{
			name: "start a session with data by a backend", long: true, needs: keys, request: asking(startRoute, starting("cookie", `,"data":{"a":1}`)),
			good: says(201, "sessionHandle", "sRefreshToken="), holds: func(p *person, a answer) {
				c := p.follow("cookie", a)
				p.alive(c)
				if got := c.admin(getData, c.handle(), "", nil); got.Body != `{"a":1}` {
					p.t.Errorf("the data of a session that was started with them are %s", got.Body)
				}
			},
		},
		{
			name: "a new access token for a backend", long: true, needs: append([]string{"session"}, keys...), good: says(200, "st-access-token"),
			request: admin(tokenRoute, `{"mode":"header"}`, ""), holds: func(p *person, a answer) {
				c := p.twin(p.browserGrant)
				c.access = p.follow("header", a).access
				p.alive(c)
			},
		},
	}
}

// userOperations are those of backends with users.
func userOperations() []operation {
	disable := func(p *person) {
		c, r := admin(patchUser, `{"disabled":true}`, "")(p)
		c.expect(200, r)
	}
	const role = `{"st-role":{"v":["admin"],"t":1}}`
	hasRole := func(p *person, _ answer) {
		if got := p.reads(getRoles); got != role {
			p.t.Errorf("the user's claims are %s, want %s", got, role)
		}
	}
	item := []string{"user item"}
	return []operation{
		{name: "a user", needs: []string{"user item", "user"}, request: admin(userRoute, "", ""), good: says(200, `"disabled":false`)},
		{
			name: "disable a user", request: admin(patchUser, `{"disabled":true}`, ""), good: says(200, `"disabled":true`),
			holds: func(p *person, _ answer) {
				p.over(p.browserGrant)
				p.over(p.appGrant)
				expectNothing(p.t, p.guest.send(request{route: signInRoute, body: known(p)}), 200,
					`{"message":"This account is disabled.","status":"GENERAL_ERROR"}`)
			},
		},
		{
			name: "enable a user", prepare: disable, request: admin(patchUser, `{"disabled":false}`, ""), good: says(200, `"disabled":false`),
			holds: func(p *person, _ answer) {
				p.over(p.browserGrant)
				p.guest.expect(200, request{route: signInRoute, body: known(p)})
				p.alive(p.guest)
			},
		},
		{name: "a user's claims", needs: item, request: admin(getRoles, "", ""), good: says(200)},
		{name: "write a user's claims", needs: item, request: admin(patchRoles, role, ""), good: says(200, "admin"), holds: hasRole},
		{
			name: "write a version of a user's claims", needs: item, request: admin(patchRoles, role, `"0"`),
			good: says(200, "admin"), again: says(412), holds: hasRole,
		},
	}
}

// dataOperations are those of backends with data and claims. Who writes a
// version may be told of an own write, when the answer to it was lost.
func dataOperations() []operation {
	keeps := func(route, want string) func(*person, answer) {
		return func(p *person, _ answer) {
			if got := p.reads(route); !strings.Contains(got, want) {
				p.t.Errorf("%s = %s, want %s in it", route, got, want)
			}
		}
	}
	put := func(p *person) {
		c, r := admin(putData, `{"a":1}`, "")(p)
		c.expect(200, r)
	}
	session, data := []string{"session", "user item"}, []string{"session", "user item", "data"}
	return []operation{
		{name: "data", needs: data, prepare: put, request: admin(getData, "", ""), good: says(200, `{"a":1}`)},
		{name: "write data", needs: data, request: admin(putData, `{"a":2}`, ""), good: says(200, statusOK), holds: keeps(getData, `{"a":2}`)},
		{
			name: "write a version of data", needs: session, prepare: put, request: admin(putData, `{"a":2}`, `"1"`),
			good: says(200, statusOK), again: says(412), holds: keeps(getData, `{"a":2}`),
		},
		{name: "write claims", needs: session, request: admin(patchClaims, `{"a":3}`, ""), good: says(200), holds: keeps(infoRoute, `{"a":3}`)},
		{
			name: "write a version of claims", needs: session, request: admin(patchClaims, `{"a":3}`, `"1"`),
			good: says(200), again: says(412), holds: keeps(infoRoute, `{"a":3}`),
		},
	}
}

func keyOperations() []operation {
	keys := []string{"settings", "signing key", "MAC key"}
	return []operation{
		{name: "keys", needs: keys, request: by(guest, keysRoute, note), good: says(200, `"keys":[{`)},
		{name: "keys under the issuer", needs: keys, request: by(guest, issuerKeysRoute, note), good: says(200, `"keys":[{`)},
		{name: "discovery", needs: keys, request: by(guest, discoveryRoute, note), good: says(200, fmt.Sprintf("%q", issuer))},
	}
}

func checkedOperations() []operation {
	write, cold := "POST /notes", []string{"settings", "signing key", "MAC key"}
	return []operation{
		{name: "a write", needs: []string{"session", "user item"}, request: by(browser, write, note), good: says(201), holds: func(p *person, _ answer) { p.alive(p.browser) }},
		{name: "a write before there are keys", cold: true, needs: cold, request: by(browser, write, note), good: says(201)},
		{name: "a read before there are keys", cold: true, needs: cold, request: by(browser, "GET /notes", note), good: says(200)},
		{name: "a read that may be anonymous, before there are keys", cold: true, request: by(browser, "GET /greeting", note), good: says(200)},
		{name: "a read without the claim it needs, before there are keys", cold: true, request: by(browser, "GET /reports", note), good: says(403)},
		{name: "a write of a session that is over", prepare: signOut, request: by(spent, write, note), good: says(401)},
		{name: "a write of a session that is over, before there are keys", cold: true, prepare: signOut, request: by(spent, write, note), good: says(401)},
	}
}
