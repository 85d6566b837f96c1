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

// A user sees his sessions and ends all others, and nobody else's.
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
		want := other.handle()
		a := c.expect(200, request{route: "DELETE /auth/sessions"})
		if a.Body != `{"revoked":["`+want+`"],"status":"OK"}` {
			t.Errorf("revoking all others = %s, want %s alone", a.Body, want)
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
// did not say, or not about this request.
func TestOwnSessionsNeedADecision(t *testing.T) {
	c := signedUp(t, "header")
	context, status := c.authorize(t.Context(), c.event(request{route: "DELETE /auth/sessions"}))
	if status != 200 {
		t.Fatalf("authorizer = %d, want 200", status)
	}
	for _, route := range []string{"GET /auth/sessions", "DELETE /auth/sessions", "DELETE /auth/sessions/{handle}"} {
		for name, late := range map[string]time.Duration{"without a decision": -1, "long after it": 2 * time.Hour} {
			e := c.event(request{route: route, params: map[string]string{"handle": "x"}})
			if late >= 0 {
				e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: context}
				c.advance(late)
			}
			c.free(func() { expectProblem(t, c.invoke(t.Context(), "revoke", e), 401, "unauthorised") })
			if t.Failed() {
				t.Fatalf("%s %s", route, name)
			}
		}
	}
}

// A decision that is good for reading, or was good a minute ago, ends nothing.
func TestStaleDecisions(t *testing.T) {
	c := signedUp(t, "header")
	for name, spoil := range map[string]func(map[string]any){
		"by the token alone": func(m map[string]any) { m["checked"] = "token" },
		"a minute old":       func(map[string]any) { c.advance(time.Minute) },
		"of a stranger":      func(m map[string]any) { clear(m); m["latchkey"], m["anonymous"] = "1", "1" },
	} {
		e := c.event(request{route: "DELETE /auth/sessions"})
		context, _ := c.authorize(t.Context(), e)
		spoil(context)
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: context}
		if a := c.invoke(t.Context(), "revoke", e); a.StatusCode != 401 {
			t.Errorf("DELETE /auth/sessions with a decision %s = %d %s, want 401", name, a.StatusCode, a.Body)
		}
	}
}
