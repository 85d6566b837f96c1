package token_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// What a keyring says of a MAC key follows from how old its keys are: within
// 300 s a key that is not there never was, since keys are known for ten minutes
// before they make tokens; of older keys nothing follows, but that what was
// revoked is over.
func TestMACKeys(t *testing.T) {
	over, unknown := []error{token.ErrUnknownKey}, []error{token.ErrUnavailable}
	for _, c := range []struct {
		name  string
		id    string
		age   time.Duration // of the keys at hand, when the store fails
		want  []error       // nil: the key
		not   error
		loads int64 // of 100 times that it is asked for
	}{
		{"the active one", "", 299 * time.Second, nil, nil, 0},
		{"one by its id", "m1", 299 * time.Second, nil, nil, 0},
		{"made up, keys are young", "stranger", 299 * time.Second, over, token.ErrUnavailable, 0},
		{"made up, keys are old", "stranger", 300 * time.Second, unknown, token.ErrUnknownKey, 1},
		{"made up, keys are older", "stranger", 599 * time.Second, unknown, token.ErrUnknownKey, 1},
		{"revoked, keys are young", "gone", 299 * time.Second, over, token.ErrUnavailable, 0},
		{"revoked, keys are old", "gone", 599 * time.Second, over, token.ErrUnavailable, 1},
		{"one by its id, keys are old", "m1", 599 * time.Second, nil, nil, 1},
		{"keys are too old", "m1", 600 * time.Second, unknown, token.ErrUnknownKey, 1},
		{"keys are too old, revoked", "gone", 600 * time.Second, unknown, token.ErrUnknownKey, 1},
		{"keys are too old, the active one", "", 600 * time.Second, unknown, token.ErrUnknownKey, 1},
	} {
		b := newBench(t, token.ES256)
		secret := [token.MACSize]byte{1, 2, 3}
		b.records.MAC[0].Sealed = secret[:]
		b.records.MAC = append(b.records.MAC, token.MACKey{Number: 2, ID: "gone", ActiveFrom: b.now(), Revoked: true})
		must2(b.ring.KeySet(t.Context()))(t)
		b.setDown(true)
		b.advance(c.age)
		before := b.loads.Load()
		for range 100 {
			m, err := b.ring.MAC(t.Context(), c.id)
			if c.want == nil && (err != nil || m.ID != "m1" || m.Key != secret) {
				t.Fatalf("MAC(%s) = %v, %v, want m1 and what is sealed in it", c.name, m, err)
			}
			if c.want != nil && (!errors.Is(err, c.want[0]) || errors.Is(err, c.not)) {
				t.Fatalf("MAC(%s) = %v, want %v and not %v", c.name, err, c.want[0], c.not)
			}
		}
		if n := b.loads.Load() - before; n > c.loads {
			t.Errorf("%s caused %d loads, want %d", c.name, n, c.loads)
		}
		// Old keys do not settle it, but one load does.
		if b.setDown(false); c.want != nil && c.want[0] == token.ErrUnavailable {
			b.records.MAC = append(b.records.MAC, token.MACKey{Number: 3, ID: "stranger", Sealed: secret[:], ActiveFrom: b.now()})
			b.advance(300 * time.Second)
			if _, err := b.ring.MAC(t.Context(), "stranger"); err != nil {
				t.Errorf("%s: MAC once the store answers = %v, want the key", c.name, err)
			}
		}
	}
}

// Ten minutes after something was revoked or ended, nobody goes by what was
// before, but access tokens are verified for a day without the store.
func TestOnlyRecentKeysAreGivenOut(t *testing.T) {
	b := newBench(t, token.ES256)
	raw := b.sign(t, b.claims())
	must2(b.ring.MAC(t.Context(), ""))(t)
	b.setDown(true)
	for _, c := range []struct {
		pass time.Duration
		want error
	}{{599 * time.Second, nil}, {time.Second, token.ErrUnavailable}, {45 * time.Minute, token.ErrUnavailable}} {
		b.advance(c.pass)
		_, errSigner := b.ring.Signer(t.Context())
		_, errMAC := b.ring.MAC(t.Context(), "")
		_, errSettings := b.ring.Settings(t.Context())
		for name, err := range map[string]error{"Signer": errSigner, "MAC": errMAC, "Settings": errSettings} {
			if !errors.Is(err, c.want) {
				t.Errorf("%s of keys that are %v older = %v, want %v", name, c.pass, err, c.want)
			}
		}
		if _, err := b.verifier.Verify(t.Context(), raw); err != nil {
			t.Errorf("Verify with keys that are %v older = %v, want nil", c.pass, err)
		}
		set, err := b.ring.KeySet(t.Context())
		if err != nil || set.Settings().Issuer != issuer {
			t.Errorf("KeySet that is %v older = %v, want it with its settings", c.pass, err)
		}
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
		r, err := token.NewKeyring(token.KeyringConfig{Store: b.store, Sealer: s, AccessLifetime: lifetime, Now: b.now})
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
	other := newKey(t, token.ES256, 1, b.now())
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
