package token

import (
	"encoding/json"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/c2sp/wycheproof"
)

// vectors is the part of a file of Wycheproof that is read here.
type vectors struct {
	TestGroups []struct {
		Public, Private json.RawMessage
		Tests           []struct {
			TcID                 int
			Comment, JWS, Result string
		}
	}
}

func readVectors(t *testing.T, name string) vectors {
	t.Helper()
	text, err := fs.ReadFile(wycheproof.TestVectors, name)
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// accepts does with a vector what Verify does up to the signature: the vectors
// have neither our typ nor claims. Keys are public ones, the algorithm is the
// key's.
func accepts(keys []json.RawMessage, jws string) bool {
	p, err := split(jws)
	if err != nil {
		return false
	}
	text, err := decode64(p.header)
	if err != nil {
		return false
	}
	if _, err := decode64(p.payload); err != nil {
		return false
	}
	var h struct{ Alg, Kid string }
	if json.Unmarshal(text, &h) != nil {
		return false
	}
	var records []SigningKey
	for i, k := range keys {
		id, a, _, err := ParseJWK(k)
		if err != nil {
			return false
		}
		records = append(records, SigningKey{Number: i + 1, ID: id, Algorithm: a, Public: k})
	}
	set, err := NewKeySet(Records{Signing: records}, time.Time{}, 0)
	if err != nil {
		return false
	}
	key := set.byID[h.Kid]
	return key != nil && string(key.algorithm) == h.Alg && key.signed(p)
}

// TestWycheproofSignatures runs the JWS vectors. Other algorithms than ours
// are refused as a matter of course, whatever their label.
func TestWycheproofSignatures(t *testing.T) {
	accepted, ours := 0, 0
	for _, g := range readVectors(t, "json_web_signature_test.json").TestGroups {
		var key struct{ Alg string }
		if g.Public != nil {
			if err := json.Unmarshal(g.Public, &key); err != nil {
				t.Fatal(err)
			}
		}
		_, err := ParseAlgorithm(key.Alg)
		known := err == nil
		for _, v := range g.Tests {
			want := v.Result == "valid" && known
			got := g.Public != nil && accepts([]json.RawMessage{g.Public}, v.JWS)
			if got != want {
				t.Errorf("vector %d (%s, %s) accepted = %t, want %t", v.TcID, v.Comment, key.Alg, got, want)
			}
			if known {
				ours++
			}
			if got {
				accepted++
			}
		}
	}
	if ours < 260 || accepted < 10 {
		t.Errorf("%d vectors were of our algorithms and %d accepted, want at least 260 and 10", ours, accepted)
	}
}

// TestWycheproofKeys runs the JWK vectors, the public key sets.
func TestWycheproofKeys(t *testing.T) {
	exceptions := map[int]string{
		7: "a key of the ROCA family is told only by its fingerprint; keys are generated here, never taken from cards",
	}
	accepted := 0
	for _, g := range readVectors(t, "json_web_key_test.json").TestGroups {
		var set struct{ Keys []json.RawMessage }
		if g.Public != nil {
			if err := json.Unmarshal(g.Public, &set); err != nil {
				t.Fatal(err)
			}
		}
		for _, v := range g.Tests {
			// Where there is no public set the keys are symmetric: never ours.
			want := v.Result == "valid" && g.Public != nil
			if _, excepted := exceptions[v.TcID]; excepted {
				want = !want
			}
			got := accepts(set.Keys, v.JWS)
			if got != want {
				t.Errorf("vector %d (%s) accepted = %t, want %t", v.TcID, v.Comment, got, want)
			}
			if got {
				accepted++
			}
		}
	}
	if accepted == 0 {
		t.Error("no vector was accepted")
	}
}

// TestWycheproofRefusesEncryption: no JWE has the form of a token.
func TestWycheproofRefusesEncryption(t *testing.T) {
	text, err := fs.ReadFile(wycheproof.TestVectors, "json_web_encryption_test.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		TestGroups []struct{ Tests []struct{ JWE string } }
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, g := range v.TestGroups {
		for _, test := range g.Tests {
			n++
			if LooksLikeOurs(test.JWE) || LooksLikeOurs(strings.TrimSuffix(test.JWE, ".")) {
				t.Errorf("LooksLikeOurs(%s) = true, want false", test.JWE)
			}
		}
	}
	if n < 100 {
		t.Errorf("%d vectors, want at least 100", n)
	}
}
