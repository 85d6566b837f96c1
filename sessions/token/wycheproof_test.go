package token

import (
	"encoding/json"
	"io/fs"
	"testing"
	"time"

	"github.com/c2sp/wycheproof"
)

// jwsGroup is the part of a group of Wycheproof's JWS and JWK vectors that is
// read here.
type jwsGroup struct {
	Public, Private json.RawMessage
	Tests           []struct {
		TcID                 int
		Comment, JWS, Result string
	}
}

// readVectors returns the groups of a file of Wycheproof.
func readVectors[G any](t *testing.T, name string) []G {
	t.Helper()
	text, err := fs.ReadFile(wycheproof.TestVectors, name)
	must(t, err)
	var v struct{ TestGroups []G }
	must(t, json.Unmarshal(text, &v))
	return v.TestGroups
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

// exceptions are the vectors labelled valid that are refused all the same, by
// the algorithm of their key. No vector labelled invalid is accepted.
func exceptions() map[string]string {
	const symmetric = "a party that checks an HMAC could sign as well: keys are asymmetric"
	const other = "one of the other algorithms of RSA: a key has exactly one, and it is RS256"
	return map[string]string{
		// 372 and 373 are labelled valid with a "?" inside of the base64.
		"HS256": symmetric,
		// 346 and 350 have PS384 in the header, besides.
		"PS256": other, "PS384": other, "PS512": other, "RS384": other, "RS512": other,
		"ES521": "no algorithm has this name; ES512, which is meant in 347 and 351, is not offered",
	}
}

// TestWycheproofSignatures runs the JWS vectors. Every label that is not
// followed is an exception with its reason, and every exception is needed.
func TestWycheproofSignatures(t *testing.T) {
	reasons, used := exceptions(), map[string]bool{}
	accepted, ours := 0, 0
	for _, g := range readVectors[jwsGroup](t, "json_web_signature_test.json") {
		alg, known := algorithmOf(t, g.Public, g.Private)
		for _, v := range g.Tests {
			got := g.Public != nil && accepts([]json.RawMessage{g.Public}, v.JWS)
			if valid := v.Result == "valid"; got != valid {
				used[alg] = true
				if got || reasons[alg] == "" {
					t.Errorf("vector %d (%s, %s) accepted = %t, want %t", v.TcID, v.Comment, alg, got, valid)
				}
			}
			if known {
				ours++
			}
			if got {
				accepted++
			}
		}
	}
	for alg, reason := range reasons {
		if !used[alg] {
			t.Errorf("no vector needs the exception for %s (%s)", alg, reason)
		}
	}
	if ours < 260 || accepted < 10 {
		t.Errorf("%d vectors were of our algorithms and %d accepted, want at least 260 and 10", ours, accepted)
	}
}

// algorithmOf returns the algorithm that a group's key names, and whether it
// is one of ours.
func algorithmOf(t *testing.T, public, private json.RawMessage) (alg string, ours bool) {
	t.Helper()
	var key struct{ Alg string }
	text := public
	if text == nil {
		text = private
	}
	must(t, json.Unmarshal(text, &key))
	_, err := ParseAlgorithm(key.Alg)
	return key.Alg, err == nil
}

// TestWycheproofKeys runs the JWK vectors, the public key sets.
func TestWycheproofKeys(t *testing.T) {
	const symmetric = "the keys are symmetric, and ours are not"
	exceptions := map[int]string{
		2:  symmetric,
		7:  "a key of the ROCA family is told only by its fingerprint; keys are generated here, never taken from cards",
		13: symmetric, 14: symmetric, 15: symmetric,
	}
	accepted := 0
	for _, g := range readVectors[jwsGroup](t, "json_web_key_test.json") {
		var set struct{ Keys []json.RawMessage }
		if g.Public != nil {
			must(t, json.Unmarshal(g.Public, &set))
		}
		for _, v := range g.Tests {
			want := v.Result == "valid"
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
