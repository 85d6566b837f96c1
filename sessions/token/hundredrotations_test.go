package token_test

import (
	"errors"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// hundredRotations runs signers and verifiers that load at different times
// through a hundred rotations. No good token is refused by any of them, and a
// token whose key is retired is refused by all from that second on.
func hundredRotations(t *testing.T) {
	w := newRotation(t)
	for len(w.records.Signing) < 100 {
		old := w.signAt(t, 0)
		w.rotate(t)
		next := w.records.Signing[len(w.records.Signing)-1]
		w.cross(t, next)
		w.retire(t, old, next.ActiveFrom.Add(lifetime+10*time.Minute))
	}
}

// rotation is several processes over one store.
type rotation struct {
	*bench
	rings     []*token.Keyring
	verifiers []*token.Verifier
}

func newRotation(t *testing.T) *rotation {
	w := &rotation{bench: newBench(t, token.EdDSA)}
	for range 3 {
		ring, verifier := newRing(t, w.store, w.now, 0)
		w.rings, w.verifiers = append(w.rings, ring), append(w.verifiers, verifier)
	}
	return w
}

// rotate does what the daily job does, twice.
func (w *rotation) rotate(t *testing.T) {
	t.Helper()
	before := len(w.records.Signing)
	for range 2 {
		number, from, due := token.Next(w.records.Signing, w.now(), week)
		if due {
			k, _ := newKey(t, token.EdDSA, number, from)
			must(t, w.AddSigningKey(t.Context(), k))
		}
	}
	if n := len(w.records.Signing) - before; n != 1 {
		t.Fatalf("the daily job, run twice, added %d keys, want 1", n)
	}
}

// stagger turns the clock to one second before at. Each process has loaded its
// keys at another time since 300 s before, and none loads until at is past.
func (w *rotation) stagger(t *testing.T, at time.Time) {
	t.Helper()
	for i, ring := range w.rings {
		w.advance(at.Add(-250 * time.Second).Add(time.Duration(i) * 77 * time.Second).Sub(w.now()))
		loads := w.loads.Load()
		_, err := ring.KeySet(t.Context())
		must(t, err)
		if n := w.loads.Load() - loads; n != 1 {
			t.Fatalf("process %d loaded %d times at %v, want once", i, n, w.now())
		}
	}
	w.advance(at.Add(-time.Second).Sub(w.now()))
}

// cross goes over the moment from which the next key signs. The last tokens of
// the key before it are good to their own end.
func (w *rotation) cross(t *testing.T, next token.SigningKey) {
	t.Helper()
	w.stagger(t, next.ActiveFrom)
	before, loads := w.active(t), w.loads.Load()
	last := w.sign(t)
	w.verify(t, last)
	w.advance(time.Second)
	w.verify(t, last)
	w.verify(t, w.sign(t))
	if n := w.loads.Load() - loads; n != 0 || before != next.Number-1 || w.active(t) != next.Number {
		t.Fatalf("keys %d, %d are active before and after the rotation to %d, with %d loads between; want it to need none",
			before, w.active(t), next.Number, n)
	}
	w.advance(lifetime - 2*time.Second)
	w.verify(t, last)
}

func (w *rotation) active(t *testing.T) int {
	t.Helper()
	k, ok := token.Active(w.records.Signing, w.now())
	if !ok {
		t.Fatal("no key is active")
	}
	return k.Number
}

// sign has every process sign a token.
func (w *rotation) sign(t *testing.T) (raws []string) {
	t.Helper()
	for i := range w.rings {
		raws = append(raws, w.signAt(t, i))
	}
	return raws
}

// verify has every process verify every token.
func (w *rotation) verify(t *testing.T, raws []string) {
	t.Helper()
	for i, v := range w.verifiers {
		for j, raw := range raws {
			if _, err := v.Verify(t.Context(), raw); err != nil {
				t.Fatalf("Verify at process %d of a token of process %d, key %d being active = %v, want nil", i, j, w.active(t), err)
			}
		}
	}
}

func (w *rotation) signAt(t *testing.T, process int) string {
	t.Helper()
	signer, err := w.rings[process].Signer(t.Context())
	must(t, err)
	raw, err := signer.Sign(w.claims())
	must(t, err)
	return raw
}

// retire goes over the moment from which the key of the old token is retired.
// Identify takes tokens whose own time is over, while their key is published.
func (w *rotation) retire(t *testing.T, old string, at time.Time) {
	t.Helper()
	for _, step := range []struct {
		moment time.Time
		want   error
	}{{at.Add(-time.Second), nil}, {at, token.ErrInvalid}, {at.Add(week / 2), token.ErrInvalid}} {
		if step.want == nil {
			w.stagger(t, at)
		} else {
			w.advance(step.moment.Sub(w.now()))
		}
		for i, v := range w.verifiers {
			if _, err := v.Identify(t.Context(), old); !errors.Is(err, step.want) {
				t.Fatalf("Identify of a token of a key retired at %v, at process %d, now %v = %v, want %v", at, i, w.now(), err, step.want)
			}
		}
	}
}
