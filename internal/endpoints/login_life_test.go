package endpoints_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/logins"
	"github.com/latchkey-auth/latchkey/test/provider"
)

// A request that cannot be a login is told why, and asks no provider.
func TestRequestsThatAreNoLogin(t *testing.T) {
	p := newByProvider(t)
	info := `"redirectURIInfo":{"redirectURIOnProviderDashboard":"` + provider.Redirect + `","redirectURIQueryParams":{"code":"c"},"pkceCodeVerifier":"v"}`
	c := p.client("cookie")
	for _, tt := range []struct {
		query map[string]string // of a beginning
		body  string            // of a return
		want  string
	}{
		{query: map[string]string{"redirectURIOnProviderDashboard": provider.Redirect}, want: "Please provide the thirdPartyId as a GET param"},
		{query: map[string]string{"thirdPartyId": "corp"}, want: "Please provide the redirectURIOnProviderDashboard as a GET param"},
		{query: map[string]string{"thirdPartyId": "nobody", "redirectURIOnProviderDashboard": provider.Redirect}, want: "the provider could not be found"},
		{query: map[string]string{"thirdPartyId": "corp", "clientType": "ios", "redirectURIOnProviderDashboard": provider.Redirect}, want: "the provider could not be found"},
		{query: map[string]string{"thirdPartyId": "corp", "redirectURIOnProviderDashboard": provider.Redirect + "/"}, want: "not on the provider's list"},
		{query: map[string]string{"thirdPartyId": "corp", "redirectURIOnProviderDashboard": "https://evil.example.com"}, want: "not on the provider's list"},
		{body: `{` + info + `}`, want: "Please provide the thirdPartyId in request body"},
		{body: `{"thirdPartyId":"corp"}`, want: "Please provide one of redirectURIInfo or oAuthTokens in the request body"},
		{body: `{"thirdPartyId":"corp","oAuthTokens":{"id_token":"x"},` + info + `}`, want: "oAuthTokens are not accepted"},
		{body: `{"thirdPartyId":"corp","redirectURIInfo":{}}`, want: "Please provide the redirectURIOnProviderDashboard in request body"},
		{body: `{"thirdPartyId":"nobody",` + info + `}`, want: "the provider could not be found"},
		{body: `{"thirdPartyId":"corp","clientType":"ios",` + info + `}`, want: "the provider could not be found"},
		{body: strings.Replace(`{"thirdPartyId":"corp",`+info+`}`, "/corp", "/evil", 1), want: "not on the provider's list"},
		{body: strings.Replace(`{"thirdPartyId":"corp",`+info+`}`, `"c"`, `["c"]`, 1), want: "redirectURIQueryParams must be strings"},
		{body: `{"thirdPartyId":"corp","thirdPartyId":"corp",` + info + `}`, want: "no name twice"},
		{body: `[]`, want: "JSON object"},
	} {
		r := request{route: beginRoute, query: tt.query}
		if tt.body != "" {
			r = request{route: signInUpRoute, body: tt.body}
		}
		if a := c.send(r); a.StatusCode != 400 || !strings.Contains(decoded(t, a)["message"].(string), tt.want) {
			t.Errorf("%v %s = %d %s, want 400 and %q", tt.query, tt.body, a.StatusCode, a.Body, tt.want)
		}
	}
	if n := p.Asked(""); n > 0 {
		t.Errorf("the provider was asked %d times", n)
	}
}

// What a frontend came back with is good once.
func TestLoginIsRedeemedOnce(t *testing.T) {
	p := newByProvider(t)
	c := p.client("header")
	to, verifier := c.toProvider("corp")
	body := returning("corp", verifier, p.SignIn(t, to))
	c.loggedIn(c.send(request{route: signInUpRoute, body: body}))
	thief := p.client("header")
	if a := thief.send(request{route: signInUpRoute, body: body}); a.Body != notCompleted || a.Headers["st-access-token"] != "" {
		t.Errorf("the same return again = %d %s, want nothing", a.StatusCode, a.Body)
	}
	p.told(t, append(p.Given(), verifier))
}

// Logins go on when the provider has another key, from the next one on, also
// where tokens name no key or the new key has the old one's name. Tokens of
// unknown keys cannot have the keys asked for again and again.
func TestProviderRotatesItsKeys(t *testing.T) {
	stranger, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	unknown := func(p *provider.Provider) { p.Header = func(h provider.Claims) { h["kid"] = "unknown" } }
	strange := func(p *provider.Provider) {
		p.Sign = func(h, c provider.Claims) string { return provider.Signed(stranger, h, c) }
	}
	for name, tt := range map[string]struct {
		header func(provider.Claims) // of tokens
		keys   func(provider.Claims) // that are published
		spoil  func(*provider.Provider)
	}{
		"another name": {spoil: unknown},
		"no name":      {func(h provider.Claims) { delete(h, "kid") }, func(c provider.Claims) { c["kid"] = "the key" }, strange},
		"one name":     {func(h provider.Claims) { h["kid"] = "the key" }, func(c provider.Claims) { c["kid"] = "the key" }, strange},
	} {
		t.Run(name, func(t *testing.T) {
			p := newByProvider(t)
			p.Header, p.Keys = tt.header, tt.keys
			for range 3 {
				c := p.client("header")
				c.loggedIn(c.login(p.Provider, "corp"))
				p.Rotate()
			}
			if n := p.Asked("/.well-known/openid-configuration"); n != 1 {
				t.Errorf("discovery was asked for %d times, want once", n)
			}
			before := p.Asked("/jwks")
			tt.spoil(p.Provider)
			for range 20 {
				p.logout(p.LogoutToken("ada-1", nil), 400)
			}
			if n := p.Asked("/jwks") - before; n > 5 {
				t.Errorf("twenty tokens of unknown keys had the keys asked for %d times, want 5 at most", n)
			}
			p.advance(time.Minute)
			p.Header, p.Sign = tt.header, nil
			c := p.client("header")
			c.loggedIn(c.login(p.Provider, "corp"))
		})
	}
}

// Logins of one identity at once are one user's.
func TestLoginsAtOnce(t *testing.T) {
	p := newByProvider(t)
	ids := make([]string, 10)
	var all sync.WaitGroup
	for i := range ids {
		c := p.client("header")
		to, verifier := c.toProvider("corp")
		r := request{route: signInUpRoute, body: returning("corp", verifier, p.SignIn(t, to))}
		all.Go(func() {
			var body struct{ User struct{ ID string } }
			json.Unmarshal([]byte(c.serve(t.Context(), r).Body), &body)
			ids[i] = body.User.ID
		})
	}
	all.Wait()
	for _, id := range ids {
		if id == "" || id != ids[0] {
			t.Fatalf("logins at once are of %q, want one user", ids)
		}
	}
}

// A disabled user is told so, and nothing of theirs changes. Enabled again, they
// sign in.
func TestDisabledUserOfAnotherLogin(t *testing.T) {
	p := newByProvider(t)
	c := p.client("header")
	id := c.loggedIn(c.login(p.Provider, "corp"))
	p.admin(patchUser, id, `{"disabled":true}`)
	c.expect(401, request{route: "POST /notes", body: aNote})
	guest := p.client("header")
	expectNothing(t, guest.login(p.Provider, "corp"), 200, `{"reason":"This account is disabled.","status":"SIGN_IN_UP_NOT_ALLOWED"}`)
	p.admin(patchUser, id, `{"disabled":false}`)
	p.advance(time.Second)
	guest.loggedIn(guest.login(p.Provider, "corp"))
	p.admin(endAllRoute, id, "")
	guest.expect(401, request{route: "POST /notes", body: aNote})
}

// admin makes a request of a backend's about a user.
func (p byProvider) admin(route, user, body string) answer {
	p.stack.t.Helper()
	return p.client("header").expect(200, request{route: route, params: map[string]string{"userId": user}, body: body, admin: true})
}

// What ends all sessions of a user while a code is being redeemed ends that
// login as well, in the same millisecond too.
func TestAllSessionsEndDuringALogin(t *testing.T) {
	p := newByProvider(t)
	c := p.client("header")
	id := c.loggedIn(c.login(p.Provider, "corp"))
	p.UserInfo = func(provider.Claims) {
		p.advance(time.Millisecond / 2)
		p.admin(endAllRoute, id, "")
	}
	p.IDToken = func(c provider.Claims) { delete(c, "email") }
	p.advance(time.Millisecond / 4)
	a := p.client("header").login(p.Provider, "corp")
	expectNothing(t, a, 200, `{"message":"You have been signed out everywhere. Please sign in again.","status":"GENERAL_ERROR"}`)
}

// The user's claims are what the provider says, as of the last login: roles are
// shaped as SuperTokens has them, and what is not said any more is gone. Where
// nothing changed nothing is written.
func TestClaimsOfAProvider(t *testing.T) {
	p := newByProvider(t)
	mapped := p.stack.provider("mapped", func(r *logins.Provider) {
		r.Claims = map[string]string{"st-role": "groups", "org": "hd", "level": "level"}
	})
	var id string
	for i, tt := range []struct {
		says provider.Claims
		want string // version and claims, without times
	}{
		{provider.Claims{}, `"1" {"st-ev":{"v":true}}`},
		{provider.Claims{"groups": []string{"admin", "dev"}, "hd": "example.com", "level": 3},
			`"2" {"level":3,"org":"example.com","st-ev":{"v":true},"st-role":{"v":["admin","dev"]}}`},
		{provider.Claims{"groups": []string{"admin", "dev"}, "hd": "example.com", "level": 3.0, "email_verified": false},
			`"2" {"level":3,"org":"example.com","st-ev":{"v":true},"st-role":{"v":["admin","dev"]}}`},
		{provider.Claims{"groups": "dev", "email": "new@example.com", "email_verified": false},
			`"4" {"st-ev":{"v":false},"st-role":{"v":["dev"]}}`},
		{provider.Claims{"groups": []string{}, "email": "new@example.com", "email_verified": "true"},
			`"6" {"st-ev":{"v":true},"st-role":{"v":[]}}`},
	} {
		p.advance(time.Second)
		mapped.IDToken = func(c provider.Claims) { maps.Copy(c, tt.says) }
		c := p.client("header")
		id = c.loggedIn(c.login(mapped, "mapped"))
		if got := withoutTimes(p.admin(getRoles, id, "")); got != tt.want {
			t.Errorf("claims after login %d = %s, want %s", i+1, got, tt.want)
		}
	}
}

// withoutTimes returns the version of claims, and the claims without the times
// of those that have one.
func withoutTimes(a answer) string {
	var claims map[string]any
	json.Unmarshal([]byte(a.Body), &claims)
	for _, claim := range claims {
		if shaped, is := claim.(map[string]any); is {
			delete(shaped, "t")
		}
	}
	text, _ := json.Marshal(claims)
	return a.Headers["etag"] + " " + string(text)
}

// A record that was changed is gone by within a minute, and the secret opens for
// the client and the issuer alone that it was sealed for.
func TestProviderIsReplaced(t *testing.T) {
	p := newByProvider(t)
	c := p.client("header")
	c.loggedIn(c.login(p.Provider, "corp"))
	all, err := p.providers.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	evil := p.network.New("evil.example.com", p.now)
	record := all[0]
	record.Issuer = evil.URL
	if err := p.providers.Put(t.Context(), record); err != nil {
		t.Fatal(err)
	}
	p.advance(time.Minute)
	to, verifier := c.toProvider("corp")
	if !strings.HasPrefix(to, evil.URL) {
		t.Fatalf("a minute after the change a login goes to %s", to)
	}
	a := c.send(request{route: signInUpRoute, body: returning("corp", verifier, evil.SignIn(t, to))})
	if a.StatusCode != 503 || evil.Asked("/token") > 0 {
		t.Errorf("a login at an issuer for which the secret was not sealed = %d %s, and the code was redeemed %d times", a.StatusCode, a.Body, evil.Asked("/token"))
	}
	if err := p.providers.Delete(t.Context(), "corp"); err != nil {
		t.Fatal(err)
	}
	p.advance(time.Minute)
	c.expect(400, request{route: beginRoute, query: map[string]string{"thirdPartyId": "corp", "redirectURIOnProviderDashboard": provider.Redirect}})
}
