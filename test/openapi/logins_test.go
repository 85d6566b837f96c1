package openapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/latchkey-auth/latchkey/test/provider"
)

// ofProvider reports whether an operation needs a provider, without whom no
// request of it is good.
func (o operation) ofProvider() bool {
	return slices.Contains([]string{"Begin a login at a provider", "Sign a user in who comes back from a provider",
		"End the sessions of a user who signed out at a provider"}, o.Summary)
}

// logins sends what frontends and a provider send when a user signs in there.
func (w *world) logins() {
	corp := provider.Network{}.New("corp", time.Now)
	server := httptest.NewServer(corp)
	w.Cleanup(server.Close)
	corp.URL = server.URL
	w.put("corp", corp.URL)
	w.put("broken", corp.URL+"/nothing/there")
	for _, path := range []string{"/auth/", "/auth/{tenantId}/"} {
		begin, signInUp := "GET "+path+"authorisationurl", "POST "+path+"signinup"
		w.send(request{route: begin, query: beginning("broken")}).want(200)
		w.send(request{route: begin, query: beginning("nobody")}).want(400)
		w.send(request{route: begin, query: url.Values{}}).want(400)
		for _, version := range []string{"4.1", "2.0", "1.17"} {
			w.login(corp, begin, signInUp, map[string]string{"Fdi-Version": version, "St-Auth-Mode": "cookie", "Origin": page}).want(200)
		}
		for _, spoil := range []func(provider.Claims){
			func(c provider.Claims) { c["aud"] = "another" },
			func(c provider.Claims) { c["email"] = "none" },
		} {
			corp.IDToken = spoil
			w.login(corp, begin, signInUp, nil).want(200)
			corp.IDToken = nil
		}
		w.send(request{route: signInUp, body: returning("corp", "", map[string]string{"error": "access_denied", "iss": corp.URL})}).want(200)
		w.send(request{route: signInUp, body: returning("corp", "", nil), header: map[string]string{"Origin": anotherPage, "Fdi-Version": ""}}).want(403)
		for _, body := range []string{"", "[]", `{"thirdPartyId":7}`, `{"thirdPartyId":"corp","oAuthTokens":{}}`, returning("nobody", "", nil)} {
			w.send(request{route: signInUp, body: body}).want(400)
		}
		w.send(request{route: signInUp, body: `{"a":"` + strings.Repeat("x", 64<<10) + `"}`}).want(413)
	}
	w.notices(corp)
}

// notices sends what a provider sends when a user signs out there.
func (w *world) notices(corp *provider.Provider) {
	for notice, want := range map[string]int{corp.LogoutToken("ada-1", nil): 200, corp.LogoutToken("nobody", nil): 200, "x": 400} {
		w.send(request{
			route: "POST /auth/logout/{provider}", path: map[string]string{"provider": "corp"},
			header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, body: url.Values{"logout_token": {notice}}.Encode(),
		}).want(want)
	}
}

// put makes a provider known to the local run, as an operator does.
func (w *world) put(id, issuer string) {
	command := map[string]any{"action": "put-provider", "provider": map[string]any{
		"id": id, "issuer": issuer, "clientId": provider.ClientID, "clientSecret": provider.Secret, "redirectUris": []string{provider.Redirect},
	}}
	to := w.run.URL + "/2015-03-31/functions/RotateKeysFunction/invocations"
	response, err := http.Post(to, "application/json", strings.NewReader(text(command)))
	if err != nil {
		w.Fatal(err)
	}
	response.Body.Close()
	if response.Header.Get("X-Amz-Function-Error") != "" {
		w.Fatalf("put-provider %s failed", id)
	}
}

func beginning(id string) url.Values {
	return url.Values{"thirdPartyId": {id}, "redirectURIOnProviderDashboard": {provider.Redirect}}
}

func returning(id, verifier string, query map[string]string) string {
	return text(map[string]any{"thirdPartyId": id, "redirectURIInfo": map[string]any{
		"redirectURIOnProviderDashboard": provider.Redirect, "redirectURIQueryParams": query, "pkceCodeVerifier": verifier,
	}})
}

// login is a whole login, by the two routes.
func (w *world) login(at *provider.Provider, begin, signInUp string, header map[string]string) result {
	w.Helper()
	var began struct {
		URL      string `json:"urlWithQueryParams"`
		Verifier string `json:"pkceCodeVerifier"`
	}
	if err := json.Unmarshal(w.send(request{route: begin, query: beginning("corp")}).want(200).body, &began); err != nil {
		w.Fatal(err)
	}
	return w.send(request{route: signInUp, body: returning("corp", began.Verifier, at.SignIn(w.T, began.URL)), header: header})
}
