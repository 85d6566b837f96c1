//go:build awscli

package awscli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/logins"
	"github.com/latchkey-auth/latchkey/internal/logins/openid"
	"github.com/latchkey-auth/latchkey/sessions/memory"
)

// cognito is a user pool of moto's. Moto has neither pages nor a token endpoint,
// so what stands at the issuer is put together here: its keys and its ID tokens
// are moto's own.
type cognito struct {
	moto, pool, client string
	idToken            string
	spoil              func(token string) string
}

const cognitoHost = "cognito-idp." + region + ".amazonaws.com"

// RoundTrip implements http.RoundTripper.
func (c *cognito) RoundTrip(r *http.Request) (*http.Response, error) {
	var document any
	switch path := strings.TrimPrefix(r.URL.Path, "/"+c.pool); path {
	case "/.well-known/openid-configuration":
		at := "https://" + cognitoHost + "/" + c.pool
		document = map[string]any{
			"issuer": at, "authorization_endpoint": at + "/authorize", "token_endpoint": at + "/token", "jwks_uri": at + "/.well-known/jwks.json",
			"id_token_signing_alg_values_supported": []string{"RS256"},
		}
	case "/.well-known/jwks.json":
		return http.Get(c.moto + r.URL.Path)
	case "/token":
		document = map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": c.spoil(c.idToken)}
	}
	text, err := json.Marshal(document)
	header := http.Header{"Content-Type": {"application/json"}}
	return &http.Response{StatusCode: 200, Header: header, Body: io.NopCloser(bytes.NewReader(text)), Request: r}, err
}

// newCognito makes a pool with a user who has signed in.
func newCognito(t *testing.T) *cognito {
	t.Helper()
	c := &cognito{moto: startMoto(t), spoil: func(token string) string { return token }}
	var pool struct{ UserPool struct{ Id string } }
	c.call(t, "CreateUserPool", `{"PoolName":"p"}`, &pool)
	c.pool = pool.UserPool.Id
	var client struct{ UserPoolClient struct{ ClientId string } }
	c.call(t, "CreateUserPoolClient", `{"UserPoolId":"`+c.pool+`","ClientName":"c","ExplicitAuthFlows":["ALLOW_ADMIN_USER_PASSWORD_AUTH"]}`, &client)
	c.client = client.UserPoolClient.ClientId
	user := `{"UserPoolId":"` + c.pool + `","Username":"ada"`
	c.call(t, "AdminCreateUser", user+`,"UserAttributes":[{"Name":"email","Value":"ada@example.com"}]}`, nil)
	c.call(t, "AdminSetUserPassword", user+`,"Password":"Nine-tall-birches-1","Permanent":true}`, nil)
	var signedIn struct{ AuthenticationResult struct{ IdToken string } }
	c.call(t, "AdminInitiateAuth", `{"UserPoolId":"`+c.pool+`","ClientId":"`+c.client+`","AuthFlow":"ADMIN_USER_PASSWORD_AUTH",
		"AuthParameters":{"USERNAME":"ada","PASSWORD":"Nine-tall-birches-1"}}`, &signedIn)
	if c.idToken = signedIn.AuthenticationResult.IdToken; c.idToken == "" {
		t.Fatal("moto gave no ID token")
	}
	return c
}

// call asks moto's Cognito.
func (c *cognito) call(t *testing.T, operation, body string, into any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", c.moto, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=a/20260101/"+region+"/cognito-idp/aws4_request")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != 200 || into != nil && json.Unmarshal(text, into) != nil {
		t.Fatalf("%s = %d %s, %v", operation, response.StatusCode, text, err)
	}
}

// An ID token as Cognito makes it is good by its key, its issuer, its audience
// and its times. It is the nonce alone that moto's lacks, for which there is no
// login; one that was touched is not good by its key.
func TestCognitosTokens(t *testing.T) {
	c, store := newCognito(t), logins.NewMemory()
	const back = "https://app.example.com/auth/callback/cognito"
	issuer := "https://" + cognitoHost + "/" + c.pool
	err := store.Put(t.Context(), logins.Provider{
		ID: "cognito", Issuer: issuer, ClientID: c.client, Scopes: []string{"openid"}, RedirectURIs: []string{back},
	})
	if err != nil {
		t.Fatal(err)
	}
	speaks := openid.New(openid.Config{Providers: store, Sealer: memory.NewSealer([32]byte{}), Now: time.Now, Transport: c})
	began, err := speaks.Authorize(t.Context(), "cognito", "", back)
	if err != nil || !strings.HasPrefix(began.URL, issuer+"/authorize?") {
		t.Fatalf("Authorize = %q, %v", began.URL, err)
	}
	for _, test := range []struct {
		spoil func(string) string
		want  string
	}{
		{func(token string) string { return token }, "nonce missing"},
		{func(token string) string { return strings.Replace(token, ".", ".e", 1) }, "not signed by the provider"},
	} {
		c.spoil = test.spoil
		_, err := speaks.Redeem(t.Context(), logins.Return{
			Provider: "cognito", RedirectURI: back, Query: map[string]string{"code": "c"}, Verifier: began.Verifier,
		})
		if !errors.Is(err, logins.ErrRefused) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Redeem = %v, want that it is refused for %q", err, test.want)
		}
	}
}
