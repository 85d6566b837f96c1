package logins_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/logins"
)

// provider is one that may be put.
func provider() logins.Provider {
	return logins.Provider{
		ID: "corp", Issuer: "https://id.example.com/realms/corp", ClientID: "latchkey", Scopes: []string{"openid", "email"},
		RedirectURIs: []string{"https://app.example.com/auth/callback/corp"}, Claims: map[string]string{"org": "cognito:org"},
	}
}

// What may be put, and of what may not, the words that say why.
func TestCheck(t *testing.T) {
	long := strings.Repeat("a", 600)
	for _, tt := range []struct {
		change func(*logins.Provider)
		want   string // "" if it may be put
	}{
		{func(*logins.Provider) {}, ""},
		{func(p *logins.Provider) { p.ClientType = "ios-2" }, ""},
		{func(p *logins.Provider) { p.Issuer = "https://tenant.auth0.com/" }, ""},
		{func(p *logins.Provider) { p.RedirectURIs = []string{"http://localhost:3000/cb", "com.example.app:/cb"} }, ""},
		{func(p *logins.Provider) { p.Claims = map[string]string{"st-role": "cognito:groups"} }, ""},

		{func(p *logins.Provider) { p.ID = "Corp" }, "id must"},
		{func(p *logins.Provider) { p.ID = "" }, "id must"},
		{func(p *logins.Provider) { p.ID = "a/b" }, "id must"},
		{func(p *logins.Provider) { p.ID = long }, "id must"},
		{func(p *logins.Provider) { p.ClientType = "a/b" }, "clientType must"},
		{func(p *logins.Provider) { p.Issuer = "" }, "issuer must"},
		{func(p *logins.Provider) { p.Issuer = "id.example.com" }, "issuer must"},
		{func(p *logins.Provider) { p.Issuer = "http://id.example.com" }, "issuer must"},
		{func(p *logins.Provider) { p.Issuer = "http://127.0.0.1:9000" }, "issuer must"},
		{func(p *logins.Provider) { p.Issuer = "https://id.example.com?a" }, "issuer must"},
		{func(p *logins.Provider) { p.Issuer = "https://id.example.com#" }, "issuer must"},
		{func(p *logins.Provider) { p.Issuer = "https://u:p@id.example.com" }, "issuer must"},
		{func(p *logins.Provider) { p.Issuer = "https:///corp" }, "issuer must"},
		{func(p *logins.Provider) { p.Issuer = "https://id.example.com/" + long }, "issuer must"},
		{func(p *logins.Provider) { p.ClientID = "" }, "clientId must"},
		{func(p *logins.Provider) { p.ClientID = "a\nb" }, "clientId must"},
		{func(p *logins.Provider) { p.Scopes = []string{"email"} }, "openid among"},
		{func(p *logins.Provider) { p.Scopes = []string{"openid", "a b"} }, "scope"},
		{func(p *logins.Provider) { p.RedirectURIs = nil }, "redirectUris must"},
		{func(p *logins.Provider) { p.RedirectURIs = []string{"/cb"} }, "redirectUri"},
		{func(p *logins.Provider) { p.RedirectURIs = []string{"http://app.example.com/cb"} }, "redirectUri"},
		{func(p *logins.Provider) { p.RedirectURIs = []string{"https://app.example.com/cb#x"} }, "redirectUri"},
		{func(p *logins.Provider) { p.RedirectURIs = []string{"https://*.example.com/cb"} }, "redirectUri"},
		{func(p *logins.Provider) { p.RedirectURIs = []string{"javascript:alert(1)"} }, "redirectUri"},
		{func(p *logins.Provider) { p.RedirectURIs = []string{"data:text/html,x"} }, "redirectUri"},
		{func(p *logins.Provider) { p.Claims = map[string]string{"st-ev": "ok"} }, "not for a provider"},
		{func(p *logins.Provider) { p.Claims = map[string]string{"sub": "email"} }, "not for a provider"},
		{func(p *logins.Provider) { p.Claims = map[string]string{"org": ""} }, "no name"},
	} {
		p := provider()
		tt.change(&p)
		err := p.Check(false)
		if tt.want == "" && err != nil || tt.want != "" && (!errors.Is(err, logins.ErrProvider) || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("Check of %.120v = %v, want %q", p, err, tt.want)
		}
	}
}

// Plain http is for this machine, and only where that is said.
func TestLoopbackIssuers(t *testing.T) {
	for issuer, here := range map[string]bool{
		"http://127.0.0.1:9000": true, "http://localhost:9000/realms/a": true, "http://[::1]:9000": true,
		"http://127.0.0.1.example.com": false, "http://localhost.example.com": false, "http://10.0.0.1": false, "ftp://127.0.0.1": false,
	} {
		p := provider()
		p.Issuer = issuer
		if err := p.Check(true); (err == nil) != here {
			t.Errorf("Check of %s on this machine = %v, want that it may be put: %t", issuer, err, here)
		}
		if p.Check(false) == nil {
			t.Errorf("%s may be put where it is deployed", issuer)
		}
	}
}

// Too many of anything is refused with all other faults, in one error.
func TestCheckNamesEveryFault(t *testing.T) {
	p := provider()
	p.ID, p.ClientID, p.Claims = "", "", map[string]string{}
	for i := range 21 {
		p.Scopes = append(p.Scopes, fmt.Sprint("s", i))
		p.RedirectURIs = append(p.RedirectURIs, fmt.Sprint("https://app.example.com/", i))
		p.Claims[fmt.Sprint("c", i)] = "c"
	}
	err := p.Check(false)
	for _, part := range []string{"id must", "clientId must", "scopes must be", "redirectUris must", "claims must be"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("Check = %v, want that it says %q", err, part)
		}
	}
}

func TestParse(t *testing.T) {
	p, err := logins.Parse([]byte(`{"id":"google","issuer":"https://accounts.google.com","clientId":"a","redirectUris":["https://a.example/cb"]}`))
	if err != nil || p.ID != "google" || strings.Join(p.Scopes, " ") != "openid email" {
		t.Errorf("Parse = %+v, %v, want the scopes that bring an address", p, err)
	}
	for _, text := range []string{
		``, `[]`, `null x`, `{"id":"a","id":"b"}`, `{"ID":"a"}`, `{"redirectURIs":[]}`, `{"scopes":"openid"}`, `{"clientSecret":"s"}`, `{"Sealed":"AAAA"}`,
	} {
		if p, err := logins.Parse([]byte(text)); !errors.Is(err, logins.ErrProvider) {
			t.Errorf("Parse(%s) = %+v, %v, want ErrProvider", text, p, err)
		}
	}
}

// A sealed secret is bound to whom it is for.
func TestBinding(t *testing.T) {
	p := provider()
	bindings := map[string]bool{p.Binding(): true}
	for _, change := range []func(*logins.Provider){
		func(p *logins.Provider) { p.ID += "2" }, func(p *logins.Provider) { p.ClientType = "ios" },
		func(p *logins.Provider) { p.Issuer += "/" }, func(p *logins.Provider) { p.ClientID += "2" },
	} {
		p := provider()
		change(&p)
		bindings[p.Binding()] = true
	}
	if len(bindings) != 5 {
		t.Errorf("bindings %v, want five", bindings)
	}
}
