//go:build dynamodb

package lambda_test

import (
	"encoding/json"
	"strconv"
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

// testHeaderMode is the life of a session with its tokens in headers. A forged
// token proves nothing.
func (s *stack) testHeaderMode(t *testing.T) {
	c := s.client(t)
	client.Walk(t, c, ada, 401)
	c.Bearer, _ = c.Post("/auth/signin", s.form(ada, adas)).Want(200).Tokens()
	c.Bearer += "x"
	c.Post("/notes", `{"text":"forged"}`).Want(401)
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
		handle, tokens := s.impersonate(t, "grace", more)
		c.Bearer = tokens["st-access-token"]
		c.Post("/notes", `{"text":"by a backend"}`).Want(201)
		return handle
	}
	first := start(`,"data":{"cart":[1]},"claims":{"plan":"pro"}`)
	admin.Get("/admin/sessions/" + first + "/data").Want(200).Saying("cart")
	s.ended(t, "grace")
	second := start(`,"replaces":"` + first + `"`)
	admin.Get("/admin/sessions/" + first).Want(404)
	s.replied(admin.Post("/admin/sessions/"+second+"/token", `{"mode":"header"}`).Want(200))
	admin.Do("DELETE", user+"/sessions?except="+second, "").Want(200)
	admin.Post("/admin/sessions/revoke", `{"handles":["`+first+`"]}`).Want(200)
	c.Post("/notes", `{"text":"still"}`).Want(201)
	admin.Do("PATCH", user, `{"disabled":true}`).Want(200)
	c.Post("/notes", `{"text":"disabled"}`).Want(401)
	admin.Do("PATCH", user, `{"disabled":false}`).Want(200).Saying(`"disabled":false`)
	admin.Get(user + "/claims").Want(200)
}

// impersonate makes a backend start a session of a user, with more members of
// the request's body.
func (s *stack) impersonate(t *testing.T, user, more string) (handle string, tokens map[string]string) {
	t.Helper()
	var of struct{ Epoch string }
	s.backend(t).Get("/admin/users/" + user).Want(200).Decode(&of)
	body := `{"userId":"` + user + `","mode":"header","epoch":"` + of.Epoch + `"` + more + `}`
	return s.replied(s.backend(t).Post("/admin/sessions", body).Want(201))
}

// replied returns the session in a reply to a backend, and the reply's headers,
// which are secrets of the run.
func (s *stack) replied(a client.Answer) (handle string, headers map[string]string) {
	var body struct {
		Session struct{ SessionHandle string }
		Reply   struct{ Headers map[string]string }
	}
	a.Decode(&body)
	for _, name := range []string{"st-access-token", "st-refresh-token", "front-token"} {
		s.secrets.add(body.Reply.Headers[name])
	}
	return body.Session.SessionHandle, body.Reply.Headers
}

// ended gives a user a session that ended hours ago.
func (s *stack) ended(t *testing.T, user string) {
	t.Helper()
	past := session(user)
	past.State, past.RevokedAt = sessions.Revoked, past.Created.Add(-3*time.Hour)
	past.Created = past.Created.Add(-4 * time.Hour)
	if err := dynamo.New(dynamolocal.Client(t), s.tables["SESSIONS_TABLE"]).Create(t.Context(), past); err != nil {
		t.Fatal(err)
	}
}

// refusesDirectly calls the authorizer itself. Its error is exactly one word.
func (s *stack) refusesDirectly(t *testing.T, access string) {
	t.Helper()
	answer, err := s.invoke(t.Context(), "AuthorizerFunction", browserEvent("POST", access))
	if err == nil || err.Error() != "Unauthorized" {
		t.Errorf("AuthorizerFunction(POST, revoked) = %s, %v, want the error Unauthorized", answer, err)
	}
}

// browserEvent returns the authorizer's event for a browser's request, with the
// headers and cookies that browsers and API Gateway add.
func browserEvent(method, access string) []byte {
	agent := "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
	headers := map[string]string{"authorization": "Bearer " + access, "rid": "anti-csrf", "origin": "https://app.example.com"}
	for i, value := range []string{
		"*/*", "gzip, deflate, br, zstd", "de-DE,de;q=0.9,en;q=0.8", "no-cache", "0", "application/json",
		"abcdef123.execute-api.eu-west-1.amazonaws.com", "no-cache", "u=1, i", "https://app.example.com/",
		`"Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140"`, "?0", `"Linux"`, "empty", "cors",
		agent, "Root=1-68c0f1a2-4d5e6f708192a3b4c5d6e7f8", "192.0.2.1", "443", "https",
	} {
		headers["x-header-"+strconv.Itoa(i)] = value
	}
	route := method + " /notes"
	event, _ := json.Marshal(map[string]any{ // texts and maps of texts
		"version": "2.0", "type": "REQUEST", "routeKey": route, "rawPath": "/notes", "rawQueryString": "",
		"routeArn": "arn:aws:execute-api:us-east-1:123456789012:" + apiID + "/$default/" + method + "/notes",
		"cookies":  []string{"theme=dark", "_ga=GA1.1.1234567890.1700000000", "consent=" + strings.Repeat("abcdefgh", 60)},
		"headers":  headers,
		"requestContext": map[string]any{
			"accountId": "123456789012", "apiId": apiID, "stage": "$default", "routeKey": route, "requestId": "JKJaXmPLvHcESHA=",
			"http": map[string]string{"method": method, "path": "/notes", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": agent},
		},
	})
	return event
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
