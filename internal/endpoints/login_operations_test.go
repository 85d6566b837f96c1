package endpoints_test

import (
	"net/url"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/test/provider"
)

// identity is the person at the provider corp, who is another user there.
func (p *person) identity() accounts.Identity {
	return accounts.Identity{Provider: "corp", Issuer: p.corp.URL, Subject: "sub-" + p.id}
}

// atCorp adds the person's user of the other login.
func (p *person) atCorp() {
	p.t.Helper()
	u := p.user()
	u.ID, u.Hash, u.ThirdParty = "corp-"+p.id, "", p.identity()
	if err := p.accounts.Create(p.t.Context(), u); err != nil {
		p.t.Fatal(err)
	}
}

// fromCorp is the person coming back from the provider.
func fromCorp(p *person) (*client, request) {
	p.corp.User = provider.Claims{"sub": p.identity().Subject, "email": p.email, "email_verified": true}
	url, verifier := p.guest.toProvider("corp")
	return p.guest, request{route: signInUpRoute, body: returning("corp", verifier, p.corp.SignIn(p.t, url))}
}

// movedAtCorp makes the person's address at corp a verified one, which is
// another by now.
func (p *person) movedAtCorp() {
	p.t.Helper()
	p.atCorp()
	about := map[string]string{"userId": "corp-" + p.id}
	p.guest.expect(200, request{route: patchRoles, params: about, body: `{"st-ev":{"v":true,"t":1}}`, admin: true})
}

// fromCorpMoved is the person coming back with an address that nobody verified.
func fromCorpMoved(p *person) (*client, request) {
	c, r := fromCorp(p)
	p.corp.User = provider.Claims{"sub": p.identity().Subject, "email": "moved-" + p.email, "email_verified": false}
	return c, r
}

func loginOperations() []operation {
	signedIn := func(p *person, _ answer) { p.alive(p.guest) }
	begin := map[string]string{"thirdPartyId": "corp", "redirectURIOnProviderDashboard": provider.Redirect}
	return []operation{
		{
			name: "to a provider", long: true, good: says(200, statusOK, "pkceCodeVerifier"),
			request: func(p *person) (*client, request) { return p.guest, request{route: beginRoute, query: begin} },
		},
		{name: "from a provider, the first time", long: true, request: fromCorp, good: says(200, statusOK, `"sub-`), holds: signedIn},
		{name: "from a provider, again", long: true, prepare: (*person).atCorp, request: fromCorp, good: says(200, statusOK, `"corp-`), holds: signedIn},
		{
			name: "from a provider, with another address", long: true, prepare: (*person).movedAtCorp, request: fromCorpMoved,
			good: says(200, statusOK, `"moved-`, `"verified":false`), holds: signedIn,
		},
		{
			name: "logout at a provider", long: true, good: says(200),
			prepare: func(p *person) { p.atCorp(); c, r := fromCorp(p); c.expect(200, r) },
			request: func(p *person) (*client, request) {
				body := url.Values{"logout_token": {p.corp.LogoutToken(p.identity().Subject, nil)}}.Encode()
				return p.guest, request{route: logoutRoute, params: map[string]string{"provider": "corp"}, body: body}
			},
			holds: func(p *person, _ answer) { p.guest.expect(401, request{route: "POST /notes", body: aNote}) },
		},
	}
}
