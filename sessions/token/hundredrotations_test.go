package token_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// hundredRotations runs signers and verifiers that load at different times
// through a hundred rotations: no good token is refused, and a token whose key
// is retired is, by all.
func hundredRotations(t *testing.T) {
	w := newRotation(t)
	refused := 0
	for len(w.records.Signing) < 100 {
		w.rotate(t)
		w.issued = append(w.issued, issued{w.sign(t, w.claims()), w.active(t)})
		for range 2 {
			w.advance(rand.N(84 * time.Hour))
			w.check(t)
		}
		refused += w.checkRetired(t)
	}
	if refused < 50 {
		t.Errorf("%d tokens of retired keys were tried, want at least 50", refused)
	}
}

// rotation is several processes over one store.
type rotation struct {
	*bench
	rings     []*token.Keyring
	verifiers []*token.Verifier
	issued    []issued
}

// issued is a token and the number of its key.
type issued struct {
	raw    string
	number int
}

func newRotation(t *testing.T) *rotation {
	w := &rotation{bench: newBench(t, token.EdDSA)}
	for range 3 {
		ring, verifier := newRing(t, w.store, w.now, 0)
		w.rings, w.verifiers = append(w.rings, ring), append(w.verifiers, verifier)
		w.advance(77 * time.Second)
		_, err := ring.KeySet(t.Context())
		must(t, err)
	}
	return w
}

func (w *rotation) active(t *testing.T) int {
	t.Helper()
	k, ok := token.Active(w.records.Signing, w.now())
	if !ok {
		t.Fatal("no key is active")
	}
	return k.Number
}

// rotate does what the daily job does, twice.
func (w *rotation) rotate(t *testing.T) {
	t.Helper()
	for range 2 {
		number, from, due := token.Next(w.records.Signing, w.now(), week)
		if due {
			k, _ := newKey(t, token.EdDSA, number, from)
			must(t, w.AddSigningKey(t.Context(), k))
		}
	}
}

// check has every process sign a token and every process verify it, at once
// and in the last second of its life.
func (w *rotation) check(t *testing.T) {
	t.Helper()
	var raws []string
	for _, ring := range w.rings {
		signer, err := ring.Signer(t.Context())
		must(t, err)
		raw, err := signer.Sign(w.claims())
		must(t, err)
		raws = append(raws, raw)
	}
	for _, pass := range []time.Duration{0, lifetime - time.Second} {
		w.advance(pass)
		for i, v := range w.verifiers {
			for _, raw := range raws {
				if _, err := v.Verify(t.Context(), raw); err != nil {
					t.Fatalf("Verify at process %d, key %d, %v on = %v, want nil", i, w.active(t), pass, err)
				}
			}
		}
	}
}

// checkRetired gives every process all tokens of keys that no longer verify,
// and returns how many there were.
func (w *rotation) checkRetired(t *testing.T) int {
	t.Helper()
	usable := token.Usable(w.records.Signing, w.now(), lifetime)
	n := 0
	for _, old := range w.issued {
		if slices.ContainsFunc(usable, func(k token.SigningKey) bool { return k.Number == old.number }) {
			continue
		}
		n++
		for i, v := range w.verifiers {
			if _, err := v.Identify(t.Context(), old.raw); !errors.Is(err, token.ErrInvalid) {
				t.Fatalf("Identify at process %d, key %d, now %d = %v, want %v", i, old.number, w.active(t), err, token.ErrInvalid)
			}
		}
	}
	w.issued = slices.DeleteFunc(w.issued, func(old issued) bool { return old.number < usable[0].Number })
	return n
}
