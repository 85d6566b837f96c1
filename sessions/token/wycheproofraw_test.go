package token

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"testing"
)

// TestWycheproofRawSignatures runs the vectors of the signatures under the
// tokens: any message, any signature, one key. ES256 is r and s side by side
// (RFC 7518, section 3.4), and the other form, DER, is always refused.
func TestWycheproofRawSignatures(t *testing.T) {
	for _, file := range []struct {
		name      string
		algorithm Algorithm
		refused   bool // whatever the label
		least     int  // vectors that can be run
	}{
		{"ecdsa_secp256r1_sha256_p1363_test.json", ES256, false, 250},
		{"ecdsa_secp256r1_sha256_test.json", ES256, true, 450},
		{"ed25519_test.json", EdDSA, false, 140},
		{"rsa_signature_2048_sha256_test.json", RS256, false, 250},
		{"rsa_signature_3072_sha256_test.json", RS256, false, 250},
		{"rsa_signature_4096_sha256_test.json", RS256, false, 250},
	} {
		t.Run(file.name, func(t *testing.T) {
			n := 0
			for _, g := range readVectors[rawGroup](t, file.name) {
				public, err := g.key(t, file.algorithm)
				key := &verifyKey{algorithm: file.algorithm, public: public}
				for _, v := range g.Tests {
					n++
					// An RSA signature without the NULL of its parameters is
					// acceptable to some, and not to Go.
					want := v.Result == "valid" && !file.refused && err == nil
					p := parts{signed: string(bytesOf(t, v.Msg)), signature: base64.RawURLEncoding.EncodeToString(bytesOf(t, v.Sig))}
					if got := err == nil && key.signed(p); got != want {
						t.Errorf("vector %d (%s) accepted = %t, want %t", v.TcID, v.Comment, got, want)
					}
				}
			}
			if n < file.least {
				t.Errorf("%d vectors, want at least %d", n, file.least)
			}
		})
	}
}

type rawGroup struct {
	PublicKeyDER string
	Tests        []struct {
		TcID                      int
		Comment, Msg, Sig, Result string
	}
}

// key reads the group's key on the way that every key of ours goes. The error
// is that of an RSA key whose exponent is 3, which is not taken.
func (g rawGroup) key(t *testing.T, a Algorithm) (crypto.PublicKey, error) {
	t.Helper()
	public, err := x509.ParsePKIXPublicKey(bytesOf(t, g.PublicKeyDER))
	if err != nil {
		t.Fatal(err)
	}
	jwk, err := PublicJWK("k", a, public)
	if err != nil {
		if key, ok := public.(*rsa.PublicKey); !ok || key.E != 3 {
			t.Error(err)
		}
		return nil, err
	}
	_, _, parsed, err := ParseJWK(jwk)
	return parsed, err
}

func bytesOf(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
