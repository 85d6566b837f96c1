package hashing

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

// Two hashes are made at a time. What comes then waits, but not for longer
// than its caller.
func TestHashesAtOnceAreBounded(t *testing.T) {
	const password = "nine white owls"
	h := New(accounts.Argon2id{Memory: 64, Passes: 1, Lanes: 1})
	hash, err := h.Hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func(context.Context) error{
		"Hash":   func(ctx context.Context) error { _, err := h.Hash(ctx, password); return err },
		"Verify": func(ctx context.Context) error { _, err := h.Verify(ctx, hash, password); return err },
	} {
		synctest.Test(t, func(t *testing.T) {
			h.slots = make(chan struct{}, cap(h.slots))
			h.slots <- struct{}{}
			if err := call(t.Context()); err != nil || len(h.slots) != 1 {
				t.Errorf("%s beside another = %v, and %d go on", name, err, len(h.slots))
			}
			h.slots <- struct{}{}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := call(ctx); !errors.Is(err, accounts.ErrUnavailable) || !errors.Is(err, context.Canceled) {
				t.Errorf("%s that cannot wait = %v, want %v", name, err, accounts.ErrUnavailable)
			}
			done := make(chan error, 1)
			go func() { done <- call(t.Context()) }()
			synctest.Wait()
			if len(done) != 0 {
				t.Errorf("%s did not wait for two others", name)
			}
			<-h.slots
			if err := <-done; err != nil || len(h.slots) != 1 {
				t.Errorf("%s that waited = %v, and %d go on", name, err, len(h.slots))
			}
		})
	}
}
