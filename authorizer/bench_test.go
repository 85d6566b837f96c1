package authorizer_test

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// browserEvent is the event of a browser's GET as HTTP APIs send it, with the
// headers and cookies that browsers add.
func browserEvent(raw string) []byte {
	e := event{kind: http2Kind, method: "GET"}.bearer(raw)
	for i, value := range []string{
		"*/*", "gzip, deflate, br, zstd", "de-DE,de;q=0.9,en;q=0.8", "no-cache", "0", "application/json",
		"abcdef123.execute-api.eu-west-1.amazonaws.com", "no-cache", "u=1, i", "https://app.example.com/",
		`"Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140"`, "?0", `"Linux"`, "empty", "cors",
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
		"Root=1-68c0f1a2-4d5e6f708192a3b4c5d6e7f8", "192.0.2.1", "443", "https",
	} {
		e = e.with("X-Header-"+strconv.Itoa(i), value)
	}
	e = e.with("Cookie", "theme=dark; _ga=GA1.1.1234567890.1700000000; consent="+strings.Repeat("abcdefgh", 60))
	return e.with("rid", "anti-csrf").with("Origin", origin).with("Sec-Fetch-Site", "same-site").encode()
}

// BenchmarkInvoke authorizes one GET in process, beside the bare check of its
// ES256 signature. The goal for a token never seen (miss) is 1.3 times the
// bare check at most; in ratio the two take turns, and it reports their
// medians' quotient.
func BenchmarkInvoke(b *testing.B) {
	w := newWorld(b, token.ES256)
	raws := []string{w.signIn("u1", benchClaims).Access, w.signIn("u2", benchClaims).Access, w.signIn("u3", benchClaims).Access}
	b.Run("bare", func(b *testing.B) { repeat(b, bareCheck(b, w, raws[0])) })
	// Three tokens take turns in a cache that holds one.
	b.Run("miss", func(b *testing.B) { repeat(b, invoker(b, w, 1, raws)) })
	b.Run("hit", func(b *testing.B) { repeat(b, invoker(b, w, 0, raws[:1])) })
	b.Run("ratio", func(b *testing.B) { ratio(b, bareCheck(b, w, raws[0]), invoker(b, w, 1, raws)) })
}

func repeat(b *testing.B, f func()) {
	b.ReportAllocs()
	for b.Loop() {
		f()
	}
}

// ratio reports the median time of whole over that of bare.
func ratio(b *testing.B, bare, whole func()) {
	var bares, wholes []time.Duration
	for b.Loop() {
		start := time.Now()
		bare()
		between := time.Now()
		whole()
		bares, wholes = append(bares, between.Sub(start)), append(wholes, time.Since(between))
	}
	slices.Sort(bares)
	slices.Sort(wholes)
	b.ReportMetric(float64(wholes[len(wholes)/2])/float64(bares[len(bares)/2]), "miss/bare")
}

const benchClaims = `{"st-role":{"v":["user"],"t":1772366400123},"st-ev":{"v":true,"t":1772366400123}}`

// invoker returns a function that authorizes one GET, with the tokens in turn
// and a cache of so many.
func invoker(b *testing.B, w *world, cache int, raws []string) func() {
	b.Helper()
	var err error
	w.config.Verifier, err = token.NewVerifier(token.VerifierConfig{
		Keys: w.keyring, MaxLifetime: 24 * time.Hour, CacheSize: cache, Now: w.clock.Now,
	})
	must(b, err)
	a := w.authorizer()
	payloads := make([][]byte, len(raws))
	for i, raw := range raws {
		payloads[i] = browserEvent(raw)
	}
	ctx, i := b.Context(), 0
	return func() {
		if _, err := a.Invoke(ctx, payloads[i%len(payloads)]); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

// bareCheck returns the standard library's check of the token's signature,
// with everything split and decoded before.
func bareCheck(b *testing.B, w *world, raw string) func() {
	b.Helper()
	i := strings.LastIndexByte(raw, '.')
	signature, err := base64.RawURLEncoding.DecodeString(raw[i+1:])
	must(b, err)
	signer, err := w.keyring.KeySet(b.Context())
	must(b, err)
	keys, err := token.ParseJWKS(signer.JWKS())
	must(b, err)
	_, _, public, err := token.ParseJWK(keys[0].Public)
	must(b, err)
	signed, r, v := []byte(raw[:i]), new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	return func() {
		sum := sha256.Sum256(signed)
		if !ecdsa.Verify(public.(*ecdsa.PublicKey), sum[:], r, v) {
			b.Fatal("not verified")
		}
	}
}
