package endpoints_test

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// eachForm runs a test against sign-up and sign-in.
func eachForm(t *testing.T, test func(t *testing.T, c *client, route string)) {
	for _, route := range []string{signUpRoute, signInRoute} {
		t.Run(route, func(t *testing.T) { test(t, newStack(t).client("cookie"), route) })
	}
}

// expectNothing asserts an answer that gives no tokens.
func expectNothing(t *testing.T, a answer, status int, body string) {
	t.Helper()
	if a.StatusCode != status || a.Body != body {
		t.Errorf("answer = %d %s, want %d %s", a.StatusCode, a.Body, status, body)
	}
	expectUntouched(t, a.Body, a)
}

func TestFormsThatAreNone(t *testing.T) {
	const noObject = "the body must be one JSON object, in UTF-8, with no name twice"
	const email, pass = `{"id":"email","value":"a@example.com"}`, `{"id":"password","value":"correct horse battery 9"}`
	eachForm(t, func(t *testing.T, c *client, route string) {
		for _, test := range []struct{ body, message string }{
			{``, noObject}, {`x`, noObject}, {`[]`, noObject}, {`"x"`, noObject}, {`{"formFields":[]} {}`, noObject},
			{`{"formFields":[],"formFields":[]}`, noObject},
			{`null`, "Missing input param: formFields"}, {`{}`, "Missing input param: formFields"},
			{`{"FormFields":[]}`, "Missing input param: formFields"},
			{`{"formFields":null}`, "formFields must be an array"}, {`{"formFields":{}}`, "formFields must be an array"},
			{`{"formFields":"x"}`, "formFields must be an array"},
			{`{"formFields":[null]}`, "All elements of formFields must be an object"},
			{`{"formFields":["x",1]}`, "All elements of formFields must be an object"},
			{`{"formFields":[{}]}`, "All elements of formFields must contain an 'id' and 'value' field"},
			{`{"formFields":[{"id":"email"}]}`, "All elements of formFields must contain an 'id' and 'value' field"},
			{`{"formFields":[{"value":"x"}]}`, "All elements of formFields must contain an 'id' and 'value' field"},
			{`{"formFields":[{"id":1,"value":"x"}]}`, "All elements of formFields must contain an 'id' and 'value' field"},
			{`{"formFields":[{"id":"email","value":1},` + pass + `]}`, "email value must be a string"},
			{`{"formFields":[{"id":"email","value":null},` + pass + `]}`, "email value must be a string"},
			{`{"formFields":[` + email + `,{"id":"password","value":["x"]}]}`, "password value must be a string"},
			{`{"formFields":[` + email + `,{"id":"name","value":"x"}]}`, "Are you sending too many formFields?"},
			{`{"formFields":[` + email + `,` + pass + `,` + pass + `]}`, "Are you sending too many formFields?"},
			{`{"formFields":[` + email + `,` + email + `]}`, "Are you sending too many formFields?"},
			{`{"formFields":[` + pass + `,` + pass + `]}`, "Are you sending too many formFields?"},
			{strings.Repeat("[", 8000), noObject},
		} {
			c.free(func() {
				expectNothing(t, c.send(request{route: route, body: test.body}), 400, `{"message":"`+test.message+`"}`)
			})
		}
		for _, test := range []struct{ body, fields string }{
			{form("x", password), `{"id":"email","error":"Email is invalid"}`},
			{form("", password), `{"id":"email","error":"Field is not optional"}`},
			{form("a@example.com", ""), `{"id":"password","error":"Field is not optional"}`},
			{`{"formFields":[]}`, `{"id":"email","error":"Field is not optional"},{"id":"password","error":"Field is not optional"}`},
		} {
			c.free(func() {
				expectNothing(t, c.send(request{route: route, body: test.body}), 200, `{"formFields":[`+test.fields+`],"status":"FIELD_ERROR"}`)
			})
		}
		// The cap holds after decoding.
		long := request{route: route, body: form("a@example.com", strings.Repeat("x", 9000))}
		c.free(func() { expectNothing(t, c.send(long), 413, `{"message":"body too large"}`) })
		long.headers = map[string]string{"content-type": "application/octet-stream"} // in base64
		c.free(func() { expectNothing(t, c.send(long), 413, `{"message":"body too large"}`) })
	})
}

// A sign-in during which all of the user's sessions are ended, after any of its
// calls to a store, gives no session that lives, unless their
// epoch was not read yet.
func TestSignInWhileAllSessionsEnd(t *testing.T) {
	const ended = `{"message":"You have been signed out everywhere. Please sign in again.","status":"GENERAL_ERROR"}`
	g, told := inMemory(t), 0
	calls := interleaved(func() scene {
		p, early := g.person(), false
		g.sessions.Take()
		return scene{p.guest, request{route: signInRoute, body: known(p)}, func() {
			early = g.sessions.Take()["User"] == 0
			p.client("header").asks(request{route: endAllRoute, params: of(p.id)})
		}, func(a answer) {
			if a.Body == ended {
				expectUntouched(t, "sign-in", a)
				told++
			} else if !early {
				p.guest.expect(401, request{route: "POST /notes", body: aNote})
			}
		}}
	})
	if calls < 7 || told < 2 {
		t.Errorf("all sessions were ended at %d calls of a sign-in, and %d were told, want all of them", calls, told)
	}
}

// An app signs in from an origin that nobody lists. It gets headers, and the
// cookies that a browser adds by itself are neither believed nor touched.
func TestSignInFromAnApp(t *testing.T) {
	browser := signedUp(t, "cookie")
	for _, origin := range []string{"capacitor://localhost", "tauri://localhost", "chrome-extension://abcdefghijklmnop", "https://unlisted.example"} {
		browser.mode = "header"
		a := browser.serve(t.Context(), request{route: signInRoute, body: form("alice@example.com", password), headers: map[string]string{"origin": origin, "sec-fetch-site": "cross-site"}})
		if a.StatusCode != 200 || a.Headers["st-access-token"] == "" || len(a.Cookies) > 0 {
			t.Fatalf("sign-in from %s = %d %s, with %d cookies, want 200 and headers only", origin, a.StatusCode, a.Body, len(a.Cookies))
		}
		app := browser.stack.client("header")
		app.receive("/auth/signin", a)
		for _, r := range []request{{route: "POST /notes", body: aNote}, {route: refreshRoute}, {route: signOutRoute}} {
			r.headers = map[string]string{"origin": origin, "sec-fetch-site": "cross-site"}
			if a := app.send(r); a.StatusCode > 201 {
				t.Errorf("%s from %s = %d %s, want that it passes", r.route, origin, a.StatusCode, a.Body)
			}
		}
	}
	browser.mode = "cookie"
	browser.expect(201, request{route: "POST /notes", body: aNote})
	browser.expect(200, request{route: refreshRoute})
}

// What another site's page makes a browser send changes nothing: it signs no
// visitor in or out, and costs no token.
func TestPagesOfOtherSites(t *testing.T) {
	c := signedUp(t, "cookie")
	c.expect(200, request{route: refreshRoute}) // keys are loaded
	for _, route := range []string{signUpRoute, signInRoute, signInUpRoute, refreshRoute, signOutRoute} {
		for _, headers := range []map[string]string{
			{"origin": "https://evil.example"}, {"origin": "null"}, {"origin": "", "sec-fetch-site": "cross-site"},
		} {
			c.free(func() {
				a := c.send(request{route: route, body: form("a@example.com", password), headers: headers})
				expectNothing(t, a, 403, `{"message":"origin not allowed"}`)
			})
		}
	}
	c.free(func() {
		expectOver(t, c.serve(t.Context(), request{route: refreshRoute, headers: map[string]string{"rid": ""}}), "unauthorised")
	})
	c.expect(200, request{route: refreshRoute})
	for _, headers := range []map[string]string{{"origin": ""}, {"rid": ""}, {"origin": "", "sec-fetch-site": "same-origin"}, {"content-type": ""}} {
		c.expect(200, request{route: signInRoute, body: form(alice, password), headers: headers})
	}
}

func TestUserShapes(t *testing.T) {
	c := newStack(t).client("header")
	a := c.signUp("alice@example.com")
	user := decoded(t, a)["user"].(map[string]any)
	if decoded(t, a)["createdNewRecipeUser"] != true {
		t.Errorf("sign-up = %s, want createdNewRecipeUser", a.Body)
	}
	joined := fmt.Sprint(c.now().UnixMilli())
	id := user["id"].(string)
	newShape := `{"emails":["alice@example.com"],"id":"ID","isPrimaryUser":false,"loginMethods":[{"email":"alice@example.com","recipeId":"emailpassword","recipeUserId":"ID","tenantIds":["public"],"timeJoined":AT,"verified":false}],"phoneNumbers":[],"tenantIds":["public"],"thirdParty":[],"timeJoined":AT,"webauthn":{"credentialIds":[]}}`
	oldShape := `{"email":"alice@example.com","id":"ID","timeJoined":AT}`
	for version, shape := range map[string]string{
		"1.17": oldShape, "2.0": oldShape, "1.16,1.17": oldShape,
		"1.18": newShape, "3.0": newShape, "1.16,2.0,4.2": newShape, "": newShape, "x": newShape,
	} {
		a := c.stack.client("header").expect(200, request{route: signInRoute, body: form("alice@example.com", password), headers: map[string]string{"fdi-version": version}})
		want := decoded(t, answer{Body: strings.NewReplacer("ID", id, "AT", joined).Replace(shape)})
		if _, told := decoded(t, a)["createdNewRecipeUser"]; told {
			t.Errorf("sign-in = %s, want no createdNewRecipeUser", a.Body)
		}
		if got := decoded(t, a)["user"]; !reflect.DeepEqual(got, any(want)) {
			t.Errorf("user for fdi-version %q = %v, want %v", version, got, want)
		}
	}
}

// A tenant that is not there is refused before anything is asked, and nothing
// is cleared. One that is there has its own accounts.
func TestTenants(t *testing.T) {
	c := signedUp(t, "header") // the refresh cookie's path has no tenant
	for route := range routes() {
		for _, tenant := range []string{"nobody", "Public", "acme ", "..", strings.Repeat("a", 500)} {
			if strings.Contains(route, "{tenantId}") {
				r := request{
					route: route, params: map[string]string{"tenantId": tenant}, body: form("alice@example.com", password),
					query: map[string]string{"email": "alice@example.com"},
				}
				refused := func() { expectNothing(t, c.send(r), 400, `{"message":"unknown tenant"}`) }
				if protected(route) { // the authorizer asks for the session
					refused()
					continue
				}
				c.free(refused)
			}
		}
	}
	of := func(route, tenant string) answer {
		return c.stack.client("header").expect(200, request{
			route: route, params: map[string]string{"tenantId": tenant}, body: form("alice@example.com", password),
		})
	}
	if of("POST /auth/{tenantId}/signin", "acme").Body != `{"status":"WRONG_CREDENTIALS_ERROR"}` {
		t.Error("an account is known to another tenant")
	}
	of("POST /auth/{tenantId}/signup", "acme")
	of("POST /auth/{tenantId}/signin", "public")
	for _, route := range []string{keysRoute, issuerKeysRoute, discoveryRoute} { // these are common to all
		got, want := of(strings.Replace(route, "/auth", "/auth/{tenantId}", 1), "acme"), c.expect(200, request{route: route})
		if got.Body != want.Body {
			t.Errorf("%s of a tenant = %s, want %s", route, got.Body, want.Body)
		}
	}
	for _, name := range []string{"session/refresh", "signout"} { // these go by the token, whatever its tenant
		c.expect(200, request{route: "POST /auth/{tenantId}/" + name, params: map[string]string{"tenantId": "acme"}})
	}
}

// A client that changes its transport keeps nothing of the old one.
func TestSignInByTheOtherTransport(t *testing.T) {
	eachMode(t, func(t *testing.T, c *client) {
		other := map[string]string{"cookie": "header", "header": "cookie"}[c.mode]
		c.mode = other
		c.expect(200, request{route: signInRoute, body: form("alice@example.com", password)})
		if inJar := len(c.jar.Cookies(c.url("/auth/session/refresh"))); (inJar == 2) != (other == "cookie") || (c.access == "") != (other == "cookie") {
			t.Errorf("after sign-in by %s: %d cookies, access token by header: %v", other, inJar, c.access != "")
		}
	})
}

// A sign-in ends the session that came with it. Where nobody can say whether
// the token is one of ours, because its key may be newer than the keys at
// hand, that cannot be done, and so nothing is.
func TestSignInWithATokenOfUnknownKey(t *testing.T) {
	c := signedUp(t, "header")
	again := request{route: signInRoute, body: form("alice@example.com", password)}
	c.expect(200, again)
	segment, rest, _ := strings.Cut(c.access, ".")
	header, err := base64.RawURLEncoding.DecodeString(segment)
	if err != nil {
		t.Fatal(err)
	}
	kid := strings.Index(string(header), `"kid":"`) + len(`"kid":"`)
	header[kid] ^= 1
	c.access = base64.RawURLEncoding.EncodeToString(header) + "." + rest
	c.keys.arm(down())
	c.advance(10 * time.Minute)
	expectTryAgain(t, signInRoute, c.serve(t.Context(), again))
	c.keys.arm(nil)
	c.advance(10 * time.Minute)
	c.expect(200, again)
}
