package keys_test

import (
	"crypto"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

func generated(t *testing.T) (crypto.Signer, string) {
	t.Helper()
	key, err := token.Generate(token.ES256)
	if err != nil {
		t.Fatal(err)
	}
	kid, err := token.Thumbprint(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return key, kid
}

// active returns the id of the key that signs now.
func (b *bench) active(t *testing.T) string {
	t.Helper()
	records, err := b.store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	key, _ := token.Active(records.Signing, b.clock)
	return key.ID
}

func TestImport(t *testing.T) {
	b := newBench(t)
	if err := b.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	key, kid := generated(t)
	for range 2 { // again is no error
		if err := b.Import(t.Context(), token.ES256, key); err != nil {
			t.Fatalf("Import = %v", err)
		}
		if got := b.active(t); got != kid {
			t.Errorf("active key after Import = %s, want %s", got, kid)
		}
	}
	next, nextID := generated(t)
	b.clock = b.clock.Add(time.Second)
	if err := b.Import(t.Context(), token.ES256, next); err != nil {
		t.Fatal(err)
	}
	if err := b.Import(t.Context(), token.ES256, key); err == nil || b.active(t) != nextID {
		t.Errorf("Import of a key of before = %v and %s signs, want an error and %s", err, b.active(t), nextID)
	}
}

// Who wants this key to sign is told if another process came first.
func TestImportThatCameSecond(t *testing.T) {
	b := newBench(t)
	key, kid := generated(t)
	if err := b.over(first{b.store, false}).Import(t.Context(), token.ES256, key); err == nil || b.active(t) == kid {
		t.Errorf("Import = %v and %s signs, want an error and not %s", err, b.active(t), kid)
	}
}
