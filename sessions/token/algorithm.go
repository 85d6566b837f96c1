package token

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"

	"github.com/golang-jwt/jwt/v5"
)

// Algorithm is the JOSE name of a signature algorithm (RFC 7518, section 3.1;
// RFC 8037). A key has one algorithm and is used with no other.
type Algorithm string

// The algorithms there are. API Gateway's own JWT authorizer accepts RS256
// only.
const (
	RS256 Algorithm = "RS256"
	ES256 Algorithm = "ES256"
	EdDSA Algorithm = "EdDSA"
)

const (
	// rsaBits is the size of RSA keys: RFC 7518, section 3.3 wants at least this.
	rsaBits = 2048
	// rsaExponent is the least public exponent that FIPS 186-5 allows.
	rsaExponent = 65537
)

// ParseAlgorithm returns the algorithm of that exact name.
func ParseAlgorithm(s string) (Algorithm, error) {
	switch a := Algorithm(s); a {
	case RS256, ES256, EdDSA:
		return a, nil
	}
	return "", fmt.Errorf("token: algorithm %q is none of RS256, ES256, EdDSA", s)
}

// method returns golang-jwt's implementation, or nil for an unknown name.
func (a Algorithm) method() jwt.SigningMethod {
	switch a {
	case RS256:
		return jwt.SigningMethodRS256
	case ES256:
		return jwt.SigningMethodES256
	case EdDSA:
		return jwt.SigningMethodEdDSA
	}
	return nil
}

// signatureSize is the length of a signature in bytes, for keys that Generate
// makes.
func (a Algorithm) signatureSize() int {
	if a == RS256 {
		return rsaBits / 8
	}
	return 64
}

// TokenSize returns the length of a token whose payload has that many bytes.
// The key is one that Generate makes, with its Thumbprint as its id.
func (a Algorithm) TokenSize(payload int) int {
	const thumbprint = "0123456789012345678901234567890123456789012"
	encoded := base64.RawURLEncoding.EncodedLen
	return len(headerOf(a, thumbprint)) + 1 + encoded(payload) + 1 + encoded(a.signatureSize())
}

// Generate makes a key pair for the algorithm.
func Generate(a Algorithm) (crypto.Signer, error) {
	switch a {
	case RS256:
		return rsa.GenerateKey(rand.Reader, rsaBits)
	case ES256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case EdDSA:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}
	return nil, fmt.Errorf("token: no keys for algorithm %q", string(a))
}

// fits reports whether a public key may be used with the algorithm.
func (a Algorithm) fits(pub crypto.PublicKey) bool {
	switch key := pub.(type) {
	case *rsa.PublicKey:
		return a == RS256 && key.N.BitLen() >= rsaBits && key.E >= rsaExponent && key.E%2 == 1
	case *ecdsa.PublicKey:
		return a == ES256 && key.Curve == elliptic.P256()
	case ed25519.PublicKey:
		return a == EdDSA && len(key) == ed25519.PublicKeySize
	}
	return false
}
