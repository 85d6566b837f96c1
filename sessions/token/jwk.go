package token

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"

	jsonv2 "github.com/go-json-experiment/json"
)

// jwk is a public key as RFC 7517 writes it. It has no private member: a
// document with one is refused, and none is ever written.
type jwk struct {
	Kty    string   `json:"kty"`
	Kid    string   `json:"kid,omitempty"`
	Use    string   `json:"use,omitempty"`
	KeyOps []string `json:"key_ops,omitempty"`
	Alg    string   `json:"alg,omitempty"`
	Crv    string   `json:"crv,omitempty"`
	N      string   `json:"n,omitempty"`
	E      string   `json:"e,omitempty"`
	X      string   `json:"x,omitempty"`
	Y      string   `json:"y,omitempty"`
}

// jwkOf returns the members that make up the key.
func jwkOf(pub crypto.PublicKey) (jwk, error) {
	text := base64.RawURLEncoding.EncodeToString
	switch key := pub.(type) {
	case *rsa.PublicKey:
		return jwk{Kty: "RSA", N: text(key.N.Bytes()), E: text(big.NewInt(int64(key.E)).Bytes())}, nil
	case *ecdsa.PublicKey:
		if key.Curve != elliptic.P256() {
			break
		}
		point, err := key.Bytes()
		if err != nil {
			return jwk{}, fmt.Errorf("token: key is not on its curve: %w", err)
		}
		return jwk{Kty: "EC", Crv: "P-256", X: text(point[1:33]), Y: text(point[33:])}, nil
	case ed25519.PublicKey:
		return jwk{Kty: "OKP", Crv: "Ed25519", X: text(key)}, nil
	}
	return jwk{}, fmt.Errorf("token: no JWK for a %T", pub)
}

// Thumbprint returns the key's name by RFC 7638: base64url of the SHA-256 of
// its required members in lexical order, 43 characters.
func Thumbprint(pub crypto.PublicKey) (string, error) {
	k, err := jwkOf(pub)
	if err != nil {
		return "", err
	}
	// Names of a map are written in the order that the RFC asks for.
	required := map[string]string{"kty": k.Kty, "crv": k.Crv, "n": k.N, "e": k.E, "x": k.X, "y": k.Y}
	maps.DeleteFunc(required, func(_, value string) bool { return value == "" })
	text, err := json.Marshal(required)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:]), nil
}

// PublicJWK returns the key as a JWK for signatures, under the given id.
func PublicJWK(kid string, a Algorithm, pub crypto.PublicKey) (json.RawMessage, error) {
	if !a.fits(pub) {
		return nil, fmt.Errorf("token: key %s does not suit %s", kid, a)
	}
	k, err := jwkOf(pub)
	if err != nil {
		return nil, err
	}
	k.Kid, k.Use, k.Alg = kid, "sig", string(a)
	return json.Marshal(k)
}

// ParseJWK reads a public key for signatures. It refuses a key that has no id
// or no algorithm, is too short, is not on its curve or is meant for another
// use. It refuses unknown members, and above all private ones.
func ParseJWK(text json.RawMessage) (kid string, a Algorithm, pub crypto.PublicKey, err error) {
	var k jwk
	if err := jsonv2.Unmarshal(text, &k, jsonv2.RejectUnknownMembers(true)); err != nil {
		return "", "", nil, errors.New("token: not a JWK of a public key")
	}
	if a, err = ParseAlgorithm(k.Alg); err != nil {
		return "", "", nil, err
	}
	if k.Kid == "" || (k.Use != "" && k.Use != "sig") ||
		(k.KeyOps != nil && !slices.Equal(k.KeyOps, []string{"verify"})) {
		return "", "", nil, errors.New("token: JWK has no id or is not for verifying")
	}
	if pub, err = k.public(); err != nil {
		return "", "", nil, err
	}
	if !a.fits(pub) {
		return "", "", nil, fmt.Errorf("token: JWK does not suit %s", a)
	}
	return k.Kid, a, pub, nil
}

// public returns the key of the members.
func (k jwk) public() (crypto.PublicKey, error) {
	n, errN := decode64(k.N)
	e, errE := decode64(k.E)
	x, errX := decode64(k.X)
	y, errY := decode64(k.Y)
	if err := errors.Join(errN, errE, errX, errY); err != nil {
		return nil, errors.New("token: JWK member is not base64url")
	}
	switch {
	case k.Kty == "RSA" && minimal(n) && minimal(e) && len(e) <= 4:
		return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}, nil
	case k.Kty == "EC" && k.Crv == "P-256" && len(x) == 32 && len(y) == 32:
		point := append(append([]byte{4}, x...), y...)
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
		if err != nil {
			return nil, errors.New("token: JWK is not on its curve")
		}
		return key, nil
	case k.Kty == "OKP" && k.Crv == "Ed25519" && len(x) == ed25519.PublicKeySize:
		return ed25519.PublicKey(x), nil
	}
	return nil, errors.New("token: JWK of an unknown kind")
}

// minimal reports whether a number is written in the fewest octets, as RFC
// 7518, section 2 asks. So a key has one spelling and one thumbprint.
func minimal(number []byte) bool { return len(number) > 0 && number[0] != 0 }
