package sessions_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/keys"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// newManager returns a manager in memory. Package latchkey makes one over the
// tables of a stack, with defaults for every number.
func newManager(ctx context.Context) *sessions.Manager {
	store, sealer := memory.NewKeys(), memory.NewSealer([32]byte{1})
	keeper, err := keys.New(keys.Config{
		Store: store, Sealer: sealer, Algorithm: token.EdDSA, Every: 7 * 24 * time.Hour, Now: time.Now,
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := keeper.Bootstrap(ctx, "https://api.example.com/auth", "abcdef1234"); err != nil {
		log.Fatal(err)
	}
	ring, err := token.NewKeyring(token.KeyringConfig{Store: store, Sealer: sealer, AccessLifetime: time.Hour})
	if err != nil {
		log.Fatal(err)
	}
	m, err := sessions.New(sessions.Config{
		Store: memory.New(), Keys: ring,
		Access: time.Hour, Idle: 100 * 24 * time.Hour, Absolute: 365 * 24 * time.Hour,
		ReplayWindow: time.Minute, RotationGap: 90 * time.Second, MaxSessions: 100,
	})
	if err != nil {
		log.Fatal(err)
	}
	return m
}

// signIn starts a session after a proof of who the user is, which a login of
// your own makes between the two calls.
func signIn(ctx context.Context, m *sessions.Manager, user string) sessions.Grant {
	epoch, err := m.Epoch(ctx, "public", user) // before the password is checked
	if err != nil {
		log.Fatal(err)
	}
	grant, err := m.Start(ctx, sessions.StartRequest{Epoch: epoch, Device: "Phone"})
	if err != nil {
		log.Fatal(err)
	}
	return grant
}

// A session is started, refreshed, checked and revoked.
func Example() {
	ctx := context.Background()
	m := newManager(ctx)
	first := signIn(ctx, m, "ada")
	fmt.Println(first.Outcome)

	next, err := m.Refresh(ctx, first.Refresh)
	fmt.Println(next.Outcome, err)

	again, err := m.Refresh(ctx, first.Refresh) // the answer was lost
	fmt.Println(again.Outcome, err, again.Refresh == next.Refresh)

	fmt.Println(m.Revoke(ctx, next.Session.Handle, "signed out"))
	_, err = m.Check(ctx, next.Claims)
	fmt.Println(errors.Is(err, sessions.ErrEnded))
	// Output:
	// started
	// rotated <nil>
	// replayed <nil> true
	// <nil>
	// true
}

// A sign-in that a RevokeAll overtakes, as of a password that is just being
// replaced, leaves no session.
func ExampleManager_Start() {
	ctx := context.Background()
	m := newManager(ctx)
	epoch, err := m.Epoch(ctx, "public", "ada")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.RevokeAll(ctx, "public", "ada", "password changed"))
	_, err = m.Start(ctx, sessions.StartRequest{Epoch: epoch})
	fmt.Println(errors.Is(err, sessions.ErrEpoch))
	// Output:
	// <nil>
	// true
}

// A role belongs to the user. Every session has it, those to come as well.
func ExampleManager_MergeUserClaims() {
	ctx := context.Background()
	m := newManager(ctx)
	grant := signIn(ctx, m, "ada")
	role := json.RawMessage(`{"st-role":{"v":["admin"],"t":1700000000000}}`)
	_, version, err := m.MergeUserClaims(ctx, "public", "ada", role, nil)
	fmt.Println(version, err)

	session, err := m.Check(ctx, grant.Claims) // what a checked request finds
	fmt.Println(string(session.Claims), err)
	fmt.Println(string(signIn(ctx, m, "ada").Claims.Custom))
	// Output:
	// 1 <nil>
	// {"st-role":{"v":["admin"],"t":1700000000000}} <nil>
	// {"st-role":{"v":["admin"],"t":1700000000000}}
}

// A claim of one session is in its access tokens from the next one on.
func ExampleManager_MergeClaims() {
	ctx := context.Background()
	m := newManager(ctx)
	h := signIn(ctx, m, "ada").Session.Handle
	_, _, err := m.MergeClaims(ctx, h, json.RawMessage(`{"cart":"c-17"}`), nil)
	fmt.Println(err)
	grant, err := m.Token(ctx, h)
	fmt.Println(string(grant.Claims.Custom), err)
	// Output:
	// <nil>
	// {"cart":"c-17"} <nil>
}

// Data stays on the server. A version keeps two writers from losing what the
// other wrote.
func ExampleManager_PutData() {
	ctx := context.Background()
	m := newManager(ctx)
	h := signIn(ctx, m, "ada").Session.Handle
	data, err := m.Data(ctx, h)
	fmt.Println(string(data.JSON), data.Version, err)
	version, err := m.PutData(ctx, h, json.RawMessage(`{"step":2}`), &data.Version)
	fmt.Println(version, err)
	_, err = m.PutData(ctx, h, json.RawMessage(`{"step":3}`), &data.Version)
	fmt.Println(errors.Is(err, sessions.ErrConflict))
	// Output:
	// {} 0 <nil>
	// 1 <nil>
	// true
}

// After a change of password the session that changed it lives on.
func ExampleManager_RevokeOthers() {
	ctx := context.Background()
	m := newManager(ctx)
	phone, browser := signIn(ctx, m, "ada"), signIn(ctx, m, "ada")
	fmt.Println(m.RevokeOthers(ctx, browser.Session.Handle, "password changed"))
	_, err := m.Check(ctx, browser.Claims)
	fmt.Println(err)
	_, err = m.Check(ctx, phone.Claims)
	fmt.Println(errors.Is(err, sessions.ErrEnded))
	// Output:
	// <nil>
	// <nil>
	// true
}
