package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"io"
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
			l := start(t, "-signing-key", keyFile(t, "PRIVATE KEY", pkcs8(t, key)))
			access, _ := l.signUp()
			if kid, alg := kidOf(t, access); kid != want || alg != string(algorithm) {
				t.Errorf("token signed by %q %s, want %q %s", kid, alg, want, algorithm)
			}
			l.want(200, "GET", "/notes", access, "")
			if jwks := l.do("GET", "/auth/jwt/jwks.json", "", "").Body.String(); !strings.Contains(jwks, want) {
				t.Errorf("the JWK Set %s does not hold the key %q", jwks, want)
			}
		})
	}
}

func TestSigningKeyFaults(t *testing.T) {
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	must(t, err)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	must(t, err)
	text := filepath.Join(t.TempDir(), "text")
	must(t, os.WriteFile(text, []byte("no key"), 0o600))
	for name, tt := range map[string]struct{ file, want string }{
		"no file":       {filepath.Join(t.TempDir(), "none"), "no such file"},
		"no PEM":        {text, "not one PEM block"},
		"a public key":  {keyFile(t, "PUBLIC KEY", []byte("x")), "not one PEM block PRIVATE KEY"},
		"no PKCS#8":     {keyFile(t, "PRIVATE KEY", []byte("x")), "cannot be read as PKCS#8"},
		"RSA of 1024":   {keyFile(t, "PRIVATE KEY", pkcs8(t, small)), "not RSA"},
		"another curve": {keyFile(t, "PRIVATE KEY", pkcs8(t, p384)), "not RSA"},
	} {
		t.Run(name, func(t *testing.T) {
			args := []string{"-template", "../../template.yaml", "-addr", "127.0.0.1:0", "-signing-key", tt.file}
			err := run(context.Background(), args, io.Discard)
			if err == nil || !strings.HasPrefix(err.Error(), "-signing-key: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("run = %v, want %q", err, tt.want)
			}
		})
	}
}
