package token

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	// maxName is the longest text claim of ours, in bytes.
	maxName = 512
	// maxTime is the last second of the year 9999.
	maxTime = 253402300799
)

// payload is the JSON of an access token: our claims by name, together with the
// custom claims. The names are those of SuperTokens' tokens. The first five are
// also in RFC 9068.
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

	// Our tokens have neither. If a token has nbf, it is obeyed. A token with
	// stt is refused: it marks other kinds of SuperTokens' tokens.
	NotBefore jsontext.Value `json:"nbf,omitzero"`
	Kind      jsontext.Value `json:"stt,omitzero"`
}

// reserved are the names that custom claims must not have: our own, those with
// a meaning in RFC 7519 or for API Gateway, and those that SuperTokens' clients
// and servers know.
func reserved() []string {
	return []string{
		"iss", "aud", "sub", "iat", "exp", "sessionHandle", "tId", "rsub",
		"nbf", "jti", "sid", "typ", "alg", "kid", "crit", "client_id", "scope", "scp",
		"stt", "antiCsrfToken", "refreshTokenHash1", "parentRefreshTokenHash1",
	}
}

// Protected reports whether the name is reserved: custom claims must not have
// it.
func Protected(name string) bool { return slices.Contains(reserved(), name) }

// Payload returns the JSON that the token carries, which is also the `up` of a
// front-token. It fails if Custom is not a JSON object, or has a protected or
// repeated name.
func (c Claims) Payload() ([]byte, error) {
	if err := customOnly(c.Custom); err != nil {
		return nil, err
	}
	b, err := jsonv2.Marshal(payload{
		Issuer: c.Issuer, Audience: c.Audience, Subject: c.Subject,
		IssuedAt: c.IssuedAt.Unix(), Expires: c.Expires.Unix(),
		Handle: c.Handle, Tenant: c.Tenant, RecipeUser: c.RecipeUser,
		Custom: jsontext.Value(c.Custom),
	})
	if err != nil {
		return nil, errors.New("token: claims are not valid UTF-8")
	}
	return b, nil
}

// customOnly returns an error unless the custom claims are an object without
// protected names.
func customOnly(custom json.RawMessage) error {
	if custom == nil {
		return nil
	}
	var fields map[string]jsontext.Value
	if jsontext.Value(custom).Kind() != '{' || jsonv2.Unmarshal(custom, &fields) != nil {
		return errors.New("token: custom claims are not one JSON object")
	}
	for name := range fields {
		if Protected(name) {
			return fmt.Errorf("token: custom claim %q is protected", name)
		}
	}
	return nil
}

// sound reports what is wrong with the claims themselves, regardless of issuer
// and time.
func (c Claims) sound() error {
	for _, name := range [...]string{c.Issuer, c.Audience, c.Subject, c.Handle, c.Tenant, c.RecipeUser} {
		if name == "" || len(name) > maxName || strings.ContainsFunc(name, unicode.IsControl) {
			return errors.New("a claim is missing, too long or not plain text")
		}
	}
	iat, exp := c.IssuedAt.Unix(), c.Expires.Unix()
	if iat <= 0 || exp > maxTime || iat > exp {
		return errors.New("a time is missing or out of range")
	}
	return nil
}

// decodeClaims reads a payload once, and strictly. It refuses repeated names,
// names in another letter case, invalid UTF-8 and anything after the object.
// Every one of our claims must be there. The token is good from the returned
// time on.
func decodeClaims(segment string) (c Claims, from time.Time, err error) {
	text, err := decode64(segment)
	if err != nil {
		return Claims{}, time.Time{}, fmt.Errorf("%w: spelling of the claims", ErrInvalid)
	}
	var p payload
	if err := jsonv2.Unmarshal(text, &p); err != nil {
		return Claims{}, time.Time{}, fmt.Errorf("%w: claims", ErrInvalid)
	}
	c = p.claims()
	if err := c.sound(); err != nil {
		return Claims{}, time.Time{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if from, err = p.from(); err != nil {
		return Claims{}, time.Time{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return c, from, nil
}

// from returns the later of iat and, if it is there, nbf.
func (p payload) from() (time.Time, error) {
	if p.Kind != nil {
		return time.Time{}, errors.New("another kind of token")
	}
	if p.NotBefore == nil {
		return time.Unix(p.IssuedAt, 0), nil
	}
	nbf, err := strconv.ParseInt(string(p.NotBefore), 10, 64)
	if err != nil || nbf <= 0 || nbf > maxTime {
		return time.Time{}, errors.New("nbf is not a time")
	}
	return time.Unix(max(nbf, p.IssuedAt), 0), nil
}

// claims returns what the payload says.
func (p payload) claims() Claims {
	return Claims{
		Issuer: p.Issuer, Audience: p.Audience, Subject: p.Subject,
		RecipeUser: p.RecipeUser, Tenant: p.Tenant, Handle: p.Handle,
		IssuedAt: time.Unix(p.IssuedAt, 0).UTC(), Expires: time.Unix(p.Expires, 0).UTC(),
		Custom: json.RawMessage(p.Custom),
	}
}
