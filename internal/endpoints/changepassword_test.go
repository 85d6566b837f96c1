package endpoints_test

import (
	"fmt"
	"testing"
)

const (
	changeRoute = "POST /auth/user/password"
	newPassword = "purple wombat stapler 7"
)

// change is the body of a change of the password.
func change(current, password string) string {
	return fmt.Sprintf(`{"currentPassword":%q,"password":%q}`, current, password)
}

// A change that is refused changes nothing and ends nothing. One that is made is
// in the list of operations.
func TestChangePassword(t *testing.T) {
	c := signedUp(t, "cookie")
	for _, test := range []struct {
		body   string
		status int
		want   string
	}{
		{change("wrong horse", newPassword), 200, wrongPassword},
		{change(password, "short"), 200, `{"formFields":[{"id":"password","error":"Password must contain at least 8 characters"}],"status":"FIELD_ERROR"}`},
		{`{"currentPassword":"x","newPassword":"y"}`, 400, `{"message":"the body must have no member /newPassword"}`},
		{`{"currentPassword":"x"}`, 400, `{"message":"the body must have the members currentPassword and password"}`},
		{`{"password":"x"}`, 400, `{"message":"the body must have the members currentPassword and password"}`},
	} {
		expectNothing(t, c.send(request{route: changeRoute, body: test.body}), test.status, test.want)
	}
	c.expect(201, request{route: "POST /notes", body: aNote})
	c.stack.client("header").expect(200, request{route: signInRoute, body: form(alice, password)})
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
	c := newStack(t).client("header")
	c.obey(c.begin("ada", "header", ""))
	expectNothing(t, c.send(request{route: changeRoute, body: change(password, newPassword)}), 200,
		`{"message":"This account has no password.","status":"GENERAL_ERROR"}`)
}
