package endpoints_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/test/provider"
)

// logout sends a notice, and asserts the status of the answer.
func (p byProvider) logout(token string, status int) {
	p.stack.t.Helper()
	a := p.client("header").send(request{
		route: logoutRoute, params: map[string]string{"provider": "corp"},
		headers: map[string]string{"content-type": "application/x-www-form-urlencoded", "origin": "", "rid": ""},
		body:    url.Values{"logout_token": {token}}.Encode(),
	})
	want := map[int]string{200: "", 400: `{"error":"invalid_request"}`}[status]
	if a.StatusCode != status || a.Body != want || a.Headers["cache-control"] != "no-store" {
		p.stack.t.Errorf("logout = %d %s %v, want %d %s, not to be kept", a.StatusCode, a.Body, a.Headers, status, want)
	}
}

// The notice of a provider ends all sessions of that identity's user, in every
// tenant, once; and nobody else's.
func TestBackChannelLogout(t *testing.T) {
	p := newByProvider(t)
	other := p.stack.provider("other", nil)
	elsewhere, tenant := p.client("header"), p.client("header")
	elsewhere.loggedIn(elsewhere.login(other, "other"))
	to, verifier := tenant.toProvider("corp")
	login := tenant.send(request{
		route: "POST /auth/{tenantId}/signinup", params: map[string]string{"tenantId": "acme"}, body: returning("corp", verifier, p.SignIn(t, to)),
	})
	there := tenant.loggedIn(login)
	if !strings.Contains(login.Body, `"tenantIds":["acme"]`) {
		t.Errorf("the login of another tenant = %s", login.Body)
	}
	var mine []*client
	for range 3 {
		c := p.client("header")
		if id := c.loggedIn(c.login(p.Provider, "corp")); id == there {
			t.Errorf("one identity is the user %s of two tenants", id)
		}
		mine = append(mine, c)
	}
	notice := p.LogoutToken("ada-1", nil)
	p.advance(time.Second)
	p.logout(notice, 200)
	for _, c := range append(mine, tenant) {
		c.expect(401, request{route: "POST /notes", body: aNote})
		c.expect(401, request{route: refreshRoute})
	}
	elsewhere.expect(201, request{route: "POST /notes", body: aNote})

	p.advance(time.Second)
	again := p.client("header")
	again.loggedIn(again.login(p.Provider, "corp"))
	p.logout(notice, 200)
	again.expect(201, request{route: "POST /notes", body: aNote})
	p.logout(p.LogoutToken("ada-1", nil), 200)
	again.expect(401, request{route: "POST /notes", body: aNote})
	p.logout(p.LogoutToken("nobody", nil), 200)
	p.told(t, p.Given())
}

// What is no notice of this provider's, for this client, made just now, ends
// nothing.
func TestBadNotices(t *testing.T) {
	p := newByProvider(t)
	c := p.client("header")
	to, verifier := c.toProvider("corp")
	c.loggedIn(c.send(request{route: signInUpRoute, body: returning("corp", verifier, p.SignIn(t, to))}))
	given := p.Given()
	idToken := given[1]
	event := "http://schemas.openid.net/event/backchannel-logout"
	set := func(name string, value any) string {
		return p.LogoutToken("ada-1", func(c provider.Claims) {
			if c[name] = value; value == nil {
				delete(c, name)
			}
		})
	}
	ago := func(name string, d time.Duration) string { return set(name, p.now().Add(-d).Unix()) }
	bad := []string{
		"", "x", "a.b.c", idToken, strings.Repeat("a", 40000),
		set("iss", "https://evil.example.com"), set("aud", "another"), set("aud", nil), set("sub", nil), set("sub", 7),
		ago("iat", 2*time.Minute+time.Second), ago("iat", -2*time.Minute), set("iat", nil), ago("exp", 0), set("exp", nil), ago("nbf", -time.Hour),
		set("jti", nil), set("jti", ""), set("events", nil), set("events", provider.Claims{}), set("events", provider.Claims{event: nil}),
		set("events", provider.Claims{event: true}), set("events", []string{event}), set("events", provider.Claims{event + "/": provider.Claims{}}),
		set("nonce", "n"), set("nonce", ""),
		p.LogoutToken("ada-1", func(c provider.Claims) { delete(c, "sub"); c["sid"] = "1" }),
	}
	for _, typ := range []string{"at+jwt", "secevent+jwt", "logout"} {
		p.Header = func(h provider.Claims) { h["typ"] = typ }
		bad = append(bad, p.LogoutToken("ada-1", nil))
	}
	p.Header = func(h provider.Claims) { h["alg"] = "none" }
	bad = append(bad, p.LogoutToken("ada-1", nil))
	for i, notice := range bad {
		p.logout(notice, 400)
		if a := c.send(request{route: "POST /notes", body: aNote}); a.StatusCode != 201 {
			t.Fatalf("notice %d, %.300s, ended a session", i, notice)
		}
	}
	p.Header = nil
	good := p.LogoutToken("ada-1", nil)
	for _, r := range []request{
		{params: map[string]string{"provider": "nobody"}, body: "logout_token=" + good},
		{params: map[string]string{"provider": "corp"}, query: map[string]string{"clientType": "ios"}, body: "logout_token=" + good},
		{params: map[string]string{"provider": "corp"}, query: map[string]string{"logout_token": good}},
		{params: map[string]string{"provider": "corp"}, body: "logout_token=" + good + "&logout_token=" + good},
		{params: map[string]string{"provider": "corp"}, body: `{"logout_token":"` + good + `"}`},
	} {
		r.route = logoutRoute
		if a := p.client("header").send(r); a.StatusCode != 400 || a.Body != `{"error":"invalid_request"}` {
			t.Errorf("%v %.40s = %d %s, want 400", r.params, r.body, a.StatusCode, a.Body)
		}
	}
	c.expect(201, request{route: "POST /notes", body: aNote})
	p.told(t, p.Given())
	for _, typ := range []string{"logout+jwt", "application/logout+jwt", "JWT", ""} {
		p.advance(time.Second)
		c.loggedIn(c.login(p.Provider, "corp"))
		p.Header = func(h provider.Claims) { h["typ"] = typ }
		p.logout(p.LogoutToken("ada-1", nil), 200)
		p.Header = nil
		c.expect(401, request{route: "POST /notes", body: aNote})
	}
}
