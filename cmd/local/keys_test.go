package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// keyFile writes a PEM block and returns the file's name.
func keyFile(t *testing.T, kind string, der []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "key.pem")
	must(t, os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
	return name
}

func pkcs8(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	return der
}

func generate(t *testing.T) map[token.Algorithm]crypto.Signer {
	t.Helper()
	rs, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	es, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	return map[token.Algorithm]crypto.Signer{token.RS256: rs, token.ES256: es, token.EdDSA: ed}
}

// The key of the command line signs, under its thumbprint, and is published.
func TestSigningKey(t *testing.T) {
	for algorithm, key := range generate(t) {
		t.Run(string(algorithm), func(t *testing.T) {
			want, err := token.Thumbprint(key.Public())
			must(t, err)
			c, _ := start(t, "-signing-key", keyFile(t, "PRIVATE KEY", pkcs8(t, key))).signUp()
			text, _, _ := strings.Cut(c.Bearer, ".")
			header, err := base64.RawURLEncoding.DecodeString(text)
			if err != nil || !strings.Contains(string(header), `"`+want+`"`) ||
				!strings.Contains(string(header), string(algorithm)) {
				t.Errorf("the token's header is %s, %v, want %q and %s", header, err, want, algorithm)
			}
			c.Get("/notes").Want(200)
			c.Get("/auth/jwt/jwks.json").Want(200).Saying(want)
		})
	}
}

// keyFaults returns files that are no signing key, and what is said of them.
func keyFaults(t *testing.T) map[string]string {
	t.Helper()
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	must(t, err)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	must(t, err)
	return map[string]string{
		filepath.Join(t.TempDir(), "none"):         "-signing-key: open",
		"main.go":                                  "-signing-key: the file is not one PEM block",
		keyFile(t, "PUBLIC KEY", []byte("x")):      "not one PEM block PRIVATE KEY",
		keyFile(t, "PRIVATE KEY", []byte("x")):     "cannot be read as PKCS#8",
		keyFile(t, "PRIVATE KEY", pkcs8(t, small)): "-signing-key: the key is not RSA",
		keyFile(t, "PRIVATE KEY", pkcs8(t, p384)):  "-signing-key: the key is not RSA",
	}
}
