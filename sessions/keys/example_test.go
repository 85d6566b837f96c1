package keys_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/keys"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Everything that the functions of this repository do with keys and sessions,
// with the libraries alone.
func Example() {
	ctx, now := context.Background(), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	clock := func() time.Time { return now }
	store, sealer := memory.NewKeys(), memory.NewSealer([32]byte{1}) // package dynamo and kms have those for AWS
	keeper, err := keys.New(keys.Config{Store: store, Sealer: sealer, Algorithm: token.ES256, Every: 7 * 24 * time.Hour, Now: clock})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("first keys:", keeper.Bootstrap(ctx, "https://api.example.com/auth", "my-api"))

	ring, err := token.NewKeyring(token.KeyringConfig{Store: store, Sealer: sealer, AccessLifetime: time.Hour, Now: clock})
	if err != nil {
		log.Fatal(err)
	}
	verifier, err := token.NewVerifier(token.VerifierConfig{Keys: ring, MaxLifetime: time.Hour, Now: clock})
	if err != nil {
		log.Fatal(err)
	}
	manager, err := sessions.New(sessions.Config{
		Store: memory.New(), Keys: ring, Now: clock,
		Access: time.Hour, Idle: 100 * 24 * time.Hour, Absolute: 365 * 24 * time.Hour,
		ReplayWindow: time.Minute, RotationGap: 90 * time.Second, MaxSessions: 100,
	})
	if err != nil {
		log.Fatal(err)
	}
	epoch, err := manager.Epoch(ctx, "public", "ada")
	if err != nil {
		log.Fatal(err)
	}
	grant, err := manager.Start(ctx, sessions.StartRequest{Epoch: epoch})
	fmt.Println("signed:", err)

	claims, err := verifier.Verify(ctx, grant.Access)
	fmt.Println("verified:", claims.Subject, err)

	fmt.Println("next key:", keeper.Rotate(ctx)) // once a day
	records, err := keeper.Records(ctx)
	fmt.Println("keys:", len(records.Signing), err)

	_, err = keeper.EndAll(ctx)
	fmt.Println("all ended:", err)
	now = now.Add(5 * time.Minute) // everybody has loaded that
	_, err = manager.Check(ctx, claims)
	fmt.Println("over:", errors.Is(err, sessions.ErrEnded))
	// Output:
	// first keys: <nil>
	// signed: <nil>
	// verified: ada <nil>
	// next key: <nil>
	// keys: 2 <nil>
	// all ended: <nil>
	// over: true
}
