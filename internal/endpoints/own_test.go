package endpoints_test

import (
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// revoke ends one session as its user.
func (c *client) revoke(handle string) answer {
	c.t.Helper()
	return c.send(request{route: "DELETE /auth/sessions/{handle}", params: map[string]string{"handle": handle}})
}

// A user sees and ends only sessions of their own.
func TestOwnSessions(t *testing.T) {
	eachMode(t, func(t *testing.T, c *client) {
		c.advance(time.Second)
		other, stranger := c.stack.client(c.mode), c.stack.client(c.mode)
		other.expect(200, request{route: signInRoute, body: form("alice@example.com", password)})
		stranger.signUp("bob@example.com")
		list := decoded(t, c.expect(200, request{route: "GET /auth/sessions"}))["sessions"].([]any)
		if len(list) != 2 || list[0].(map[string]any)["current"] != false || list[1].(map[string]any)["current"] != true {
			t.Errorf("sessions = %v, want two, the newest first and the second one current", list)
		}
		if a := c.expect(200, request{route: "DELETE /auth/sessions"}); a.Body != `{"status":"OK"}` {
			t.Errorf("revoking all others = %s, want it done", a.Body)
		}
		other.expect(401, request{route: "POST /notes", body: aNote})
		c.expect(201, request{route: "POST /notes", body: aNote})
		stranger.expect(201, request{route: "POST /notes", body: aNote})
	})
}

// Somebody else's session is as unknown as one that never was.
func TestForeignHandles(t *testing.T) {
	c := signedUp(t, "header")
	bob := c.stack.client("header")
	bob.signUp("bob@example.com")
	for _, handle := range []string{bob.handle(), "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		expectProblem(t, c.revoke(handle), 404, "no such session")
	}
	bob.expect(201, request{route: "POST /notes", body: aNote})
}

// The function asks the event who is calling, and refuses what the authorizer
// did not say, or not about this request: a decision that is good for reading,
// or was good a minute ago, ends nothing.
func TestOwnSessionsNeedADecision(t *testing.T) {
	const end = "DELETE /auth/sessions"
	for _, test := range []struct {
		name  string
		late  time.Duration
		spoil func(map[string]any)
		of    []string
	}{
		{"without a decision", 0, func(m map[string]any) { clear(m) }, []string{"GET /auth/sessions", end, "DELETE /auth/sessions/{handle}"}},
		{"long after it", 2 * time.Hour, nil, []string{"GET /auth/sessions", end, "DELETE /auth/sessions/{handle}"}},
		{"of a stranger", 0, func(m map[string]any) { clear(m); m["latchkey"], m["anonymous"] = "1", "1" }, []string{"GET /auth/sessions", end}},
		{"by the token alone", 0, func(m map[string]any) { m["checked"] = "token" }, []string{end, "DELETE /auth/sessions/{handle}"}},
		{"a minute old", time.Minute, nil, []string{end, "DELETE /auth/sessions/{handle}"}},
	} {
		c := signedUp(t, "header")
		decision, status := c.authorize(t.Context(), c.event(request{route: end}))
		if status != 200 {
			t.Fatalf("authorizer = %d, want 200", status)
		}
		if c.advance(test.late); test.spoil != nil {
			test.spoil(decision)
		}
		for _, route := range test.of {
			e := c.event(request{route: route, params: map[string]string{"handle": "x"}})
			e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: decision}
			c.free(func() { expectProblem(t, c.invoke(t.Context(), "revoke", e), 401, "unauthorised") })
			if t.Failed() {
				t.Fatalf("%s %s", route, test.name)
			}
		}
	}
}
