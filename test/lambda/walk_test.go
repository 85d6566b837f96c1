//go:build dynamodb

package lambda_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

const (
	ada     = "ada@example.com"
	adas    = "nine tall birches by the river"
	grace   = "grace@example.com"
	graces  = "a moth in relay number seventy"
	mistype = "nine small birches by the river"
)

// testHeaderMode is the life of a session whose tokens are in headers.
func (s *stack) testHeaderMode(t *testing.T) {
	c := s.client(t)
	c.post("/auth/signup", s.form("no address", "short")).want(200).saying(`"FIELD_ERROR"`)
	first := c
	first.bearer, _ = c.post("/auth/signup", s.form(ada, adas)).want(200).saying(`"OK"`).tokens()
	c.get("/auth/emailpassword/email/exists?email=" + ada).want(200).saying(`"exists":true`)
	c.post("/auth/signin", s.form(ada, mistype)).want(200).saying(`"WRONG_CREDENTIALS_ERROR"`)

	access, refresh := c.post("/auth/signin", s.form(ada, adas)).want(200).saying(`"OK"`).tokens()
	c.bearer = access
	c.get("/notes").want(200).saying(`"notes":[]`)
	c.post("/notes", `{"text":"milk"}`).want(201)
	c.get("/notes").want(200).saying("milk")
	c.get("/greeting").want(200).saying("Hello, ")
	c.get("/reports").want(403)

	c.bearer = refresh
	next, nextRefresh := c.post("/auth/session/refresh", "").want(200).tokens()
	// Two access tokens of one second may be the same.
	if nextRefresh == refresh {
		t.Error("POST /auth/session/refresh gave the old refresh token, want a new one")
	}
	again := c.post("/auth/session/refresh", "").want(200)
	if got := again.header.Get("St-Refresh-Token"); got != nextRefresh {
		t.Error("a repeated refresh gave another refresh token, want the same")
	}

	c.bearer = next
	c.post("/auth/signout", "").want(200).saying(`"OK"`)
	c.post("/notes", `{"text":"late"}`).want(401)
	c.get("/notes").want(200) // until its access token ends
	first.post("/notes", `{"text":"another session"}`).want(201)
}

// testCookieMode is the same in cookies, with the anti-CSRF rules.
func (s *stack) testCookieMode(t *testing.T) {
	c := s.client(t)
	c.cookie = true
	c.cookies = c.post("/auth/signup", s.form(grace, graces)).want(200).saying(`"OK"`).jar()
	c.get("/notes").want(200)
	c.post("/notes", `{"text":"moth"}`).want(201)
	c.get("/auth/sessions").want(200).saying(`"current":true`)

	c.cookies = c.post("/auth/session/refresh", "").want(200).jar()
	c.post("/notes", `{"text":"another moth"}`).want(201)

	out := c.post("/auth/signout", "").want(200)
	for _, cookie := range out.jar() {
		if cookie.Value != "" {
			t.Errorf("POST /auth/signout set %s to a value, want it cleared", cookie.Name)
		}
	}
	c.post("/notes", `{"text":"late"}`).want(401)
	c.post("/auth/session/refresh", "").want(401)
}

// testBackends uses the admin routes on a session of a user's.
func (s *stack) testBackends(t *testing.T) {
	c, admin := s.client(t), s.client(t)
	admin.signed = true
	access, refresh := c.post("/auth/signin", s.form(ada, adas)).want(200).tokens()
	c.bearer = access
	session := "/admin/sessions/" + claim(t, access, "sessionHandle")
	user := "/admin/users/" + claim(t, access, "sub") + "/sessions"

	c.get(session).want(403)
	admin.get(session).want(200).saying(`"userId"`)
	admin.do("PUT", session+"/data", `{"basket":["a bicycle"]}`).want(200)
	admin.get(session + "/data").want(200).saying("a bicycle")
	admin.do("PATCH", session+"/claims", `{"st-role":{"v":["admin"],"t":1}}`).want(200)
	admin.get(user).want(200).saying(claim(t, access, "sessionHandle"))

	c.get("/reports").want(403) // the claim is in the next token
	c.bearer = refresh
	c.bearer, _ = c.post("/auth/session/refresh", "").want(200).tokens()
	c.get("/reports").want(200)

	c.post("/notes", `{"text":"before"}`).want(201)
	admin.do("DELETE", session, "").want(200)
	c.post("/notes", `{"text":"after"}`).want(401)
	s.refusesDirectly(t, c.bearer)
	c.bearer = refresh
	c.post("/auth/session/refresh", "").want(401)
	admin.do("DELETE", user, "").want(200)
	admin.get(user).want(200).saying(`"sessions":[]`)
}

// refusesDirectly asks the authorizer itself: its error is that one word.
func (s *stack) refusesDirectly(t *testing.T, access string) {
	t.Helper()
	answer, err := s.invoke(t.Context(), "AuthorizerFunction", authorizerEvent("POST", access))
	if err == nil || err.Error() != "Unauthorized" {
		t.Errorf("AuthorizerFunction(POST, revoked) = %s, %v, want the error Unauthorized", answer, err)
	}
}

// authorizerEvent is the event for a request to /notes.
func authorizerEvent(method, access string) []byte {
	route := method + " /notes"
	event, _ := json.Marshal(map[string]any{ // texts and maps of texts
		"version": "2.0", "type": "REQUEST", "routeKey": route, "rawPath": "/notes",
		"routeArn": "arn:aws:execute-api:us-east-1:123456789012:" + apiID + "/$default/" + method + "/notes",
		"headers":  map[string]string{"authorization": "Bearer " + access},
		"requestContext": map[string]any{
			"apiId": apiID, "stage": "$default", "routeKey": route,
			"http": map[string]string{"method": method, "path": "/notes"},
		},
	})
	return event
}

// testStrangers are those without a token, or with one that proves nothing.
func (s *stack) testStrangers(t *testing.T) {
	c := s.client(t)
	c.get("/notes").want(401)
	c.post("/notes", `{"text":"who"}`).want(401)
	c.get("/greeting").want(200).saying("stranger")
	c.get("/admin/users/someone/sessions").want(403)
	c.post("/auth/session/refresh", "").want(401)

	good, refresh := c.post("/auth/signin", s.form(ada, adas)).want(200).tokens()
	cut := strings.LastIndex(good, ".") + 1
	flipped := "A"
	if good[cut] == 'A' {
		flipped = "B"
	}
	forged := good[:cut] + flipped + good[cut+1:]
	for _, bad := range []string{forged, good[:cut], refresh, "a.b.c"} {
		c.bearer = bad
		s.secrets.add(bad)
		c.get("/notes").want(401)
		c.post("/notes", `{"text":"forged"}`).want(401)
	}
	// Where a session is optional, one that cannot be proven still is an error.
	c.bearer = forged
	c.get("/greeting").want(401)
}

// testBadEvents gives every function what is no event of its, which holds a
// token. What it answers or logs must not quote it.
func (s *stack) testBadEvents(t *testing.T) {
	token, _ := s.client(t).post("/auth/signin", s.form(ada, adas)).want(200).tokens()
	for id := range s.functions {
		for _, event := range []string{`[]`, `"` + token + `"`, `{"headers":"` + token + `"}`, `{"body":{"` + token + `":1},"RequestType":7}`} {
			answer, err := s.invoke(t.Context(), id, []byte(event))
			if err != nil && strings.Contains(err.Error(), token) || strings.Contains(string(answer), token) {
				t.Errorf("%s quotes the token of a bad event", id)
			}
			if id == "AuthorizerFunction" && err == nil {
				t.Errorf("AuthorizerFunction(%.20s) = %s, want an error", event, answer)
			}
		}
	}
}

// claim returns a claim of an access token that is a text.
func claim(t *testing.T, access, name string) string {
	t.Helper()
	value, _ := claims(t, access)[name].(string)
	return value
}

// claims returns what an access token says.
func claims(t *testing.T, access string) map[string]any {
	t.Helper()
	parts := strings.Split(access, ".")
	if len(parts) != 3 {
		t.Fatal("an access token is no JWT")
	}
	var claims map[string]any
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(text, &claims) != nil {
		t.Fatal("an access token is no JWT")
	}
	return claims
}
