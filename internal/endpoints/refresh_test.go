package endpoints_test

import (
	"strings"
	"testing"
	"time"
)

const refreshRoute = "POST /auth/session/refresh"

// expectOver asserts the answer that tells a client its session is over.
func expectOver(t *testing.T, a answer, message string, cleared ...string) {
	t.Helper()
	if a.StatusCode != 401 || a.Body != `{"message":"`+message+`"}` {
		t.Errorf("answer = %d %s, want 401 %s", a.StatusCode, a.Body, message)
	}
	if a.Headers["front-token"] != "remove" || !strings.Contains(a.Headers["access-control-expose-headers"], "front-token") {
		t.Errorf("headers = %v, want front-token: remove, exposed", a.Headers)
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

func TestRefresh(t *testing.T) {
	eachMode(t, func(t *testing.T, c *client) {
		c.advance(2 * time.Minute)
		a := c.expect(200, request{route: refreshRoute, body: "a=b", headers: map[string]string{"content-type": "text/odd"}})
		if a.Body != "{}" || a.Headers["front-token"] == "" || a.Headers["cache-control"] != "no-store" {
			t.Errorf("refresh = %s with headers %v, want {} and a front-token that nobody keeps", a.Body, a.Headers)
		}
		if inCookies := len(a.Cookies) == 2; inCookies != (c.mode == "cookie") {
			t.Errorf("refresh by %s set cookies %q", c.mode, a.Cookies)
		}
		c.expect(201, request{route: "POST /notes", body: `{"text":"x"}`})
	})
}

// Tokens go back the way they came, whatever the client says it would like.
func TestRefreshKeepsTheTransport(t *testing.T) {
	eachMode(t, func(t *testing.T, c *client) {
		c.advance(2 * time.Minute)
		a := c.expect(200, request{route: refreshRoute, headers: map[string]string{"st-auth-mode": map[string]string{"cookie": "header", "header": "cookie"}[c.mode]}})
		if inCookies := len(a.Cookies) == 2; inCookies != (c.mode == "cookie") || (a.Headers["st-access-token"] == "") != inCookies {
			t.Errorf("refresh by %s answers with cookies %q, headers %v", c.mode, a.Cookies, a.Headers)
		}
	})
}

// A spent token that comes back after the window ends the session, and the
// client is told so as of any session that is over.
func TestRefreshAfterTheWindow(t *testing.T) {
	c := signedUp(t, "header")
	_, spent := c.tokens()
	c.expect(200, request{route: refreshRoute})
	c.advance(61 * time.Second)
	late := c.stack.client("header")
	late.refresh = spent
	expectOver(t, late.send(request{route: refreshRoute}), "unauthorised")
	c.expect(401, request{route: "POST /notes", body: aNote})
}

// A lost answer: the token that was just spent gives the same child again.
func TestRefreshAgainWithTheSpentToken(t *testing.T) {
	eachMode(t, func(t *testing.T, c *client) {
		c.advance(2 * time.Minute)
		twin := c.stack.client("header")
		_, twin.refresh = c.tokens()
		c.expect(200, request{route: refreshRoute})
		c.advance(30 * time.Second)
		twin.expect(200, request{route: refreshRoute})
		_, want := c.tokens()
		if twin.refresh != want {
			t.Error("the spent token gave another child than the first time")
		}
	})
}

// A token that is new already is neither replaced nor sent again, so that a
// late answer cannot put an old one in its place.
func TestRefreshOfAFreshToken(t *testing.T) {
	eachMode(t, func(t *testing.T, c *client) {
		c.expect(200, request{route: refreshRoute})
		_, before := c.tokens()
		a := c.expect(200, request{route: refreshRoute})
		if _, after := c.tokens(); after != before {
			t.Error("a fresh refresh token was replaced")
		}
		for _, cookie := range a.Cookies {
			if strings.HasPrefix(cookie, "sRefreshToken") {
				t.Error("a fresh refresh token was sent again")
			}
		}
		if _, sent := a.Headers["st-refresh-token"]; sent && c.mode == "header" {
			t.Error("a fresh refresh token was sent again")
		}
	})
}

// Every fresh browser profile asks for a refresh before anything else.
func TestAnonymousRefreshCostsNothing(t *testing.T) {
	c := newStack(t).client("cookie")
	c.stack.start()
	keys := c.keys.calls
	for _, headers := range []map[string]string{nil, {"rid": ""}, {"origin": ""}, {"authorization": "Basic YTpi"}, {"origin": "https://evil.example"}} {
		expectOver(t, c.send(request{route: refreshRoute, headers: headers}), "unauthorised")
	}
	if c.sessions.calls > 0 || c.keys.calls > keys {
		t.Errorf("anonymous refreshes made %d calls for sessions and %d for keys, want none", c.sessions.calls, c.keys.calls-keys)
	}
}

func TestGarbageCostsNothing(t *testing.T) {
	c := signedUp(t, "header")
	_, good := c.tokens()
	c.expect(200, request{route: refreshRoute}) // keys are loaded
	calls := c.sessions.calls
	for _, token := range []string{
		"x", "v1.m1.", "v1..AAAA", "v2" + good[2:], good + "A", good[:len(good)-1], strings.Repeat("A", 9000),
		strings.Replace(good, "v1.m1.", "v1.m1.AAAA", 1), good[:len(good)-4] + "AAAA",
	} {
		a := c.send(request{route: refreshRoute, headers: map[string]string{"authorization": "Bearer " + token}})
		expectOver(t, a, "unauthorised")
		browser := c.stack.client("cookie")
		e := browser.event(request{route: refreshRoute})
		e.Cookies = []string{"sRefreshToken=" + token}
		expectOver(t, browser.serve(t.Context(), e), "unauthorised", "sRefreshToken")
	}
	if c.sessions.calls > calls {
		t.Errorf("garbage made %d calls for sessions, want none", c.sessions.calls-calls)
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
	late := c.serve(t.Context(), c.event(request{route: refreshRoute}))
	c.signUp("alice@example.com")
	c.receive("/auth/session/refresh", late)
	c.expect(201, request{route: "POST /notes", body: `{"text":"x"}`})
	c.expect(200, request{route: refreshRoute})
}

// What another site's page makes a browser send changes nothing.
func TestForgedRefresh(t *testing.T) {
	c := signedUp(t, "cookie")
	calls := c.sessions.calls
	expectOver(t, c.serve(t.Context(), c.event(request{route: refreshRoute, headers: map[string]string{"rid": ""}})), "unauthorised")
	for _, headers := range []map[string]string{
		{"origin": "https://evil.example"}, {"origin": "null"}, {"origin": "", "sec-fetch-site": "cross-site"},
	} {
		a := c.serve(t.Context(), c.event(request{route: refreshRoute, headers: headers}))
		if a.StatusCode != 403 || a.Headers["front-token"] != "" || len(a.Cookies) > 0 {
			t.Errorf("refresh with %v = %d, headers %v, cookies %q, want 403 and nothing cleared", headers, a.StatusCode, a.Headers, a.Cookies)
		}
	}
	if c.sessions.calls > calls {
		t.Errorf("forged refreshes made %d calls for sessions, want none", c.sessions.calls-calls)
	}
	c.expect(200, request{route: refreshRoute})
}

func TestTwoRefreshTokensAreRefused(t *testing.T) {
	c := signedUp(t, "cookie")
	e := c.event(request{route: refreshRoute})
	for _, cookie := range e.Cookies {
		if strings.HasPrefix(cookie, "sRefreshToken=") {
			e.Cookies = append(e.Cookies, cookie)
			break
		}
	}
	expectOver(t, c.serve(t.Context(), e), "unauthorised", "sAccessToken", "sRefreshToken")
}
