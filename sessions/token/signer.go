package token

import (
	"crypto"
	"fmt"

	"github.com/golang-jwt/jwt/v5"
)

// typ is the kind of token that RFC 9068, section 2.1 names: no other kind of
// JWT passes as an access token, nor the reverse.
const typ = "at+jwt"

// Signer makes access tokens with one key. It may be used concurrently.
type Signer struct {
	algorithm Algorithm
	kid       string
	key       crypto.Signer
}

// NewSigner returns the signer of a key, which must suit the algorithm.
func NewSigner(a Algorithm, kid string, key crypto.Signer) (*Signer, error) {
	if kid == "" {
		return nil, fmt.Errorf("token: a signing key without an id")
	}
	if key == nil || !a.fits(key.Public()) {
		return nil, fmt.Errorf("token: key %s does not suit %s", kid, a)
	}
	return &Signer{algorithm: a, kid: kid, key: key}, nil
}

// Algorithm returns the algorithm of the key.
func (s *Signer) Algorithm() Algorithm { return s.algorithm }

// KeyID returns the id of the key.
func (s *Signer) KeyID() string { return s.kid }

// Sign returns the token of the claims.
func (s *Signer) Sign(c Claims) (string, error) {
	body, err := c.Payload()
	if err != nil {
		return "", err
	}
	t := jwt.NewWithClaims(s.algorithm.method(), encoded(body))
	t.Header = map[string]any{"alg": string(s.algorithm), "kid": s.kid, "typ": typ}
	raw, err := t.SignedString(s.key)
	if err != nil {
		return "", fmt.Errorf("token: signing with key %s: %w", s.kid, err)
	}
	return raw, nil
}

// headerOf returns the header that Sign writes.
func headerOf(a Algorithm, kid string) string {
	return fmt.Sprintf(`{"alg":"%s","kid":"%s","typ":"%s"}`, a, kid, typ)
}

// encoded are claims that are JSON already. Nothing is read from them: the
// library only signs.
type encoded []byte

// MarshalJSON returns the claims as they are.
func (e encoded) MarshalJSON() ([]byte, error) { return e, nil }

// GetExpirationTime is not answered.
func (encoded) GetExpirationTime() (*jwt.NumericDate, error) { return nil, nil }

// GetIssuedAt is not answered.
func (encoded) GetIssuedAt() (*jwt.NumericDate, error) { return nil, nil }

// GetNotBefore is not answered.
func (encoded) GetNotBefore() (*jwt.NumericDate, error) { return nil, nil }

// GetIssuer is not answered.
func (encoded) GetIssuer() (string, error) { return "", nil }

// GetSubject is not answered.
func (encoded) GetSubject() (string, error) { return "", nil }

// GetAudience is not answered.
func (encoded) GetAudience() (jwt.ClaimStrings, error) { return nil, nil }
