package token

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// payload is the JSON of an access token: our claims by name, and the custom
// claims beside them. The names are those of SuperTokens' tokens; rfc 9068
// names the first five.
type payload struct {
	Issuer     string         `json:"iss"`
	Audience   string         `json:"aud"`
	Subject    string         `json:"sub"`
	IssuedAt   int64          `json:"iat"`
	Expires    int64          `json:"exp"`
	Handle     string         `json:"sessionHandle"`
	Tenant     string         `json:"tId"`
	RecipeUser string         `json:"rsub"`
	Custom     jsontext.Value `json:",embed"`

	// Our tokens carry neither; one that does is refused, since we would have
	// to honour what it says. stt tells SuperTokens' other kinds of token.
	NotBefore jsontext.Value `json:"nbf,omitzero"`
	Kind      jsontext.Value `json:"stt,omitzero"`
}

// reserved are the names that custom claims may not have: ours, those that
// RFC 7519 and API Gateway give a meaning, and those that SuperTokens' clients
// and servers know.
func reserved() []string {
	return []string{
		"iss", "aud", "sub", "iat", "exp", "sessionHandle", "tId", "rsub",
		"nbf", "jti", "sid", "typ", "alg", "kid", "crit", "client_id", "scope", "scp",
		"stt", "antiCsrfToken", "refreshTokenHash1", "parentRefreshTokenHash1",
	}
}

// Protected reports whether custom claims may not have the name.
func Protected(name string) bool { return slices.Contains(reserved(), name) }

// Payload returns the JSON that the token carries, which is also the `up` of
// a front-token. It fails if Custom is no JSON object or names one of our own
// claims.
func (c Claims) Payload() ([]byte, error) {
	p := payload{
		Issuer: c.Issuer, Audience: c.Audience, Subject: c.Subject,
		IssuedAt: c.IssuedAt.Unix(), Expires: c.Expires.Unix(),
		Handle: c.Handle, Tenant: c.Tenant, RecipeUser: c.RecipeUser,
		Custom: jsontext.Value(c.Custom),
	}
	b, err := jsonv2.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("token: custom claims: %w", err)
	}
	return b, nil
}

// claims returns what the payload says. Times beyond the year 9999 have been
// refused before.
func (p payload) claims() Claims {
	return Claims{
		Issuer: p.Issuer, Audience: p.Audience, Subject: p.Subject,
		RecipeUser: p.RecipeUser, Tenant: p.Tenant, Handle: p.Handle,
		IssuedAt: time.Unix(p.IssuedAt, 0).UTC(), Expires: time.Unix(p.Expires, 0).UTC(),
		Custom: json.RawMessage(p.Custom),
	}
}
