package token_test

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// TestSignedIsWhatWasMeasured: a token carries Payload byte for byte, is as
// long as TokenSize says, and verifies to the claims it was made of.
func TestSignedIsWhatWasMeasured(t *testing.T) {
	benches := map[token.Algorithm]*bench{}
	for _, a := range algorithmNames() {
		benches[a] = newBench(t, a)
	}
	rapid.Check(t, func(r *rapid.T) {
		b := benches[rapid.SampledFrom(algorithmNames()).Draw(r, "algorithm")]
		c := b.claims()
		text := rapid.StringMatching(`[a-zA-Z0-9<>&"\\ é\x{2028}-\x{2029}\x{10000}-\x{10010}]{1,40}`)
		c.Subject, c.RecipeUser, c.Tenant = text.Draw(r, "sub"), text.Draw(r, "rsub"), text.Draw(r, "tId")
		custom, err := json.Marshal(rapid.MapOf(rapid.StringMatching(`x[a-z<>&é]{0,8}`), text).Draw(r, "custom"))
		if err != nil {
			r.Fatal(err)
		}
		c.Custom = custom
		payload, err := c.Payload()
		if err != nil {
			r.Fatalf("Payload(%s) = %v", custom, err)
		}
		want := b.record.Algorithm.TokenSize(len(payload))
		if want > 4096 {
			return
		}
		raw := b.sign(t, c)
		if got := strings.Split(raw, ".")[1]; got != encode(string(payload)) {
			r.Fatalf("the token carries %s, want %s", got, payload)
		}
		if len(raw) != want {
			r.Fatalf("TokenSize(%s, %d) = %d, token has %d", b.record.Algorithm, len(payload), want, len(raw))
		}
		got, err := b.verifier.Verify(t.Context(), raw)
		if err != nil || !sameClaims(got, c) {
			r.Fatalf("Verify = %v, %v, want %v", got, err, c)
		}
	})
}

// sameClaims compares the custom claims by what they say.
func sameClaims(a, b token.Claims) bool {
	var x, y map[string]any
	json.Unmarshal(a.Custom, &x)
	json.Unmarshal(b.Custom, &y)
	a.Custom, b.Custom = nil, nil
	return reflect.DeepEqual(a, b) && fmt.Sprint(x) == fmt.Sprint(y)
}

// TestSignRefuses what a verifier would refuse, so that no session gets a
// token that is good for nothing.
func TestSignRefuses(t *testing.T) {
	b := newBench(t, token.ES256)
	signer, err := b.ring.Signer(t.Context())
	must(t, err)
	for name, change := range map[string]func(*token.Claims){
		"no issuer":             func(c *token.Claims) { c.Issuer = "" },
		"no audience":           func(c *token.Claims) { c.Audience = "" },
		"no subject":            func(c *token.Claims) { c.Subject = "" },
		"no recipe user":        func(c *token.Claims) { c.RecipeUser = "" },
		"no tenant":             func(c *token.Claims) { c.Tenant = "" },
		"no handle":             func(c *token.Claims) { c.Handle = "" },
		"control character":     func(c *token.Claims) { c.Subject = "a\x00" },
		"invalid UTF-8":         func(c *token.Claims) { c.Subject = "a\xff" },
		"long subject":          func(c *token.Claims) { c.Subject = strings.Repeat("a", 513) },
		"no times":              func(c *token.Claims) { c.IssuedAt, c.Expires = time.Time{}, time.Time{} },
		"over before it begins": func(c *token.Claims) { c.Expires = c.IssuedAt.Add(-time.Second) },
		"custom array":          func(c *token.Claims) { c.Custom = json.RawMessage(`[]`) },
		"custom null":           func(c *token.Claims) { c.Custom = json.RawMessage(`null`) },
		"custom garbage":        func(c *token.Claims) { c.Custom = json.RawMessage(`{"a":1`) },
		"custom and more":       func(c *token.Claims) { c.Custom = json.RawMessage(`{}{}`) },
		"custom repeated":       func(c *token.Claims) { c.Custom = json.RawMessage(`{"a":1,"a":2}`) },
		"custom invalid UTF-8":  func(c *token.Claims) { c.Custom = json.RawMessage("{\"a\":\"\xff\"}") },
		"custom empty":          func(c *token.Claims) { c.Custom = json.RawMessage{} },
		"custom long":           func(c *token.Claims) { c.Custom = json.RawMessage(`{"a":"` + strings.Repeat("a", 2800) + `"}`) },
	} {
		c := b.claims()
		change(&c)
		if raw, err := signer.Sign(c); err == nil || raw != "" {
			t.Errorf("Sign(%s) = %q, %v, want an error", name, raw, err)
		}
	}
}

func TestProtectedNames(t *testing.T) {
	b := newBench(t, token.ES256)
	for _, name := range []string{
		"iss", "aud", "sub", "iat", "exp", "sessionHandle", "tId", "rsub", "nbf", "jti", "sid", "typ", "crit",
		"stt", "antiCsrfToken", "refreshTokenHash1", "parentRefreshTokenHash1",
	} {
		if !token.Protected(name) {
			t.Errorf("Protected(%s) = false, want true", name)
		}
		c := b.claims()
		c.Custom = json.RawMessage(`{"` + name + `":"x"}`)
		if _, err := c.Payload(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("Payload(custom %s) = %v, want an error that names it", name, err)
		}
	}
	for _, name := range []string{"", "st-role", "SUB", "roles", "email", "Exp"} {
		if token.Protected(name) {
			t.Errorf("Protected(%s) = true, want false", name)
		}
	}
}

// The form of the header says whether a token looks like ours; its issuer or
// its key, whether it is. Nothing is verified, and nothing is loaded for it.
func TestOurs(t *testing.T) {
	b, other := newBench(t, token.RS256), newBench(t, token.RS256)
	other.records.Settings.Issuer = "https://other.example"
	theirs := other.claims()
	theirs.Issuer, theirs.Audience = "https://other.example", "https://other.example"
	good := b.sign(t, b.claims())
	for _, c := range []struct {
		name, raw  string
		form, ours bool
	}{
		{"good", good, true, true},
		{"forged", good[:len(good)-4] + "AAAA", true, true},
		{"our key, another issuer", b.sign(t, theirs), true, true},
		{"our issuer, another key", other.sign(t, b.claims()), true, true},
		{"another issuer and another key", other.sign(t, theirs), true, false},
		{"of another issuer, with nothing in it", `eyJhbGciOiJFUzI1NiIsImtpZCI6ImEiLCJ0eXAiOiJhdCtqd3QifQ.e30.AAAA`, true, false},
		{"two issuers", b.forge(t, strings.Replace(b.header(), b.record.ID, "a", 1), `{"iss":"`+issuer+`","iss":"`+issuer+`"}`), true, false},
		{"claims that are not JSON", b.forge(t, strings.Replace(b.header(), b.record.ID, "a", 1), `x`), true, false},
		{"typ JWT", b.forge(t, strings.Replace(b.header(), "at+jwt", "JWT", 1), b.payload(t)), false, false},
		{"opaque", "2YotnFZFEjr1zCsicMWpAA", false, false},
		{"three words", "a.b.c", false, false},
		{"empty", "", false, false},
		{"too long", good + strings.Repeat("A", 4096), false, false},
		{"with a space", good + " ", false, false},
	} {
		ours, err := b.verifier.Ours(t.Context(), c.raw)
		if form := token.LooksLikeOurs(c.raw); form != c.form || ours != c.ours || err != nil {
			t.Errorf("%s: it looks like ours: %t, is ours: %t, %v, want %t, %t", c.name, form, ours, err, c.form, c.ours)
		}
	}
	if got := b.loads.Load(); got != 1 {
		t.Errorf("%d loads of keys for all of them, want 1", got)
	}
	b.setDown(true)
	_, cold := newRing(t, b.store, b.now, 0)
	if ours, err := cold.Ours(t.Context(), good); ours || !errors.Is(err, token.ErrUnavailable) {
		t.Errorf("without keys: %t, %v, want %v", ours, err, token.ErrUnavailable)
	}
}

// shown is every form that text can take of a value, of a pointer to it, and
// of what has it.
func shown[T any](t *testing.T, v T) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"v": v, "p": &v, "l": []T{v}})
	must(t, err)
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v, "p", &v)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v, "p", &v)
	out := string(text) + log.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		out += fmt.Sprintf(verb, v) + fmt.Sprintf(verb, &v) + fmt.Sprintf(verb, struct{ V T }{v})
	}
	return out
}

// TestKeysHideThemselves, and show which they are.
func TestKeysHideThemselves(t *testing.T) {
	const secret = "0123456789abcdef0123456789abcdef"
	signer, err := token.NewSigner(token.EdDSA, "k1", ed25519.NewKeyFromSeed([]byte(secret)))
	must(t, err)
	for name, c := range map[string]struct{ id, out string }{
		"MAC":            {"m1", shown(t, token.MAC{ID: "m1", Key: [token.MACSize]byte([]byte(secret))})},
		"Signer":         {"k1", shown(t, signer)},
		"Signer's value": {"k1", shown(t, *signer)},
	} {
		for _, part := range []string{"0123", "30313233", "48 49 50", "48,49,50", "0x30", "MDEy"} {
			if strings.Contains(c.out, part) {
				t.Errorf("%s shows %q in %s", name, part, c.out)
			}
		}
		if !strings.Contains(c.out, c.id) {
			t.Errorf("%s does not show its id in %s", name, c.out)
		}
	}
}
