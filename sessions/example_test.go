package sessions_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// A session is started, refreshed, checked and revoked.
func Example() {
	ctx := context.Background()
	m, err := sessions.New(sessions.Config{
		Store: memory.New(), Keys: exampleKeys(), // *token.Keyring
		Access: time.Hour, Idle: 100 * 24 * time.Hour, Absolute: 365 * 24 * time.Hour,
		Replay: time.Minute, Gap: 90 * time.Second, MaxSessions: 100,
	})
	if err != nil {
		log.Fatal(err)
	}

	epoch, err := m.Epoch(ctx, "public", "user-1") // Before the password is checked.
	if err != nil {
		log.Fatal(err)
	}
	first, err := m.Start(ctx, sessions.StartRequest{Epoch: epoch, Device: "Phone"})
	fmt.Println(first.Outcome, err)

	next, err := m.Refresh(ctx, first.Refresh)
	fmt.Println(next.Outcome, err)

	again, err := m.Refresh(ctx, first.Refresh) // The answer was lost.
	fmt.Println(again.Outcome, err, again.Refresh == next.Refresh)

	fmt.Println(m.Revoke(ctx, next.Session.Handle, "signed out"))
	_, err = m.Check(ctx, next.Claims)
	fmt.Println(errors.Is(err, sessions.ErrEnded))
	// Output:
	// started <nil>
	// rotated <nil>
	// replayed <nil> true
	// <nil>
	// true
}

// exampleKeys stands for a *token.Keyring.
func exampleKeys() sessions.Keys {
	key, err := token.Generate(token.EdDSA)
	if err != nil {
		log.Fatal(err)
	}
	signer, err := token.NewSigner(token.EdDSA, "example", key)
	if err != nil {
		log.Fatal(err)
	}
	return &issuers{signer: signer, issuer: issuer}
}
