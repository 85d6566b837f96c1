package endpoints_test

import (
	"strings"
	"testing"
	"time"
)

// expectOver asserts the answer that tells a client its session is over.
func expectOver(t *testing.T, a answer, message string, cleared ...string) {
	t.Helper()
	if a.StatusCode != 401 || a.Body != `{"message":"`+message+`"}` {
		t.Errorf("answer = %d %s, want 401 %s", a.StatusCode, a.Body, message)
	}
	if a.Headers["front-token"] != "remove" {
		t.Errorf("headers = %v, want front-token: remove", a.Headers)
	}
	if len(a.Cookies) != len(cleared) {
		t.Fatalf("cookies = %q, want %v cleared", a.Cookies, cleared)
	}
	for i, name := range cleared {
		if !strings.HasPrefix(a.Cookies[i], name+"=;") || !strings.Contains(a.Cookies[i], "Expires=Thu, 01 Jan 1970") {
			t.Errorf("cookie = %q, want %s cleared", a.Cookies[i], name)
		}
	}
}

// The body and its type are ignored, and tokens go back the way they came,
// whatever the client says it would like.
func TestRefresh(t *testing.T) {
	eachMode(t, func(t *testing.T, c *client) {
		for _, mode := range []string{"cookie", "header", ""} {
			c.advance(2 * time.Minute)
			a := c.expect(200, request{route: refreshRoute, body: "a=b", headers: map[string]string{"content-type": "text/odd", "st-auth-mode": mode}})
			if a.Body != "{}" || a.Headers["front-token"] == "" || a.Headers["cache-control"] != "no-store" {
				t.Errorf("refresh = %s with headers %v, want {} and a front-token that nobody keeps", a.Body, a.Headers)
			}
			if inCookies := len(a.Cookies) == 2; inCookies != (c.mode == "cookie") || (a.Headers["st-access-token"] == "") != inCookies {
				t.Errorf("refresh by %s answers with cookies %q, headers %v", c.mode, a.Cookies, a.Headers)
			}
			c.expect(201, request{route: "POST /notes", body: aNote})
		}
		// A token that is new already is neither replaced nor sent again, so that a late answer cannot put an old one in
		// its place.
		_, before := c.tokens()
		a := c.expect(200, request{route: refreshRoute})
		_, sent := a.Headers["st-refresh-token"]
		if _, after := c.tokens(); after != before || strings.Contains(strings.Join(a.Cookies, " "), "sRefreshToken") || sent && c.mode == "header" {
			t.Errorf("a fresh refresh token was replaced, or sent again: %v, %q", a.Headers, a.Cookies)
		}
	})
}

// Every fresh browser profile asks for a refresh before anything else.
func TestAnonymousRefreshCostsNothing(t *testing.T) {
	c := newStack(t).client("cookie")
	c.stack.start()
	for _, headers := range []map[string]string{nil, {"rid": ""}, {"origin": ""}, {"authorization": "Basic YTpi"}, {"origin": "https://evil.example"}} {
		c.free(func() { expectOver(t, c.send(request{route: refreshRoute, headers: headers}), "unauthorised") })
	}
}

func TestFailedRefreshClearsWhatTheRequestCarried(t *testing.T) {
	c := signedUp(t, "cookie")
	c.advance(101 * 24 * time.Hour)
	expectOver(t, c.send(request{route: refreshRoute}), "unauthorised", "sAccessToken", "sRefreshToken")
	if access, refresh := c.tokens(); access != "" || refresh != "" || c.front != "" {
		t.Error("a client keeps tokens after a failed refresh")
	}
}

// While a tab asks for a refresh that must fail, another one signs in.
func TestLateAnswerSparesANewSession(t *testing.T) {
	c := newStack(t).client("cookie")
	late := c.serve(t.Context(), request{route: refreshRoute})
	c.signUp("alice@example.com")
	c.receive("/auth/session/refresh", late)
	c.expect(201, request{route: "POST /notes", body: `{"text":"x"}`})
	c.expect(200, request{route: refreshRoute})
}
