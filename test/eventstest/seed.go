// Package eventstest is what the tests that feed the event files have in
// common: the sessions of which the files speak, and how an answer is held
// against the one beside its file.
package eventstest

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

// life is how long Ada's sessions last, in both respects.
const life = 48 * time.Hour

// Seed gives Ada, of whom the files speak, a live session and a revoked one,
// both started at now.
func Seed(ctx context.Context, store sessions.Store, now time.Time) error {
	live, gone := handles()
	return errors.Join(
		store.Create(ctx, session(live, now)),
		store.Create(ctx, session(gone, now)),
		store.Revoke(ctx, gone, now, "test"),
	)
}

// handles are those in the files. The id of the live session counts up from 0,
// that of the revoked one from 16.
func handles() (live, gone sessions.Handle) {
	user := sessions.KeyOf("public", "ada")
	copy(live[:], user[:])
	copy(gone[:], user[:])
	for i := range live[len(user):] {
		live[len(user)+i], gone[len(user)+i] = byte(i), byte(i+16)
	}
	return live, gone
}

func session(handle sessions.Handle, now time.Time) sessions.Session {
	return sessions.Session{
		Handle: handle, Tenant: "public", User: "ada", RecipeUser: "ada", State: sessions.Live, Hash: [32]byte{1}, MACKey: "m1",
		Created: now, Idle: now.Add(life), Absolute: now.Add(life),
		Claims: json.RawMessage(`{"plan":"pro"}`), ClaimsVersion: 1, Device: "curl/8.5.0",
	}
}
