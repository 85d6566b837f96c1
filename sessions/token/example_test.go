package token_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// A process that signs and one that only verifies share a store. The second
// has no Sealer: it never sees a private key.
func Example() {
	ctx, now := context.Background(), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	clock := func() time.Time { return now }
	keys, sealer := memory.NewKeys(), memory.NewSealer([32]byte{1})
	if err := firstKey(ctx, keys, sealer, now); err != nil {
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

// firstKey does what the rotation of keys does when there is none.
func firstKey(ctx context.Context, keys token.KeyStore, sealer token.Sealer, now time.Time) error {
	number, activeFrom, _ := token.Next(nil, now, 7*24*time.Hour)
	private, err := token.Generate(token.ES256)
	if err != nil {
		return err
	}
	kid, err := token.Thumbprint(private.Public())
	if err != nil {
		return err
	}
	public, err := token.PublicJWK(kid, token.ES256, private.Public())
	if err != nil {
		return err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	sealed, err := sealer.Seal(ctx, token.PurposeSigning, kid, pkcs8)
	if err != nil {
		return err
	}
	if err := keys.SetIssuer(ctx, "https://api.example.com/auth", ""); err != nil {
		return err
	}
	return keys.AddSigningKey(ctx, token.SigningKey{
		Number: number, ID: kid, Algorithm: token.ES256, Public: public, Sealed: sealed, ActiveFrom: activeFrom,
	})
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
