package token_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	keeping "github.com/latchkey-auth/latchkey/sessions/keys"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// A process that signs and one that only verifies share a store. The second
// has no Sealer: it never sees a private key.
func Example() {
	ctx, now := context.Background(), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	clock := func() time.Time { return now }
	keys, sealer := memory.NewKeys(), memory.NewSealer([32]byte{1})
	keeper, err := keeping.New(keeping.Config{Store: keys, Sealer: sealer, Algorithm: token.ES256, Every: 7 * 24 * time.Hour, Now: clock})
	if err != nil {
		log.Fatal(err)
	}
	if err := keeper.Bootstrap(ctx, "https://api.example.com/auth", "my-api"); err != nil {
		log.Fatal(err)
	}

	signing, err := token.NewKeyring(token.KeyringConfig{Store: keys, Sealer: sealer, AccessLifetime: time.Hour, Now: clock})
	if err != nil {
		log.Fatal(err)
	}
	signer, err := signing.Signer(ctx)
	if err != nil {
		log.Fatal(err)
	}
	raw, err := signer.Sign(token.Claims{
		Issuer: "https://api.example.com/auth", Audience: "https://api.example.com/auth",
		Subject: "u1", RecipeUser: "u1", Tenant: "public", Handle: "h1",
		IssuedAt: now, Expires: now.Add(time.Hour), Custom: []byte(`{"plan":"pro"}`),
	})
	if err != nil {
		log.Fatal(err)
	}

	verifying, err := token.NewKeyring(token.KeyringConfig{Store: keys, AccessLifetime: time.Hour, Now: clock})
	if err != nil {
		log.Fatal(err)
	}
	verifier, err := token.NewVerifier(token.VerifierConfig{Keys: verifying, MaxLifetime: time.Hour, Now: clock})
	if err != nil {
		log.Fatal(err)
	}
	claims, err := verifier.Verify(ctx, raw)
	fmt.Println(claims.Subject, string(claims.Custom), err)

	now = now.Add(time.Hour)
	_, err = verifier.Verify(ctx, raw)
	fmt.Println(errors.Is(err, token.ErrExpired))
	// Output:
	// u1 {"plan":"pro"} <nil>
	// true
}

// A key is due when the last one has begun to sign, and then published for at
// least a day before it signs itself.
func ExampleNext() {
	now := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	week := 7 * 24 * time.Hour
	keys := []token.SigningKey{{Number: 1, ActiveFrom: now}}
	number, activeFrom, due := token.Next(keys, now, week)
	fmt.Println(number, activeFrom.Format(time.DateOnly), due)

	keys = append(keys, token.SigningKey{Number: number, ActiveFrom: activeFrom})
	_, _, due = token.Next(keys, now.Add(24*time.Hour), week)
	fmt.Println(due)
	// Output:
	// 2 2026-01-09 true
	// false
}

// published is what an issuer publishes at /auth/jwt/jwks.json.
const published = `{"keys":[{"kty":"OKP","use":"sig","alg":"EdDSA","crv":"Ed25519",
	"kid":"CDxsyyRvHjLJGoQTcm8W1yyrxl28rwQoY2coNW2H7OQ","x":"Cp9FBmc_7povRLBtKUjHT8n7jrpHA9Kn0IN-PUNa7IA"}]}`

// A verifier by fixed keys, which asks no store.
func ExampleParseJWKS() {
	signing, err := token.ParseJWKS([]byte(published))
	if err != nil {
		log.Fatal(err)
	}
	fixed := token.Records{Settings: token.Settings{Issuer: "https://api.example.com/auth"}, Signing: signing}
	ring, err := token.NewKeyring(token.KeyringConfig{Store: fixed, AccessLifetime: time.Hour})
	if err != nil {
		log.Fatal(err)
	}
	verifier, err := token.NewVerifier(token.VerifierConfig{Keys: ring, MaxLifetime: time.Hour})
	if err != nil {
		log.Fatal(err)
	}
	_, err = verifier.Verify(context.Background(), "eyJhbGciOiJub25lIn0.e30.")
	fmt.Println(errors.Is(err, token.ErrInvalid))
	// Output: true
}
