package token

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/latchkey-auth/latchkey/test/proof"
)

// TestCacheGenerations: the cache never holds more than its size, keeps what
// is used, and forgets what is not.
func TestCacheGenerations(t *testing.T) {
	c := newCache(10)
	c.put("used", verified{})
	for i := range 100 {
		c.put(fmt.Sprint(i), verified{})
		if c.get("used") == nil {
			t.Fatalf("the token in use is forgotten after %d others", i+1)
		}
		if n := len(c.young) + len(c.old); n > 10 {
			t.Fatalf("%d tokens are held, want at most 10", n)
		}
		if c.get(fmt.Sprint(i)) == nil {
			t.Fatalf("token %d is not held at once", i)
		}
	}
	if c.get("0") != nil {
		t.Error("a token not used for long is held")
	}
}

// TestCacheKeepsCopies: a token cut out of a request keeps no request alive.
func TestCacheKeepsCopies(t *testing.T) {
	request := strings.Repeat("x", 1000) + "token"
	raw := request[1000:]
	c := newCache(2)
	c.put(raw, verified{})
	for key, v := range c.young {
		if unsafe.StringData(key) == unsafe.StringData(raw) || unsafe.StringData(v.raw) == unsafe.StringData(raw) {
			t.Error("the cache holds the caller's string")
		}
	}
}

// sound are claims that can be read, of an issuer and a user of a number.
const sound = `{"iss":%q,"aud":"i","sub":"u%d","rsub":"u","tId":"t","sessionHandle":"h","iat":1000,"exp":2000}`

// TestForgedTokensNeverEnter: only what passed every check is remembered, and
// it stays, however many others come. Nothing else that a process keeps grows.
func TestForgedTokensNeverEnter(t *testing.T) {
	v, sign := oneKey(t)
	v.now = func() time.Time { return time.Unix(1500, 0) }
	header := headerOf(EdDSA, "k")
	good := sign(header + "." + base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, sound, "i", 0)))
	if _, err := v.Verify(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	size := proof.Scale(20_000, 1_000_000)
	for i := range size {
		raw := forged(i, good, header, sign)
		if _, err := v.Verify(t.Context(), raw); !errors.Is(err, ErrInvalid) {
			t.Fatalf("Verify(%.60s) = %v, want %v", raw, err, ErrInvalid)
		}
		if _, err := v.keys.MAC(t.Context(), fmt.Sprint("k", i)); !errors.Is(err, ErrUnknownKey) {
			t.Fatalf("MAC(k%d) = %v, want %v", i, err, ErrUnknownKey)
		}
	}
	if n := len(v.cache.young) + len(v.cache.old); n != 1 || v.cache.get(good) == nil {
		t.Errorf("%d tokens are remembered, the good one: %t, want only that", n, v.cache.get(good) != nil)
	}
	if n := len(v.keys.opened.macs) + len(v.keys.opened.signers); n != 0 {
		t.Errorf("%d keys are remembered that are not there", n)
	}
	proof.Report(t, "forged tokens of which none is remembered", size)
}

// forged makes up the token number i: of no form, of a form that is not ours,
// with another's signature, of a key that is not there; or signed with the
// right key, which only we can do, but of another issuer.
func forged(i int, good, header string, sign func(string) string) string {
	switch i % 5 {
	case 0:
		return fmt.Sprint(i)
	case 1:
		return fmt.Sprintf("a%d.b.c", i)
	case 2:
		return header + "." + base64.RawURLEncoding.EncodeToString(fmt.Append(nil, i)) + good[strings.LastIndexByte(good, '.'):]
	case 3:
		return headerOf(EdDSA, fmt.Sprint("k", i)) + good[strings.IndexByte(good, '.'):]
	}
	return sign(header + "." + base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, sound, "another", i)))
}

// records is a store of fixed records.
type records struct {
	KeyStore
	Records
}

func (r records) Load(context.Context) (Records, error) { return r.Records, nil }

// oneKey returns a verifier, and what signs two segments with its key.
func oneKey(t *testing.T) (*Verifier, func(string) string) {
	t.Helper()
	key, err := Generate(EdDSA)
	must(t, err)
	jwk, err := PublicJWK("k", EdDSA, key.Public())
	must(t, err)
	signing := []SigningKey{{Number: 1, ID: "k", Algorithm: EdDSA, Public: jwk}}
	ring, err := NewKeyring(KeyringConfig{Store: records{Records: Records{Settings: Settings{Issuer: "i"}, Signing: signing}}, AccessLifetime: time.Hour})
	must(t, err)
	v, err := NewVerifier(VerifierConfig{Keys: ring, MaxLifetime: time.Hour})
	must(t, err)
	return v, func(segments string) string {
		signature, err := EdDSA.method().Sign(segments, key)
		must(t, err)
		return segments + "." + base64.RawURLEncoding.EncodeToString(signature)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
