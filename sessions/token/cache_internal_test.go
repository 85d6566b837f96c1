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

// TestForgedTokensNeverEnter: only what passed every check is remembered.
func TestForgedTokensNeverEnter(t *testing.T) {
	v, sign := oneKey(t)
	header := headerOf(EdDSA, "k")
	for _, raw := range []string{"", "a.b.c", header + ".e30.AAAA", sign(header + ".e30"), sign(header + "." + strings.Repeat("A", 4096))} {
		if _, err := v.Verify(t.Context(), raw); !errors.Is(err, ErrInvalid) {
			t.Errorf("Verify(%.60s) = %v, want %v", raw, err, ErrInvalid)
		}
	}
	if n := len(v.cache.young) + len(v.cache.old); n != 0 {
		t.Errorf("%d tokens that were refused are remembered", n)
	}
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
	if err != nil {
		t.Fatal(err)
	}
	jwk, err := PublicJWK("k", EdDSA, key.Public())
	if err != nil {
		t.Fatal(err)
	}
	signing := []SigningKey{{Number: 1, ID: "k", Algorithm: EdDSA, Public: jwk}}
	ring, err := NewKeyring(KeyringConfig{Store: records{Records: Records{Settings: Settings{Issuer: "i"}, Signing: signing}}, AccessLifetime: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	v, err := NewVerifier(VerifierConfig{Keys: ring, MaxLifetime: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return v, func(segments string) string {
		signature, err := EdDSA.method().Sign(segments, key)
		if err != nil {
			t.Fatal(err)
		}
		return segments + "." + base64.RawURLEncoding.EncodeToString(signature)
	}
}
