package token

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"strconv"
	"testing"
	"time"

	"github.com/c2sp/wycheproof"
)

// accepts does with a vector what Verify does up to the signature: the vectors
// have neither our typ nor claims. Keys are public ones, the algorithm is the
// key's.
func accepts(keys []json.RawMessage, jws string) bool {
	p, errForm := split(jws)
	text, errHeader := decode64(p.header)
	_, errPayload := decode64(p.payload)
	var h struct{ Alg, Kid string }
	if errors.Join(errForm, errHeader, errPayload) != nil || json.Unmarshal(text, &h) != nil {
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

// follow runs the vectors of a file. Every label that is not followed is an
// exception with its reason, by the vector's number or, of one that is valid, by
// the algorithm of its key. Every exception is needed. It returns how many
// vectors were of our algorithms, and how many were accepted.
func follow(t *testing.T, file string, exceptions map[string]string) (ours, accepted int) {
	t.Helper()
	text, err := fs.ReadFile(wycheproof.TestVectors, file)
	must(t, err)
	var vectors struct {
		TestGroups []struct {
			Public, Private json.RawMessage
			Tests           []struct {
				TcID                 int
				Comment, JWS, Result string
			}
		}
	}
	must(t, json.Unmarshal(text, &vectors))
	unneeded := maps.Clone(exceptions)
	for _, g := range vectors.TestGroups {
		var key struct {
			Alg  string
			Keys []json.RawMessage // of a set
		}
		must(t, json.Unmarshal([]byte(cmp.Or(string(g.Public), string(g.Private))), &key))
		keys := key.Keys
		if keys == nil {
			keys = []json.RawMessage{g.Public}
		}
		if _, err := ParseAlgorithm(key.Alg); err == nil {
			ours += len(g.Tests)
		}
		for _, v := range g.Tests {
			got, number := g.Public != nil && accepts(keys, v.JWS), strconv.Itoa(v.TcID)
			if got {
				accepted++
			}
			if got == (v.Result == "valid") {
				continue
			}
			if exceptions[number] == "" && (got || exceptions[key.Alg] == "") {
				t.Errorf("vector %s (%s, %s) accepted = %t, want %s", number, v.Comment, key.Alg, got, v.Result)
			}
			delete(unneeded, number)
			delete(unneeded, key.Alg)
		}
	}
	if len(unneeded) > 0 {
		t.Errorf("no vector needs the exceptions %v", unneeded)
	}
	return ours, accepted
}

const symmetric = "a party that checks an HMAC could sign as well: keys are asymmetric"

func TestWycheproofSignatures(t *testing.T) {
	const other = "one of the other algorithms of RSA: a key has exactly one, and it is RS256"
	ours, accepted := follow(t, "json_web_signature_test.json", map[string]string{
		// 372 and 373 are labelled valid with a "?" inside of the base64.
		"HS256": symmetric,
		// 346 and 350 have PS384 in the header, besides.
		"PS256": other, "PS384": other, "PS512": other, "RS384": other, "RS512": other,
		"ES521": "no algorithm has this name; ES512, which is meant in 347 and 351, is not offered",
	})
	if ours < 260 || accepted < 10 {
		t.Errorf("%d vectors were of our algorithms and %d accepted, want at least 260 and 10", ours, accepted)
	}
}

// TestWycheproofKeys runs the JWK vectors, the public key sets.
func TestWycheproofKeys(t *testing.T) {
	_, accepted := follow(t, "json_web_key_test.json", map[string]string{
		"2": symmetric, "13": symmetric, "14": symmetric, "15": symmetric,
		"7": "a key of the ROCA family is told only by its fingerprint; keys are generated here, never taken from cards",
	})
	if accepted == 0 {
		t.Error("no vector was accepted")
	}
}
