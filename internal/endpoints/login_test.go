package endpoints_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/endpoints/frontend"
	"github.com/latchkey-auth/latchkey/internal/logins"
	"github.com/latchkey-auth/latchkey/internal/logins/openid"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
	"github.com/latchkey-auth/latchkey/test/provider"
)

const (
	beginRoute    = "GET /auth/authorisationurl"
	signInUpRoute = "POST /auth/signinup"
	logoutRoute   = "POST /auth/logout/{provider}"
)

// byProvider is a stack whose users may sign in at the provider corp.
type byProvider struct {
	*stack
	*provider.Provider
}

func newByProvider(t *testing.T) byProvider {
	t.Helper()
	s := newStack(t)
	return byProvider{s, s.provider("corp", nil)}
}

// provider adds a provider, and makes it known under the id.
func (s *stack) provider(id string, change func(*logins.Provider)) *provider.Provider {
	s.t.Helper()
	p := s.network.New(id+".example.com", s.now)
	record := logins.Provider{
		ID: id, Issuer: p.URL, ClientID: provider.ClientID, Scopes: []string{"openid", "email"}, RedirectURIs: []string{provider.Redirect},
	}
	if change != nil {
		change(&record)
	}
	var err error
	if record.Sealed, err = s.sealer.Seal(s.t.Context(), logins.PurposeSecret, record.Binding(), []byte(provider.Secret)); err != nil {
		s.t.Fatal(err)
	}
	if err := s.providers.Put(s.t.Context(), record); err != nil {
		s.t.Fatal(err)
	}
	return p
}

// others is what speaks to the providers of the stack.
func (s *stack) others(_ setup.Config, b api.Backends) frontend.OtherLogins {
	return openid.New(openid.Config{Providers: b.Providers, Sealer: b.Sealer, Now: b.Now, Transport: s.network})
}

// toProvider begins a login.
func (c *client) toProvider(id string) (url, verifier string) {
	c.t.Helper()
	a := c.expect(200, request{route: beginRoute, query: map[string]string{
		"thirdPartyId": id, "redirectURIOnProviderDashboard": provider.Redirect,
	}})
	body := decoded(c.t, a)
	if body["status"] != "OK" || len(body) != 3 {
		c.t.Fatalf("%s = %s, want a login that has begun", beginRoute, a.Body)
	}
	return body["urlWithQueryParams"].(string), body["pkceCodeVerifier"].(string)
}

// returning is the body with which a frontend comes back.
func returning(id, verifier string, query map[string]string) string {
	text, _ := json.Marshal(map[string]any{
		"thirdPartyId": id, "redirectURIInfo": map[string]any{
			"redirectURIOnProviderDashboard": provider.Redirect, "redirectURIQueryParams": query, "pkceCodeVerifier": verifier,
		},
	})
	return string(text)
}

// login is a whole login at the provider.
func (c *client) login(p *provider.Provider, id string) answer {
	c.t.Helper()
	url, verifier := c.toProvider(id)
	return c.send(request{route: signInUpRoute, body: returning(id, verifier, p.SignIn(c.t, url))})
}

// loggedIn asserts that the answer is a session, and returns its user's id.
func (c *client) loggedIn(a answer) string {
	c.t.Helper()
	body := decoded(c.t, a)
	if access, _ := c.tokens(); a.StatusCode != 200 || body["status"] != "OK" || access == "" {
		c.t.Fatalf("signinup = %d %s, want a session", a.StatusCode, a.Body)
	}
	c.expect(201, request{route: "POST /notes", body: aNote})
	return body["user"].(map[string]any)["id"].(string)
}

// A login at a provider is a session like any other, of one user for each
// identity and tenant, also if others have the same address.
func TestLogin(t *testing.T) {
	p := newByProvider(t)
	other := p.stack.provider("other", nil)
	c := p.client("cookie")
	c.signUp("ada@example.com")
	withPassword := decoded(t, c.expect(200, request{route: signInRoute, body: form("ada@example.com", password)}))["user"].(map[string]any)["id"].(string)

	first := c.login(p.Provider, "corp")
	id := c.loggedIn(first)
	user := decoded(t, first)["user"].(map[string]any)
	want := fmt.Sprintf(`{"emails":["ada@example.com"],"id":%q,"isPrimaryUser":false,"loginMethods":[{"email":"ada@example.com","recipeId":"thirdparty",`+
		`"recipeUserId":%q,"tenantIds":["public"],"thirdParty":{"id":"corp","userId":"ada-1"},"timeJoined":%d,"verified":true}],"phoneNumbers":[],`+
		`"tenantIds":["public"],"thirdParty":[{"id":"corp","userId":"ada-1"}],"timeJoined":%d,"webauthn":{"credentialIds":[]}}`,
		id, id, p.now().UnixMilli(), p.now().UnixMilli())
	if got, _ := json.Marshal(user); string(got) != want {
		t.Errorf("user = %s, want %s", got, want)
	}
	if decoded(t, first)["createdNewRecipeUser"] != true {
		t.Errorf("the first login = %s, want that it made a user", first.Body)
	}

	ids := map[string]bool{withPassword: true, id: true}
	again := p.client("header")
	a := again.login(p.Provider, "corp")
	if got := again.loggedIn(a); got != id || decoded(t, a)["createdNewRecipeUser"] != false {
		t.Errorf("a second login = %s, want the same user, who is not new", a.Body)
	}
	elsewhere := p.client("header")
	ids[elsewhere.loggedIn(elsewhere.login(other, "other"))] = true
	if len(ids) != 3 {
		t.Errorf("one address, with a password and at two providers, is %d users, want 3", len(ids))
	}
}
