package token_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

func TestMACKeys(t *testing.T) {
	b := newBench(t, token.ES256)
	current, err := b.ring.MAC(t.Context(), "")
	must(t, err)
	if byID, err := b.ring.MAC(t.Context(), "m1"); err != nil || byID.Key != current.Key || byID.ID != "m1" {
		t.Errorf("MAC(m1) = %v, %v, want the current one", byID, err)
	}
	must(t, b.AddMACKey(t.Context(), token.MACKey{Number: 2, ID: "m2", Sealed: []byte(strings.Repeat("2", 32)), Created: b.now()}))
	if m, err := b.ring.MAC(t.Context(), "m2"); err != nil || m.ID != "m2" || m.Key[0] != '2' {
		t.Errorf("MAC(added since the load) = %v, %v, want m2", m, err)
	}
	before := b.loads.Load()
	for range 100 {
		if _, err := b.ring.MAC(t.Context(), "stranger"); !errors.Is(err, token.ErrUnavailable) || !errors.Is(err, token.ErrUnknownKey) {
			t.Errorf("MAC(stranger) = %v, want %v and %v", err, token.ErrUnavailable, token.ErrUnknownKey)
		}
	}
	if n := b.loads.Load() - before; n > 1 {
		t.Errorf("%d loads for an unknown MAC key, want at most 1", n)
	}
	b.advance(idle + 25*time.Hour)
	if _, err := b.ring.MAC(t.Context(), "m1"); !errors.Is(err, token.ErrUnavailable) {
		t.Errorf("MAC(replaced long ago) = %v, want %v", err, token.ErrUnavailable)
	}
}

// failing is a sealer that opens nothing.
type failing struct{ open }

func (failing) Open(context.Context, string, string, []byte) ([]byte, error) { return nil, errDown }

// TestPrivateKeys: each is opened once, and whatever is wrong with it makes it
// unavailable.
func TestPrivateKeys(t *testing.T) {
	b := newBench(t, token.ES256)
	opens := new(atomic.Int64)
	ring := func(s token.Sealer) *token.Keyring {
		r, err := token.NewKeyring(token.KeyringConfig{Store: b.store, Sealer: s, AccessLifetime: lifetime, Idle: idle, Now: b.now})
		must(t, err)
		return r
	}
	once := ring(open{opens})
	for range 10 {
		must2(once.Signer(t.Context()))(t)
		must2(once.MAC(t.Context(), ""))(t)
		b.advance(time.Hour)
	}
	if n := opens.Load(); n != 2 {
		t.Errorf("two keys were opened %d times", n)
	}
	other, _ := newKey(t, token.ES256, 1, b.now())
	sound := b.records
	for name, c := range map[string]struct {
		sealer       token.Sealer
		signing, mac []byte
	}{
		"no sealer":          {nil, sound.Signing[0].Sealed, sound.MAC[0].Sealed},
		"sealer fails":       {failing{}, sound.Signing[0].Sealed, sound.MAC[0].Sealed},
		"nothing sealed":     {open{opens}, nil, nil},
		"garbage":            {open{opens}, []byte("garbage"), []byte("garbage")},
		"another's, 31 long": {open{opens}, other.Sealed, make([]byte, 31)},
	} {
		b.records.Signing[0].Sealed, b.records.MAC[0].Sealed = c.signing, c.mac
		r := ring(c.sealer)
		if _, err := r.Signer(t.Context()); !errors.Is(err, token.ErrUnavailable) {
			t.Errorf("Signer(%s) = %v, want %v", name, err, token.ErrUnavailable)
		}
		if _, err := r.MAC(t.Context(), ""); !errors.Is(err, token.ErrUnavailable) {
			t.Errorf("MAC(%s) = %v, want %v", name, err, token.ErrUnavailable)
		}
	}
}
