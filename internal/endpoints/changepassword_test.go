package endpoints_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

const (
	changeRoute = "POST /auth/user/password"
	newPassword = "purple wombat stapler 7"
)

// change is the body of a change of the password.
func change(current, password string) string {
	return fmt.Sprintf(`{"currentPassword":%q,"password":%q}`, current, password)
}

func TestChangePassword(t *testing.T) {
	eachMode(t, func(t *testing.T, c *client) {
		thief, other := c.stack.client(c.mode), c.stack.client(c.mode)
		thief.expect(200, request{route: signInRoute, body: form("alice@example.com", password)})
		const wrong = `{"status":"WRONG_CREDENTIALS_ERROR"}`
		expectNothing(t, c.send(request{route: changeRoute, body: change("wrong horse", newPassword)}), 200, wrong)
		expectNothing(t, c.send(request{route: changeRoute, body: change(password, "short")}), 200,
			`{"formFields":[{"id":"password","error":"Password must contain at least 8 characters"}],"status":"FIELD_ERROR"}`)
		expectNothing(t, c.send(request{route: changeRoute, body: change("", "")}), 200,
			`{"formFields":[{"id":"currentPassword","error":"Field is not optional"},{"id":"password","error":"Field is not optional"}],"status":"FIELD_ERROR"}`)
		for body, message := range map[string]string{
			`{"currentPassword":"x","newPassword":"y"}`: "the body must have no member /newPassword",
			`{"currentPassword":"x"}`:                   "the body must have the members currentPassword and password",
			`{"password":"x"}`:                          "the body must have the members currentPassword and password",
		} {
			expectNothing(t, c.send(request{route: changeRoute, body: body}), 400, `{"message":"`+message+`"}`)
		}
		thief.expect(201, request{route: "POST /notes", body: aNote})

		expectNothing(t, c.send(request{route: changeRoute, body: change(password, newPassword)}), 200, `{"status":"OK"}`)
		c.expect(201, request{route: "POST /notes", body: aNote})
		thief.expect(401, request{route: "POST /notes", body: aNote})
		thief.expect(401, request{route: refreshRoute})
		expectNothing(t, other.send(request{route: signInRoute, body: form("alice@example.com", password)}), 200, wrong)
		other.expect(200, request{route: signInRoute, body: form("alice@example.com", newPassword)})
		other.expect(201, request{route: "POST /notes", body: aNote})
	})
}

// Attempts to change a password are bounded as sign-ins are, by the same count.
func TestChangesAreBounded(t *testing.T) {
	c := signedUp(t, "header")
	for range 5 { // of two guesses each
		c.expect(200, request{route: changeRoute, body: change("wrong horse", newPassword)})
	}
	const later = `{"message":"Too many attempts. Please try again later.","status":"GENERAL_ERROR"}`
	expectNothing(t, c.send(request{route: changeRoute, body: change(password, newPassword)}), 200, later)
	expectNothing(t, c.send(request{route: signInRoute, body: form("alice@example.com", password)}), 200, later)
}

// A user of a backend's, who has no password, is told so.
func TestChangeOfNoPassword(t *testing.T) {
	g := inMemory(t)
	c, epoch := g.client("header"), sessions.User{}.EpochText()
	e, err := sessions.ParseEpoch("public", "ada", epoch, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	grant, err := g.manager.Start(t.Context(), sessions.StartRequest{Epoch: e})
	if err != nil {
		t.Fatal(err)
	}
	c.access = grant.Access
	expectNothing(t, c.send(request{route: changeRoute, body: change(password, newPassword)}), 200,
		`{"message":"This account has no password.","status":"GENERAL_ERROR"}`)
}
