package token_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

func algorithmNames() []token.Algorithm {
	return []token.Algorithm{token.RS256, token.ES256, token.EdDSA}
}

// TestJWKRoundTrip: what PublicJWK writes ParseJWK reads, as does another
// library, and both call the key by the same thumbprint.
func TestJWKRoundTrip(t *testing.T) {
	for _, a := range algorithmNames() {
		key, err := token.Generate(a)
		must(t, err)
		record := recordOf(t, a, key, 1, time.Now())
		kid, alg, public, err := token.ParseJWK(record.Public)
		must(t, err)
		if same := public.(interface{ Equal(crypto.PublicKey) bool }).Equal(key.Public()); !same || kid != record.ID || alg != a {
			t.Errorf("ParseJWK(%s) = %s, %s, same key %t", a, kid, alg, same)
		}
		var other jose.JSONWebKey
		must(t, other.UnmarshalJSON(record.Public))
		thumb, err := other.Thumbprint(crypto.SHA256)
		must(t, err)
		if other.KeyID != kid || other.Algorithm != string(a) || other.Use != "sig" || !other.IsPublic() {
			t.Errorf("go-jose reads %s as %s %s %s", a, other.KeyID, other.Algorithm, other.Use)
		}
		if got := base64.RawURLEncoding.EncodeToString(thumb); got != record.ID {
			t.Errorf("Thumbprint(%s) = %s, want %s as go-jose says", a, record.ID, got)
		}
	}
}

// unsound are good JWKs with one change each.
func unsound(t *testing.T) map[string]string {
	t.Helper()
	rsaKey := newKey(t, token.RS256, 1, time.Now())
	ecKey := newKey(t, token.ES256, 1, time.Now())
	edKey := newKey(t, token.EdDSA, 1, time.Now())
	with := func(k token.SigningKey, old, new string) string {
		return strings.Replace(string(k.Public), old, new, 1)
	}
	return map[string]string{
		"short RSA":               rsaJWK(t, 1024, 65537),
		"exponent 3":              rsaJWK(t, 2048, 3),
		"exponent 1":              rsaJWK(t, 2048, 1),
		"even exponent":           rsaJWK(t, 2048, 65538),
		"long exponent":           with(rsaKey, `"e":"AQAB"`, `"e":"AQAAAAE"`),
		"leading zero":            with(rsaKey, `"e":"AQAB"`, `"e":"AAEAAQ"`),
		"leading zero, modulus":   with(rsaKey, `"n":"`, `"n":"AAAA`),
		"no modulus":              with(rsaKey, `"n":`, `"n2":`),
		"private RSA":             and(rsaKey, `"d":"AQAB"`),
		"private EC":              and(ecKey, `"d":"AQAB"`),
		"private OKP":             and(edKey, `"d":"AQAB"`),
		"symmetric":               `{"kty":"oct","kid":"a","alg":"HS256","k":"AQAB"}`,
		"for encryption":          with(rsaKey, `"sig"`, `"enc"`),
		"operation sign":          and(ecKey, `"key_ops":["sign"]`),
		"operations verify, sign": and(ecKey, `"key_ops":["verify","sign"]`),
		"no operations":           and(ecKey, `"key_ops":[]`),
		"no alg":                  with(ecKey, `"alg":"ES256",`, ""),
		"alg of another key":      with(ecKey, "ES256", "RS256"),
		"RSA with the alg of EC":  with(rsaKey, "RS256", "ES256"),
		"OKP with the alg of EC":  with(edKey, "EdDSA", "ES256"),
		"RSA of another kty":      with(rsaKey, `"RSA"`, `"EC"`),
		"EC of another kty":       with(ecKey, `"EC"`, `"OKP"`),
		"OKP of another kty":      with(edKey, `"OKP"`, `"oct"`),
		"unknown alg":             with(ecKey, "ES256", "ES384"),
		"alg none":                with(ecKey, "ES256", "none"),
		"no kid":                  with(ecKey, `"kid":"`+ecKey.ID+`",`, ""),
		"empty kid":               with(ecKey, ecKey.ID, ""),
		"kid twice":               and(ecKey, `"kid":"a"`),
		"another curve":           with(ecKey, "P-256", "P-384"),
		"curve of an OKP":         with(edKey, "Ed25519", "X25519"),
		"short OKP":               with(edKey, `"x":"`, `"x":"AAAA`),
		"off the curve":           offCurve(t, ecKey),
		"padding":                 with(rsaKey, `"e":"AQAB"`, `"e":"AQAB="`),
		"certificate chain":       and(ecKey, `"x5c":["AAAA"]`),
		"not JSON":                "{", "null": "null", "array": "[]", "number": "1", "empty": "",
	}
}

// and adds a member to the JWK of a key.
func and(k token.SigningKey, member string) string {
	return strings.Replace(string(k.Public), "{", "{"+member+",", 1)
}

// keysAreSound refuses every key that is not, alone and in a set.
func keysAreSound(t *testing.T) {
	for name, jwk := range unsound(t) {
		if _, _, _, err := token.ParseJWK(json.RawMessage(jwk)); err == nil {
			t.Errorf("ParseJWK(%s) = nil, want an error", name)
		}
	}
	ecKey := newKey(t, token.ES256, 1, time.Now())
	if _, _, _, err := token.ParseJWK(json.RawMessage(and(ecKey, `"key_ops":["verify"]`))); err != nil {
		t.Errorf("ParseJWK(operation verify) = %v, want nil", err)
	}
	if _, err := token.ParseJWKS([]byte(`{"keys":[` + rsaJWK(t, 2048, 65537) + `]}`)); err != nil {
		t.Errorf("ParseJWKS(one RSA key) = %v, want nil", err)
	}
	for name, set := range map[string]string{
		"same key twice": fmt.Sprintf(`{"keys":[%s,%s]}`, ecKey.Public, ecKey.Public),
		"same id twice":  fmt.Sprintf(`{"keys":[%s,%s]}`, rsaJWK(t, 2048, 65537), rsaJWK(t, 2048, 65537)),
		"one bad":        fmt.Sprintf(`{"keys":[%s,%s]}`, ecKey.Public, rsaJWK(t, 1024, 65537)),
		"none":           `{"keys":[]}`, "no member": `{}`, "a bare key": string(ecKey.Public), "more behind": `{"keys":[` + string(ecKey.Public) + `]}x`,
	} {
		if _, err := token.ParseJWKS([]byte(set)); err == nil {
			t.Errorf("ParseJWKS(%s) = nil, want an error", name)
		}
	}
	weakSigners(t)
}

func rsaJWK(t *testing.T, bits, exponent int) string {
	t.Helper()
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), uint(bits-1)))
	must(t, err)
	n.SetBit(n.SetBit(n, 0, 1), bits-1, 1)
	text := base64.RawURLEncoding.EncodeToString
	return fmt.Sprintf(`{"kty":"RSA","kid":"a","alg":"RS256","n":%q,"e":%q}`, text(n.Bytes()), text(big.NewInt(int64(exponent)).Bytes()))
}

func offCurve(t *testing.T, k token.SigningKey) string {
	t.Helper()
	var members map[string]string
	must(t, json.Unmarshal(k.Public, &members))
	members["y"] = members["x"]
	text, err := json.Marshal(members)
	must(t, err)
	return string(text)
}

// weakSigners: a key that may not verify may not sign either.
func weakSigners(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	must(t, err)
	p256, err := token.Generate(token.ES256)
	must(t, err)
	for name, make := range map[string]func() (*token.Signer, error){
		"P-384":             func() (*token.Signer, error) { return token.NewSigner(token.ES256, "a", p384) },
		"another algorithm": func() (*token.Signer, error) { return token.NewSigner(token.RS256, "a", p256) },
		"no algorithm":      func() (*token.Signer, error) { return token.NewSigner("", "a", p256) },
		"none":              func() (*token.Signer, error) { return token.NewSigner("none", "a", p256) },
		"no id":             func() (*token.Signer, error) { return token.NewSigner(token.ES256, "", p256) },
		"a long id":         func() (*token.Signer, error) { return token.NewSigner(token.ES256, strings.Repeat("a", 129), p256) },
		"id with a quote":   func() (*token.Signer, error) { return token.NewSigner(token.ES256, `a"`, p256) },
		"no key":            func() (*token.Signer, error) { return token.NewSigner(token.ES256, "a", nil) },
		"not PKCS#8":        func() (*token.Signer, error) { return token.ParseSigner(token.ES256, "a", []byte("x")) },
	} {
		if s, err := make(); err == nil || s != nil {
			t.Errorf("NewSigner(%s) = %v, %v, want an error", name, s, err)
		}
	}
	if _, err := token.PublicJWK("a", token.RS256, p256.Public()); err == nil {
		t.Error("PublicJWK(P-256 key as RS256) = nil, want an error")
	}
	if _, err := token.Thumbprint(&p384.PublicKey); err == nil {
		t.Error("Thumbprint(P-384) = nil, want an error")
	}
}

// TestJWKS: the document holds the public halves of the usable keys, which
// read back as keys that only verify, for ever.
func TestJWKS(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var records token.Records
	for i, a := range []token.Algorithm{token.ES256, token.EdDSA, token.RS256, token.ES256} {
		k := newKey(t, a, i+1, now.Add(time.Duration(i-2)*30*24*time.Hour))
		records.Signing = append(records.Signing, k)
	}
	records.Signing[2].Revoked = true
	set, err := token.NewKeySet(records, now, lifetime)
	must(t, err)
	document := set.JWKS()
	for _, secret := range []string{`"d"`, `"p"`, `"k"`, "ealed"} {
		if bytes.Contains(document, []byte(secret)) {
			t.Errorf("JWKS holds %s: %s", secret, document)
		}
	}
	keys, err := token.ParseJWKS(document)
	must(t, err)
	if len(keys) != 2 || keys[0].ID != records.Signing[1].ID || keys[1].ID != records.Signing[3].ID {
		t.Fatalf("JWKS is %s, want keys 2 and 4: 1 is retired and 3 revoked", document)
	}
	if got := set.Algorithms(); !slices.Equal(got, []token.Algorithm{token.EdDSA, token.ES256}) {
		t.Errorf("Algorithms = %v, want EdDSA and ES256", got)
	}
	if got := token.Usable(keys, now.AddDate(100, 0, 0), lifetime); len(got) != 2 {
		t.Errorf("Usable in a hundred years = %d keys, want 2", len(got))
	}
	empty, err := token.NewKeySet(token.Records{}, now, lifetime)
	must(t, err)
	if got := string(empty.JWKS()); got != `{"keys":[]}` {
		t.Errorf("JWKS of nothing = %s", got)
	}
}

// TestKeySetIsWholeOrNotThere: one record that is not sound spoils the set.
func TestKeySetIsWholeOrNotThere(t *testing.T) {
	now := time.Now()
	good := newKey(t, token.ES256, 1, now)
	for name, change := range map[string]func(*token.SigningKey){
		"another id":        func(k *token.SigningKey) { k.ID = "a" },
		"another algorithm": func(k *token.SigningKey) { k.Algorithm = token.RS256 },
		"no public half":    func(k *token.SigningKey) { k.Public = nil },
		"garbage":           func(k *token.SigningKey) { k.Public = json.RawMessage("{}") },
		"the same key":      func(k *token.SigningKey) { *k = good; k.Number = 2 },
	} {
		bad := newKey(t, token.ES256, 2, now)
		change(&bad)
		if _, err := token.NewKeySet(token.Records{Signing: []token.SigningKey{good, bad}}, now, lifetime); err == nil {
			t.Errorf("NewKeySet(%s) = nil, want an error", name)
		}
	}
}
