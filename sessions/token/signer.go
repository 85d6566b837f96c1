package token

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"log/slog"
)

// typ is the kind of token of RFC 9068, section 2.1. So no other kind of JWT
// passes as an access token, and no access token as another kind.
const typ = "at+jwt"

// Signer makes access tokens with one key. It is safe for concurrent use.
// When it is printed, logged or encoded, it shows its id and nothing else.
type Signer struct {
	algorithm Algorithm
	kid       string
	key       crypto.Signer
	header    string // the first segment of every token
}

// NewSigner returns the signer of a key held in memory: a *rsa.PrivateKey of at
// least 2048 bits, a *ecdsa.PrivateKey on P-256 or an ed25519.PrivateKey, as
// the algorithm requires. kid consists of [A-Za-z0-9_-].
func NewSigner(a Algorithm, kid string, key crypto.Signer) (*Signer, error) {
	if !plainID(kid) {
		return nil, fmt.Errorf("token: a signing key's id is of 1 to %d characters of base64url", maxID)
	}
	switch key.(type) {
	case *rsa.PrivateKey, *ecdsa.PrivateKey, ed25519.PrivateKey:
	default:
		return nil, fmt.Errorf("token: key %s is a %T, which cannot sign here", kid, key)
	}
	if !a.fits(key.Public()) {
		return nil, fmt.Errorf("token: key %s does not suit %s", kid, a)
	}
	return &Signer{algorithm: a, kid: kid, key: key, header: headerOf(a, kid)}, nil
}

// Algorithm returns the algorithm of the key.
func (s *Signer) Algorithm() Algorithm { return s.algorithm }

// KeyID returns the id of the key.
func (s *Signer) KeyID() string { return s.kid }

// String names the key without showing it.
func (s Signer) String() string { return "signing key " + s.kid }

// Format names the key without showing it, under every verb.
func (s Signer) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// MarshalText names the key without showing it.
func (s Signer) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue names the key without showing it.
func (s Signer) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Sign returns the token of the claims. Its payload is c.Payload, byte for
// byte: what was measured or put into a front-token is what is signed. Sign
// refuses whatever a Verifier would refuse for its form: every one of our
// claims must be there, and the token must not exceed 4,096 bytes.
func (s *Signer) Sign(c Claims) (string, error) {
	if err := c.sound(); err != nil {
		return "", fmt.Errorf("token: not signed: %w", err)
	}
	body, err := c.Payload()
	if err != nil {
		return "", err
	}
	signed := s.header + "." + base64.RawURLEncoding.EncodeToString(body)
	signature, err := s.algorithm.method().Sign(signed, s.key)
	if err != nil {
		return "", fmt.Errorf("token: signing with key %s: %w", s.kid, err)
	}
	raw := signed + "." + base64.RawURLEncoding.EncodeToString(signature)
	if len(raw) > maxLength {
		return "", fmt.Errorf("token: not signed: %d bytes, at most %d", len(raw), maxLength)
	}
	return raw, nil
}

// headerOf returns the header that Sign writes, encoded. The same key always
// gives the same text, so it is quick to recognise.
func headerOf(a Algorithm, kid string) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"alg":"%s","kid":"%s","typ":"%s"}`, a, kid, typ))
}

// maxID is the longest id of a key.
const maxID = 128

// plainID reports whether an id can stand in a header as it is.
func plainID(id string) bool {
	for i := range len(id) {
		if !base64url(id[i]) {
			return false
		}
	}
	return id != "" && len(id) <= maxID
}
