//go:build dynamodb

package lambda_test

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/test/client"
	"github.com/latchkey-auth/latchkey/test/provider"
)

// openProvider starts an OpenID provider with https.
func (s *stack) openProvider(t testing.TB) {
	t.Helper()
	s.corp = provider.Network{}.New("corp", time.Now)
	server := httptest.NewTLSServer(s.corp)
	t.Cleanup(server.Close)
	s.corp.URL, s.corpFile = server.URL, certificateOf(t, server)
}

// certificateOf returns a file with the certificate of a server.
func certificateOf(t testing.TB, server *httptest.Server) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "certificate.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// testLogins makes a user sign in at a provider with the code flow, and again
// with another address. The user verifies that by a mail and signs out at the
// provider. Then a backend removes the user.
func (s *stack) testLogins(t *testing.T) {
	s.secrets.add(provider.Secret)
	put := fmt.Sprintf(`{"action":"put-provider","provider":{"id":"corp","issuer":%q,"clientId":%q,"clientSecret":%q,"redirectUris":[%q]}}`,
		s.corp.URL, provider.ClientID, provider.Secret, provider.Redirect)
	if answer, err := s.invoke(t.Context(), "RotateKeysFunction", []byte(put)); err != nil {
		t.Fatalf("put-provider = %s, %v", answer, err)
	}
	c := s.client(t)
	c.Bearer = s.login(t, c)
	user := claims(t, c.Bearer).User
	c.Post("/notes", `{"text":"from elsewhere"}`).Want(201)
	s.ended(t, user)

	s.corp.User["email"], s.corp.User["email_verified"] = "new@example.com", false
	before := c
	c.Bearer = s.login(t, c)
	before.Post("/notes", `{"text":"late"}`).Want(401)
	s.backend(t).Get("/admin/users/" + user).Want(200).Saying(`"emails":["new@example.com"]`).Saying(`"userId":"ada-1"`)

	s.verifies(t, c, user)
	notice := url.Values{"logout_token": {s.corp.LogoutToken("ada-1", nil)}}.Encode()
	c.Post("/auth/logout/corp", notice).Want(200)
	c.Post("/notes", `{"text":"after"}`).Want(401)
	s.backend(t).Do("DELETE", "/admin/users/"+user, "").Want(200)
	c.Bearer = ""
	if again := s.login(t, c); claims(t, again).User == user {
		t.Error("a user who was removed is there again")
	}
	for _, secret := range s.corp.Given() {
		s.secrets.add(secret)
	}
}

// login signs in at the provider and returns the access token.
func (s *stack) login(t *testing.T, c client.Client) string {
	t.Helper()
	var began struct{ URLWithQueryParams, PKCECodeVerifier string }
	query := url.Values{"thirdPartyId": {"corp"}, "redirectURIOnProviderDashboard": {provider.Redirect}}.Encode()
	c.Get("/auth/authorisationurl?" + query).Want(200).Saying(`"OK"`).Decode(&began)
	s.secrets.add(began.PKCECodeVerifier)
	back, err := json.Marshal(map[string]any{"thirdPartyId": "corp", "redirectURIInfo": map[string]any{
		"redirectURIOnProviderDashboard": provider.Redirect, "pkceCodeVerifier": began.PKCECodeVerifier,
		"redirectURIQueryParams": s.corp.SignIn(t, began.URLWithQueryParams),
	}})
	if err != nil {
		t.Fatal(err)
	}
	access, _ := c.Post("/auth/signinup", string(back)).Want(200).Saying(`"OK"`).Tokens()
	return access
}

// verifies mails a link to the user and uses it.
func (s *stack) verifies(t *testing.T, c client.Client, user string) {
	t.Helper()
	event := fmt.Sprintf(`{"purpose":"verify","tenant":"public","userId":%q}`, user)
	if answer, err := s.invoke(t.Context(), "MailFunction", []byte(event)); err != nil {
		t.Fatalf("MailFunction = %s, %v", answer, err)
	}
	token := s.token(t, "new@example.com", "/auth/verify-email")
	c.Post("/auth/user/email/verify", `{"method":"token","token":"`+token+`"}`).Want(200).Saying(`"OK"`)
}
