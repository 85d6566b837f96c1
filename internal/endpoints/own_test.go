package endpoints_test

import (
	"strings"
	"testing"
	"time"
)

// revoke ends one session as its user.
func (c *client) revoke(handle string) answer {
	c.t.Helper()
	return c.send(request{route: endOwn, params: map[string]string{"handle": handle}})
}

// The list has the newest session first, and says when each began and ends and
// what device it is on.
func TestListOfOwnSessions(t *testing.T) {
	c := signedUp(t, "header")
	c.advance(time.Second)
	c.stack.client("cookie").expect(200, request{route: signInRoute, body: form(alice, password)})
	list := decoded(t, c.expect(200, request{route: "GET /auth/sessions"}))["sessions"].([]any)
	newest, began := list[0].(map[string]any), float64(c.stack.now().UnixMilli())
	for name, want := range map[string]any{"device": "Mozilla/5.0", "timeCreated": began, "timeRefreshed": began, "current": false} {
		if got := newest[name]; got != want {
			t.Errorf("%s of a session = %v, want %v", name, got, want)
		}
	}
	if ends, _ := newest["expiry"].(float64); ends <= began || len(list) != 2 {
		t.Errorf("the newest of %d sessions ends at %v, want one of 2, later than %v", len(list), ends, began)
	}
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

// A function asks the event who is calling, and refuses what the authorizer did
// not say, or not about this request: a decision that is good for reading, or was
// good a minute ago, ends nothing and changes no password.
func TestDecisionsThatAreNone(t *testing.T) {
	const list, end = "GET /auth/sessions", "DELETE /auth/sessions"
	writes := []string{end, endOwn, changeRoute, askVerifyRoute}
	all := append([]string{list, isVerified}, writes...)
	for _, test := range []struct {
		name  string
		late  time.Duration
		spoil func(map[string]any)
		of    []string
	}{
		{"without a decision", 0, func(m map[string]any) { clear(m) }, all},
		{"long after it", 2 * time.Hour, nil, all},
		{"of a stranger", 0, func(m map[string]any) { clear(m); m["latchkey"], m["anonymous"] = "1", "1" }, all},
		{"of no session", 0, func(m map[string]any) { m["handle"] = "x" }, []string{end, changeRoute, askVerifyRoute, isVerified}},
		{"by the token alone", 0, func(m map[string]any) { m["checked"] = "token" }, writes},
		{"a minute old", time.Minute, nil, writes},
	} {
		for _, route := range test.of {
			c, calls := signedUpQuickly(t), 0
			handle := c.handle()
			c.meddle = func(e *httpEvent) {
				if c.advance(test.late); test.spoil != nil {
					test.spoil(e.RequestContext.Authorizer.Lambda)
				}
				calls = c.calls()
			}
			a := c.send(request{route: route, params: map[string]string{"handle": handle}, body: change(password, newPassword)})
			if a.StatusCode != 401 || !strings.Contains(a.Body, "unauthorised") || c.calls() > calls {
				t.Errorf("%s %s = %d %s after %d calls, want 401 after none", route, test.name, a.StatusCode, a.Body, c.calls()-calls)
			}
			expectUntouched(t, route, a)
		}
	}
}
