package keys_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/keys"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// inUse returns the number of the key that makes refresh tokens.
func (b *bench) inUse() int {
	b.t.Helper()
	key, _ := token.ActiveMAC(b.records().MAC, b.clock)
	return key.Number
}

// A leaked key is retired by commands: another first, which everybody knows
// before it is used, and then that one for good, with its secret.
func TestLeakedMACKey(t *testing.T) {
	b := newBench(t)
	b.ok(b.Rotate(t.Context()))
	leaked := b.records().MAC[0]
	refused := func(when string) {
		t.Helper()
		if err := b.RevokeMAC(t.Context(), leaked.ID); !errors.Is(err, keys.ErrLastKey) || b.records().MAC[0].Revoked {
			t.Errorf("RevokeMAC %s = %v, want %v and the key as it was", when, err, keys.ErrLastKey)
		}
	}
	refused("of the only key")
	b.ok(b.RotateMAC(t.Context()))
	refused("before the other is used")
	b.clock = b.clock.Add(10*time.Minute - time.Second)
	refused("a second before the other is used")
	if n := b.inUse(); n != 1 {
		t.Errorf("key %d is used within ten minutes of the new one, want 1", n)
	}
	b.clock = b.clock.Add(time.Second)
	if n := b.inUse(); n != 2 {
		t.Errorf("key %d is used after ten minutes, want 2", n)
	}
	for range 2 { // again is no error
		b.ok(b.RevokeMAC(t.Context(), leaked.ID))
	}
	after := b.records().MAC
	if len(after) != 2 || !after[0].Revoked || after[0].Sealed != nil || after[1].Revoked || b.inUse() != 2 {
		t.Errorf("RevokeMAC left %+v, want the first key revoked without its secret", after)
	}
	if err := b.RevokeMAC(t.Context(), "nobody's"); !errors.Is(err, keys.ErrUnknownKey) {
		t.Errorf("RevokeMAC of no key = %v, want %v", err, keys.ErrUnknownKey)
	}
}

// What is sealed is random, of each key its own.
func TestMACSecretsAreRandom(t *testing.T) {
	b := newBench(t)
	b.ok(b.Rotate(t.Context()))
	b.ok(b.RotateMAC(t.Context()))
	sealer, seen := memory.NewSealer([32]byte{1}), map[string]bool{string(make([]byte, token.MACSize)): true}
	for _, key := range b.records().MAC {
		secret, err := sealer.Open(t.Context(), token.PurposeMAC, key.ID, key.Sealed)
		if err != nil || len(secret) != token.MACSize || seen[string(secret)] {
			t.Errorf("key %d has a secret of %d bytes, %v, want %d random ones", key.Number, len(secret), err, token.MACSize)
		}
		seen[string(secret)] = true
	}
}

// Numbers go on from the highest, and no id comes twice, also where a restored
// table has gaps or lost its last keys.
func TestMACKeysAreNeverNamesakes(t *testing.T) {
	b := newBench(t)
	b.ok(b.store.AddMACKey(t.Context(), token.MACKey{Number: 7, ID: "m7", Sealed: []byte{1}, ActiveFrom: b.clock}))
	b.ok(b.RotateMAC(t.Context()))
	lost := b.records().MAC
	if len(lost) != 2 || lost[1].Number != 8 {
		t.Fatalf("RotateMAC left %+v, want the key 8 beside 7", lost)
	}
	restored := newBench(t)
	b.ok(restored.store.AddMACKey(t.Context(), lost[0]))
	b.ok(restored.RotateMAC(t.Context()))
	if again := restored.records().MAC; len(again) != 2 || again[1].ID == lost[1].ID || len(again[1].ID) != 16 {
		t.Errorf("RotateMAC after a restore made %+v, want another random id than %s", again, lost[1].ID)
	}
}

// first is a key store in which another process adds each key a moment before,
// or which loses the answer and finds its own key in the way.
type first struct {
	token.KeyStore
	own bool
}

func (f first) AddMACKey(ctx context.Context, k token.MACKey) error {
	if !f.own {
		k.ID = "another"
	}
	if err := f.KeyStore.AddMACKey(ctx, k); err != nil {
		return err
	}
	return token.ErrExists
}

func (f first) AddSigningKey(ctx context.Context, k token.SigningKey) error {
	if !f.own {
		k.ID, k.ActiveFrom = "another", k.ActiveFrom.Add(time.Hour)
	}
	if err := f.KeyStore.AddSigningKey(ctx, k); err != nil {
		return err
	}
	return token.ErrExists
}

func TestRotateMACSaysWhenItDidNothing(t *testing.T) {
	for _, own := range []bool{false, true} {
		b := newBench(t)
		b.ok(b.Rotate(t.Context()))
		if err := b.over(first{b.store, own}).RotateMAC(t.Context()); errors.Is(err, token.ErrExists) == own || (err == nil) != own {
			t.Errorf("RotateMAC of which the key is there, its own: %v = %v", own, err)
		}
	}
}

// An emergency whose number another process takes leaves a stack with a key
// that signs all the same.
func TestRevokedSigningKeyIsReplaced(t *testing.T) {
	for _, own := range []bool{false, true} {
		b := newBench(t)
		b.ok(b.Rotate(t.Context()))
		leaked := b.records().Signing[0].ID
		keeper := b.over(&once{KeyStore: b.store, first: first{b.store, own}})
		b.ok(keeper.RevokeSigningKey(t.Context(), leaked))
		if active, ok := token.Active(b.records().Signing, b.clock); !ok || active.ID == leaked {
			t.Errorf("after an emergency %+v signs (%v), want another key", active, ok)
		}
		if err := b.RevokeSigningKey(t.Context(), "nobody's"); !errors.Is(err, keys.ErrUnknownKey) {
			t.Errorf("RevokeSigningKey of no key = %v, want %v", err, keys.ErrUnknownKey)
		}
	}
}

// once is a key store that is first for one key.
type once struct {
	token.KeyStore
	first first
	done  bool
}

func (o *once) AddSigningKey(ctx context.Context, k token.SigningKey) error {
	if o.done {
		return o.KeyStore.AddSigningKey(ctx, k)
	}
	o.done = true
	return o.first.AddSigningKey(ctx, k)
}

// After a restore no key of the backup means anything, and those that take
// over are used at once. It may be repeated.
func TestReplaceAll(t *testing.T) {
	b := newBench(t)
	b.ok(b.Rotate(t.Context()))
	b.ok(b.Rotate(t.Context()))
	b.ok(b.RotateMAC(t.Context()))
	b.clock = b.clock.Add(time.Hour)
	for range 2 {
		backup := b.records()
		from, err := b.ReplaceAll(t.Context())
		b.ok(err)
		after := b.records()
		signs, _ := token.Active(after.Signing, b.clock)
		if !from.Equal(b.clock.Add(time.Second)) || !after.Settings.NotBefore.Equal(from) ||
			signs.Number != len(backup.Signing)+1 || b.inUse() != len(backup.MAC)+1 {
			t.Errorf("ReplaceAll = %v with notBefore %v, and the keys %d and %d are used, want new ones at once", from, after.Settings.NotBefore, signs.Number, b.inUse())
		}
		if verify := token.Usable(after.Signing, b.clock, time.Hour); len(verify) != 1 {
			t.Errorf("%d keys verify, want the new one", len(verify))
		}
		for _, k := range after.MAC[:len(backup.MAC)] {
			if !k.Revoked || k.Sealed != nil {
				t.Errorf("key %d of the backup is %+v, want it revoked", k.Number, k)
			}
		}
	}
}
