package token_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// row is a token made from a good one by one change, and what becomes of it.
type row struct {
	name string
	raw  string
	want error
}

// TestVerify is named after the requirements that the project keeps for
// self-contained tokens: each starts from one good token and changes one thing.
func TestVerify(t *testing.T) {
	for _, a := range []token.Algorithm{token.RS256, token.ES256, token.EdDSA} {
		t.Run(string(a), func(t *testing.T) {
			b := newBench(t, a)
			for id, rows := range requirements(t, b) {
				t.Run(id, func(t *testing.T) { try(t, b, rows) })
			}
		})
	}
}

// try expects of every row what it says, on a warm process and, since the
// two take different paths, on a cold one.
func try(t *testing.T, b *bench, rows []row) {
	t.Helper()
	for _, r := range rows {
		_, cold := newRing(t, b.store, b.now, 0)
		for name, v := range map[string]*token.Verifier{"warm": b.verifier, "cold": cold} {
			c, err := v.Verify(t.Context(), r.raw)
			if !errors.Is(err, r.want) {
				t.Errorf("Verify(%s) on a %s process = %v, want %v", r.name, name, err, r.want)
			}
			if err != nil && !reflect.DeepEqual(c, token.Claims{}) {
				t.Errorf("Verify(%s) = %v with an error", r.name, c)
			}
		}
	}
}

// TestRequirements are those that are about more than one token.
func TestRequirements(t *testing.T) {
	for name, test := range map[string]func(*testing.T){
		"JW-11 keys":                   keysAreSound,
		"JW-12 kid is only looked up":  keyIDIsOnlyLookedUp,
		"JW-14 nothing else in claims": payloadHoldsWhatWasGiven,
		"JW-15 one reply":              oneReplyForEverySignature,
	} {
		t.Run(name, test)
	}
}

func requirements(t *testing.T, b *bench) map[string][]row {
	return map[string][]row{
		"good token":                                  {{"good", b.sign(t, b.claims()), nil}, {"by hand", b.forge(t, b.header(), b.payload(t)), nil}},
		"JW-01 signature before claims":               signatureFirst(t, b),
		"JW-02 algorithm of the key":                  algorithms(t, b),
		"JW-03 keys are ours":                         embeddedKeys(t, b),
		"JW-04 times":                                 times(t, b),
		"JW-05 kind":                                  kinds(t, b),
		"JW-06 issuer and audience":                   parties(t, b),
		"JW-07, JW-16 claims present, of their types": presence(t, b),
		"JW-08 critical headers":                      critical(t, b),
		"JW-09 repeated names":                        repeated(t, b),
		"JW-10 form":                                  forms(t, b),
	}
}

// keyIDIsOnlyLookedUp: whatever a kid says, it names no file, URL or
// query; only the one load for an unknown id follows.
func keyIDIsOnlyLookedUp(t *testing.T) {
	b := newBench(t, token.ES256)
	b.sign(t, b.claims())
	before := b.loads.Load()
	for _, kid := range []string{
		"../../../../dev/null", "/dev/null", "http://evil.example/key", "' OR '1'='1", "|id", "%00", b.record.ID + "/..", strings.ToLower(b.record.ID), " " + b.record.ID,
	} {
		raw := b.forge(t, strings.Replace(b.header(), b.record.ID, kid, 1), b.payload(t))
		if _, err := b.verifier.Verify(t.Context(), raw); !errors.Is(err, token.ErrInvalid) {
			t.Errorf("Verify(kid %s) = %v, want %v", kid, err, token.ErrInvalid)
		}
	}
	if n := b.loads.Load() - before; n > 1 {
		t.Errorf("unknown ids caused %d loads, want at most 1", n)
	}
}

// payloadHoldsWhatWasGiven: nothing but the claims is in a token.
func payloadHoldsWhatWasGiven(t *testing.T) {
	b := newBench(t, token.ES256)
	segments := strings.Split(b.sign(t, b.claims()), ".")
	header, err := base64.RawURLEncoding.DecodeString(segments[0])
	must(t, err)
	if string(header) != b.header() {
		t.Errorf("header = %s, want %s", header, b.header())
	}
	payload, err := base64.RawURLEncoding.DecodeString(segments[1])
	must(t, err)
	want := fmt.Sprintf(`{"iss":%q,"aud":%q,"sub":"user","iat":%d,"exp":%d,"sessionHandle":"handle","tId":"public","rsub":"recipe","st-role":{"v":["admin"],"t":1}}`,
		issuer, issuer, b.now().Unix(), b.now().Add(lifetime).Unix())
	if string(payload) != want {
		t.Errorf("payload = %s, want %s", payload, want)
	}
}

// oneReplyForEverySignature: a bad signature reads the same however it
// is bad, and no error holds a part of the token.
func oneReplyForEverySignature(t *testing.T) {
	for _, a := range []token.Algorithm{token.RS256, token.ES256, token.EdDSA} {
		b := newBench(t, a)
		good := b.sign(t, b.claims())
		last := strings.LastIndexByte(good, '.') + 1
		texts := map[string]bool{}
		for _, signature := range []string{
			"", "A", "AA", good[last : last+40], good[last:] + "AAAA", flip(good[last:], 0), flip(good[last:], 50),
			strings.Repeat("A", len(good)-last), strings.Repeat("_", len(good)-last), encode("garbage"),
		} {
			_, err := b.verifier.Verify(t.Context(), good[:last]+signature)
			if !errors.Is(err, token.ErrInvalid) {
				t.Fatalf("Verify(%s with signature %q) = %v, want %v", a, signature, err, token.ErrInvalid)
			}
			texts[err.Error()] = true
		}
		if len(texts) != 1 {
			t.Errorf("%s: replies to bad signatures are %v, want one", a, texts)
		}
	}
}
