package gateway_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey-auth/latchkey/internal/template"
)

const issuer = "https://issuer.example"

// signers are an issuer's keys by kid.
type signers struct {
	rsa, unknown *rsa.PrivateKey
	ec           *ecdsa.PrivateKey
}

func newSigners(t *testing.T) signers {
	t.Helper()
	one, err1 := rsa.GenerateKey(rand.Reader, 2048)
	two, err2 := rsa.GenerateKey(rand.Reader, 2048)
	ec, err3 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	return signers{one, two, ec}
}

func (s signers) jwks() ([]byte, error) {
	return json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: &s.rsa.PublicKey, KeyID: "rsa", Algorithm: "RS256", Use: "sig"},
		{Key: &s.ec.PublicKey, KeyID: "ec", Algorithm: "ES256", Use: "sig"},
	}})
}

func (s signers) token(t *testing.T, method jwt.SigningMethod, kid string, key any, claims jwt.MapClaims) string {
	t.Helper()
	unsigned := jwt.NewWithClaims(method, claims)
	unsigned.Header["kid"] = kid
	text, err := unsigned.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func newJWT(t *testing.T, s signers) *world {
	k := newWorld(t, template.API{
		ID: "Shop", Stage: "$default", Routes: []template.Route{{Key: "GET /items", Function: "Back", Auth: "Token"}},
		Authorizers: map[string]template.Authorizer{"Token": {
			Issuer: issuer, Audience: []string{"app"}, Sources: []string{"$request.header.Authorization"},
		}},
	})
	k.jwks = s.jwks
	return k
}

// API Gateway's own authorizer accepts a token that is signed by one of the
// issuer's RSA keys, for the audience and within its time, and nothing else.
func TestJWTAuthorizer(t *testing.T) {
	s := newSigners(t)
	k := newJWT(t, s)
	now := k.now.Unix()
	good := func(changes ...any) jwt.MapClaims {
		c := jwt.MapClaims{"iss": issuer, "aud": "app", "sub": "u", "iat": now, "exp": now + 60}
		for i := 0; i < len(changes); i += 2 {
			c[changes[i].(string)] = changes[i+1]
			if changes[i+1] == nil {
				delete(c, changes[i].(string))
			}
		}
		return c
	}
	public, err := x509.MarshalPKIXPublicKey(&s.rsa.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	none := jwt.UnsafeAllowNoneSignatureType
	for _, tt := range []struct {
		name  string
		token string
		want  int
	}{
		{"good", s.token(t, jwt.SigningMethodRS256, "rsa", s.rsa, good()), 200},
		{"one of many audiences", s.token(t, jwt.SigningMethodRS256, "rsa", s.rsa, good("aud", []string{"x", "app"})), 200},
		{"client_id in place of aud", s.token(t, jwt.SigningMethodRS256, "rsa", s.rsa, good("aud", nil, "client_id", "app")), 200},
		{"another issuer", s.token(t, jwt.SigningMethodRS256, "rsa", s.rsa, good("iss", issuer+"/")), 401},
		{"another audience", s.token(t, jwt.SigningMethodRS256, "rsa", s.rsa, good("aud", "other", "client_id", "app")), 401},
		{"no audience", s.token(t, jwt.SigningMethodRS256, "rsa", s.rsa, good("aud", nil)), 401},
		{"expired", s.token(t, jwt.SigningMethodRS256, "rsa", s.rsa, good("exp", now)), 401},
		{"no expiry", s.token(t, jwt.SigningMethodRS256, "rsa", s.rsa, good("exp", nil)), 401},
		{"not yet", s.token(t, jwt.SigningMethodRS256, "rsa", s.rsa, good("nbf", now+1)), 401},
		{"issued in the future", s.token(t, jwt.SigningMethodRS256, "rsa", s.rsa, good("iat", now+1)), 401},
		{"unknown key", s.token(t, jwt.SigningMethodRS256, "other", s.unknown, good()), 401},
		{"another's signature", s.token(t, jwt.SigningMethodRS256, "rsa", s.unknown, good()), 401},
		{"no RSA", s.token(t, jwt.SigningMethodES256, "ec", s.ec, good()), 401},
		{"public key as a secret", s.token(t, jwt.SigningMethodHS256, "rsa", public, good()), 401},
		{"unsigned", s.token(t, jwt.SigningMethodNone, "rsa", none, good()), 401},
		{"no token", "x", 401},
	} {
		t.Run(tt.name, func(t *testing.T) {
			answer := send(t, k.gateway(), tt.want, request("GET", "/items", "", "Authorization", "bearer "+tt.token))
			challenge := answer.Header().Get("WWW-Authenticate")
			if (tt.want == 401) != strings.HasPrefix(challenge, `Bearer error="invalid_token"`) {
				t.Errorf("WWW-Authenticate = %q", challenge)
			}
		})
	}
	send(t, k.gateway(), 401, request("GET", "/items", ""))
	whole := s.token(t, jwt.SigningMethodRS256, "rsa", s.rsa, good("on", true, "list", []string{"a", "b"}))
	// Claims reach the function as text. Nothing else about a caller does.
	k.seen = nil
	send(t, k.gateway(), 200, request("GET", "/items", "", "Authorization", whole))
	k.seen[0].check(t, map[string]any{
		"requestContext.authorizer.jwt.claims": map[string]string{
			"iss": issuer, "aud": "app", "sub": "u", "iat": "1795521600", "exp": "1795521660", "on": "true", "list": "[a b]",
		},
		"requestContext.authorizer.lambda": nil,
	})
	k.jwks = func() ([]byte, error) { return nil, errors.New("down") }
	send(t, k.gateway(), 401, request("GET", "/items", "", "Authorization", whole))
	if len(k.asked) > 0 {
		t.Errorf("a function was asked: %v", k.asked)
	}
}
