//go:build dynamodb

package lambda_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/test/client"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
)

const (
	ada  = "ada@example.com"
	adas = client.Password
)

// testHeaderMode is the life of a session with its tokens in headers.
func (s *stack) testHeaderMode(t *testing.T) {
	c := s.client(t)
	c.Post("/auth/signup", s.form("no address", "short")).Want(200).Saying(`"FIELD_ERROR"`)
	client.Walk(t, c, ada, 401)
}

// testCookieMode is the same with cookies and the anti-CSRF rules.
func (s *stack) testCookieMode(t *testing.T) {
	c := s.client(t)
	c.InCookies, c.Origin = true, "http://localhost:3000"
	client.Walk(t, c, "grace@example.com", 401)
}

// testBackends uses the admin routes on a session of a user.
func (s *stack) testBackends(t *testing.T) {
	c, refresh := s.signIn(t, ada, adas)
	admin, mine := s.backend(t), claims(t, c.Bearer)
	session, user := "/admin/sessions/"+mine.Handle, "/admin/users/"+mine.User+"/sessions"

	c.Get(session).Want(403)
	admin.Get(session).Want(200).Saying(`"userId"`)
	admin.Do("PUT", session+"/data", `{"basket":["a bicycle"]}`).Want(200)
	admin.Get(session + "/data").Want(200).Saying("a bicycle")
	admin.Do("PATCH", session+"/claims", `{"plan":{"v":"gold","t":1}}`).Want(200)
	s.makeAdmin(t, mine.User)
	admin.Get(user).Want(200).Saying(mine.Handle)

	c.Get("/reports").Want(403) // the claim is in the next token
	c.Bearer = refresh
	c.Bearer, _ = c.Post("/auth/session/refresh", "").Want(200).Tokens()
	c.Get("/reports").Want(200)

	c.Post("/notes", `{"text":"before"}`).Want(201)
	admin.Do("DELETE", session, "").Want(200)
	c.Post("/notes", `{"text":"after"}`).Want(401)
	s.refusesDirectly(t, c.Bearer)
	c.Bearer = refresh
	c.Post("/auth/session/refresh", "").Want(401)
	admin.Do("DELETE", user, "").Want(200)
	admin.Get(user).Want(200).Saying(`"sessions":[]`)
}

// makeAdmin gives the role to a user.
func (s *stack) makeAdmin(t *testing.T, user string) {
	t.Helper()
	s.backend(t).Do("PATCH", "/admin/users/"+user+"/claims", `{"st-role":{"v":["admin"],"t":1}}`).Want(200)
}

// testImpersonation makes a backend start sessions of a user of another login,
// and then disables that user.
func (s *stack) testImpersonation(t *testing.T) {
	c, admin, user := s.client(t), s.backend(t), "/admin/users/grace"
	start := func(more string) (handle string) {
		var of struct{ Epoch string }
		admin.Get(user).Want(200).Decode(&of)
		a := admin.Post("/admin/sessions", `{"userId":"grace","mode":"header","epoch":"`+of.Epoch+`"`+more+`}`).Want(201)
		handle, c.Bearer = s.replied(t, a)
		c.Post("/notes", `{"text":"by a backend"}`).Want(201)
		return handle
	}
	first := start(`,"data":{"cart":[1]},"claims":{"plan":"pro"}`)
	admin.Get("/admin/sessions/" + first + "/data").Want(200).Saying("cart")
	s.ended(t, "grace")
	second := start(`,"replaces":"` + first + `"`)
	admin.Get("/admin/sessions/" + first).Want(404)
	s.replied(t, admin.Post("/admin/sessions/"+second+"/token", `{"mode":"header"}`).Want(200))
	admin.Do("DELETE", user+"/sessions?except="+second, "").Want(200)
	admin.Post("/admin/sessions/revoke", `{"handles":["`+first+`"]}`).Want(200)
	c.Post("/notes", `{"text":"still"}`).Want(201)
	admin.Do("PATCH", user, `{"disabled":true}`).Want(200)
	c.Post("/notes", `{"text":"disabled"}`).Want(401)
	admin.Do("PATCH", user, `{"disabled":false}`).Want(200).Saying(`"disabled":false`)
	admin.Get(user + "/claims").Want(200)
}

// replied returns the session in a reply to a backend, and its access token.
// The contents of the reply are secrets of the run.
func (s *stack) replied(t *testing.T, a client.Answer) (handle, access string) {
	t.Helper()
	var body struct {
		Session struct{ SessionHandle string }
		Reply   struct{ Headers map[string]string }
	}
	a.Decode(&body)
	for _, name := range []string{"st-access-token", "st-refresh-token", "front-token"} {
		s.secrets.add(body.Reply.Headers[name])
	}
	return body.Session.SessionHandle, body.Reply.Headers["st-access-token"]
}

// ended gives a user a session that ended hours ago.
func (s *stack) ended(t *testing.T, user string) {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Millisecond)
	past := sessions.Session{
		Handle: sessions.NewHandle(sessions.KeyOf("public", user)), Tenant: "public", User: user, RecipeUser: user,
		State: sessions.Revoked, RevokedAt: now.Add(-3 * time.Hour), Hash: [32]byte{1}, MACKey: "m",
		Created: now.Add(-4 * time.Hour), Idle: now, Absolute: now, Claims: json.RawMessage(`{}`), ClaimsVersion: 1,
	}
	if err := dynamo.New(dynamolocal.Client(t), s.tables["SESSIONS_TABLE"]).Create(t.Context(), past); err != nil {
		t.Fatal(err)
	}
}

// refusesDirectly calls the authorizer itself. Its error is exactly one word.
func (s *stack) refusesDirectly(t *testing.T, access string) {
	t.Helper()
	answer, err := s.invoke(t.Context(), "AuthorizerFunction", authorizerEvent("POST", access))
	if err == nil || err.Error() != "Unauthorized" {
		t.Errorf("AuthorizerFunction(POST, revoked) = %s, %v, want the error Unauthorized", answer, err)
	}
}

// authorizerEvent returns the event for a request to /notes.
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

// testStrangers covers callers without a token or with one that proves nothing.
func (s *stack) testStrangers(t *testing.T) {
	c := s.client(t)
	c.Get("/notes").Want(401)
	c.Post("/notes", `{"text":"who"}`).Want(401)
	c.Get("/greeting").Want(200).Saying("stranger")
	c.Get("/admin/users/someone/sessions").Want(403)
	c.Post("/auth/session/refresh", "").Want(401)

	good, refresh := c.Post("/auth/signin", s.form(ada, adas)).Want(200).Tokens()
	cut := strings.LastIndex(good, ".") + 1
	flipped := "A"
	if good[cut] == 'A' {
		flipped = "B"
	}
	forged := good[:cut] + flipped + good[cut+1:]
	for _, bad := range []string{forged, good[:cut], refresh, "a.b.c"} {
		c.Bearer = bad
		s.secrets.add(bad)
		c.Get("/notes").Want(401)
		c.Post("/notes", `{"text":"forged"}`).Want(401)
	}
	// Where a session is optional, an unproven one is still an error.
	c.Bearer = forged
	c.Get("/greeting").Want(401)
}

// testBadEvents gives every function an event that it does not understand and
// that contains a token. Neither the answer nor the log may quote the token.
func (s *stack) testBadEvents(t *testing.T) {
	signedIn, _ := s.signIn(t, ada, adas)
	token := signedIn.Bearer
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
