package sessions

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

func testKey(id string) token.MAC { return token.MAC{ID: id, Key: sha256.Sum256([]byte(id))} }

func testToken() refreshToken {
	return firstToken(testKey("m1"), NewHandle(KeyOf("public", "u")))
}

// TestRefreshTokenForm computes a token and its child by the written form,
// apart from the code.
func TestRefreshTokenForm(t *testing.T) {
	mac := func(key token.MAC, parts ...string) string {
		h := hmac.New(sha256.New, key.Key[:])
		for _, p := range parts {
			h.Write([]byte(p))
		}
		return string(h.Sum(nil))
	}
	form := func(key token.MAC, signed string) string {
		return "v1." + key.ID + "." + base64.RawURLEncoding.EncodeToString([]byte(signed+mac(key, "rt1", signed)))
	}
	parent, old, current := testToken(), testKey("m1"), testKey("m2")
	if got, want := parent.encode(), form(old, string(parent.handle[:])+"\x00\x00\x00\x00"+string(parent.nonce[:])); got != want {
		t.Errorf("encode = %s, want %s", got, want)
	}
	salt := [16]byte{7}
	nonce := mac(current, "child", parent.encode(), string(salt[:]))[:16]
	want := form(current, string(parent.handle[:])+"\x00\x00\x00\x01"+nonce)
	if got := parent.child(current, salt).encode(); got != want {
		t.Errorf("child = %s, want %s", got, want)
	}
	if n := len(parent.encode()); n != len("v1.m1.")+112 {
		t.Errorf("a token has %d characters, want %d", n, len("v1.m1.")+112)
	}
}

func TestChildDependsOnAll(t *testing.T) {
	parent, key, salt := testToken(), testKey("m1"), [16]byte{1}
	child := parent.child(key, salt)
	if again := parent.child(key, salt); again != child {
		t.Errorf("child is not the same twice")
	}
	if child.generation != 1 || child.handle != parent.handle || !child.authentic(key) {
		t.Errorf("child = generation %d, authentic %t, want 1, true", child.generation, child.authentic(key))
	}
	sibling := parent
	sibling.nonce[0]++
	sibling.mac = sibling.sum(key)
	for name, other := range map[string]refreshToken{
		"another salt":   parent.child(key, [16]byte{2}),
		"another key":    parent.child(testKey("m2"), salt),
		"another parent": sibling.child(key, salt),
	} {
		if other.nonce == child.nonce {
			t.Errorf("child of %s has the same nonce", name)
		}
	}
}

func TestAuthentic(t *testing.T) {
	good := testToken()
	if !good.authentic(testKey("m1")) {
		t.Fatalf("a token of the key is not authentic")
	}
	for name, change := range map[string]func(*refreshToken){
		"handle":     func(r *refreshToken) { r.handle[31] ^= 1 },
		"user":       func(r *refreshToken) { r.handle[0] ^= 1 },
		"generation": func(r *refreshToken) { r.generation++ },
		"nonce":      func(r *refreshToken) { r.nonce[15] ^= 1 },
		"MAC":        func(r *refreshToken) { r.mac[31] ^= 1 },
		"key id":     func(r *refreshToken) { r.key = "m2" },
	} {
		bad := good
		change(&bad)
		if bad.authentic(testKey("m1")) {
			t.Errorf("a token with another %s is authentic", name)
		}
	}
	if good.authentic(token.MAC{ID: "m1"}) {
		t.Errorf("a token is authentic under another key of the same id")
	}
}

func TestParseRefreshToken(t *testing.T) {
	good := testToken()
	raw := good.encode()
	if got, err := parseRefreshToken(raw); err != nil || got != good {
		t.Fatalf("parseRefreshToken(encode) = %v, want the token", err)
	}
	body := raw[len("v1.m1."):]
	for name, bad := range map[string]string{
		"nothing":                "",
		"a prefix":               "v1.",
		"no key id":              "v1.." + body,
		"no body":                "v1.m1.",
		"another version":        "v2.m1." + body,
		"upper case":             "V1.m1." + body,
		"a space in front":       " " + raw,
		"a line break behind":    raw + "\n",
		"a line break within":    "v1.m1." + body[:50] + "\n" + body[51:],
		"four line breaks":       "v1.m1." + body[:48] + "\n\r\n\n" + body[52:], // no spare bits are left
		"a line break more":      "v1.m1." + body[:50] + "\n" + body[50:],
		"padding":                raw + "=",
		"the standard alphabet":  "v1.m1." + body[:50] + "+" + body[51:],
		"one character less":     raw[:len(raw)-1],
		"four characters more":   raw + "AAAA",
		"another dot":            "v1.m1." + body[:50] + "." + body[51:],
		"a key id with a slash":  "v1.m/1." + body,
		"a key id with a space":  "v1.m 1." + body,
		"a key id not in ASCII":  "v1.mé1." + body,
		"a long key id":          "v1." + strings.Repeat("m", 65) + "." + body,
		"an access token's form": "eyJhbGciOiJSUzI1NiJ9.e30.c2ln",
	} {
		if _, err := parseRefreshToken(bad); !errors.Is(err, ErrInvalidToken) {
			t.Errorf("parseRefreshToken(%s) = %v, want ErrInvalidToken", name, err)
		}
	}
	longest := good
	longest.key = strings.Repeat("m-_9", 16)
	if got, err := parseRefreshToken(longest.encode()); err != nil || got != longest {
		t.Errorf("parseRefreshToken(key id of 64 characters) = %v, want nil", err)
	}
}

// FuzzParseRefreshToken checks that what is accepted has one spelling.
func FuzzParseRefreshToken(f *testing.F) {
	raw := testToken().encode()
	for _, seed := range []string{"", "v1.", raw, raw + "\n", raw[:50] + "\n" + raw[51:], strings.ToUpper(raw)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := parseRefreshToken(raw)
		if err == nil && got.encode() != raw {
			t.Errorf("parseRefreshToken(%q) reads as %q", raw, got.encode())
		}
		if err != nil && !errors.Is(err, ErrInvalidToken) {
			t.Errorf("parseRefreshToken(%q) = %v, want ErrInvalidToken", raw, err)
		}
	})
}
