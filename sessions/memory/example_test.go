package memory_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/memory"
)

// A store is asked by a sessions.Manager. A test may look into it as well.
func Example() {
	ctx, store := context.Background(), memory.New()
	user := sessions.KeyOf("public", "ada")
	s := sessions.Session{
		Handle: sessions.NewHandle(user), Tenant: "public", User: "ada", State: sessions.Live,
		Idle: time.Now().Add(time.Hour), Absolute: time.Now().Add(24 * time.Hour),
	}
	if err := store.Create(ctx, s); err != nil {
		log.Fatal(err)
	}
	fmt.Println(store.Revoke(ctx, s.Handle, time.Now(), "signed out"))
	stored, owner, err := store.Get(ctx, s.Handle)
	fmt.Println(stored.State, stored.Reason, owner.Epoch, err)
	// Output:
	// <nil>
	// revoked signed out 0 <nil>
}

// A sealer stands in for package kms. What was sealed opens for the same purpose
// and id only.
func ExampleNewSealer() {
	ctx, sealer := context.Background(), memory.NewSealer([32]byte{1})
	sealed, err := sealer.Seal(ctx, "signing", "k1", []byte("secret"))
	if err != nil {
		log.Fatal(err)
	}
	secret, err := sealer.Open(ctx, "signing", "k1", sealed)
	fmt.Println(string(secret), err)
	_, err = sealer.Open(ctx, "mac", "k1", sealed)
	fmt.Println(err != nil)
	// Output:
	// secret <nil>
	// true
}
