package endpoints_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Anybody can check our tokens with what is published.
func TestPublishedKeys(t *testing.T) {
	c := signedUp(t, "header")
	a := c.expect(200, request{route: keysRoute})
	if under := c.expect(200, request{route: issuerKeysRoute}); under.Body != a.Body {
		t.Errorf("keys under the issuer = %s, want %s", under.Body, a.Body)
	}
	var set jose.JSONWebKeySet
	if err := json.Unmarshal([]byte(a.Body), &set); err != nil {
		t.Fatal(err)
	}
	access, _ := c.tokens()
	parsed, err := jwt.ParseSigned(access, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	var claims jwt.Claims
	if err := parsed.Claims(set, &claims); err != nil || claims.Issuer != issuer {
		t.Errorf("token checked with the published keys: issuer %q, %v, want %q", claims.Issuer, err, issuer)
	}
	for _, member := range []string{`"d"`, `"p"`, `"q"`} {
		if strings.Contains(a.Body, member) {
			t.Errorf("published keys have the private member %s", member)
		}
	}
	if got := a.Headers["cache-control"]; got != "public, max-age=3600" {
		t.Errorf("cache-control = %q, want an hour", got)
	}
}

func TestDiscovery(t *testing.T) {
	c := newStack(t).client("header")
	got := decoded(t, c.expect(200, request{route: discoveryRoute}))
	if got["issuer"] != issuer || got["jwks_uri"] != issuer+"/jwt/jwks.json" {
		t.Errorf("discovery = %v, want issuer %s and its keys", got, issuer)
	}
	if text := fmt.Sprint(got["id_token_signing_alg_values_supported"]); text != "[ES256]" {
		t.Errorf("algorithms = %s, want ES256", text)
	}
	for _, member := range []string{"response_types_supported", "subject_types_supported", "authorization_endpoint"} {
		if got[member] == nil {
			t.Errorf("discovery lacks %s, which OpenID Connect Discovery requires", member)
		}
	}
}
