package token_test

import (
	"errors"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// process is one of several over one store.
type process struct {
	*token.Keyring
	*token.Verifier
}

func (p process) sign(t *testing.T, b *bench) string {
	t.Helper()
	signer, err := p.Signer(t.Context())
	must(t, err)
	raw, err := signer.Sign(b.claims())
	must(t, err)
	return raw
}

// hundredRotations runs signers and verifiers that load at different times
// through a hundred rotations. No good token is refused by any of them, and a
// token whose key is retired is refused by all from that second on: Identify
// takes tokens whose own time is over, while their key is published.
func hundredRotations(t *testing.T) {
	b := newBench(t, token.EdDSA)
	var all [3]process
	for i := range all {
		all[i].Keyring, all[i].Verifier = newRing(t, b.store, b.now, 0)
	}
	for len(b.records.Signing) < 100 {
		old, before := all[0].sign(t, b), len(b.records.Signing)
		for range 2 { // the daily job
			if number, from, due := token.Next(b.records.Signing, b.now(), week); due {
				k, _ := newKey(t, token.EdDSA, number, from)
				must(t, b.AddSigningKey(t.Context(), k))
			}
		}
		if n := len(b.records.Signing) - before; n != 1 {
			t.Fatalf("the daily job, run twice, added %d keys, want 1", n)
		}
		next := b.records.Signing[before]
		b.cross(t, all[:], next)
		b.stagger(t, all[:], next.ActiveFrom.Add(after))
		for _, step := range []struct {
			pass time.Duration
			want error
		}{{0, nil}, {time.Second, token.ErrInvalid}, {week / 2, token.ErrInvalid}} {
			b.advance(step.pass)
			for i, p := range all {
				if _, err := p.Identify(t.Context(), old); !errors.Is(err, step.want) {
					t.Fatalf("Identify of a token of a retired key at process %d, now %v = %v, want %v", i, b.now(), err, step.want)
				}
			}
		}
	}
}

// stagger turns the clock to one second before at. Each process has loaded its
// keys at another time since 300 s before, and none loads until at is past.
func (b *bench) stagger(t *testing.T, all []process, at time.Time) {
	t.Helper()
	for i, p := range all {
		b.advance(at.Add(-250 * time.Second).Add(time.Duration(i) * 77 * time.Second).Sub(b.now()))
		loads := b.loads.Load()
		must2(p.KeySet(t.Context()))(t)
		if n := b.loads.Load() - loads; n != 1 {
			t.Fatalf("process %d loaded %d times at %v, want once", i, n, b.now())
		}
	}
	b.advance(at.Add(-time.Second).Sub(b.now()))
}

// cross goes over the moment from which the next key signs, which needs no
// load. The last tokens of the key before it are good to their own end.
func (b *bench) cross(t *testing.T, all []process, next token.SigningKey) {
	t.Helper()
	b.stagger(t, all, next.ActiveFrom)
	var raws []string
	loads := b.loads.Load()
	for moment, number := range []int{next.Number - 1, next.Number} {
		if k, ok := token.Active(b.records.Signing, b.now()); !ok || k.Number != number {
			t.Fatalf("key %d is active at %v, want %d", k.Number, b.now(), number)
		}
		for _, p := range all {
			raws = append(raws, p.sign(t, b))
		}
		verifyAt(t, all, raws)
		b.advance(time.Duration(1-moment) * time.Second)
	}
	if n := b.loads.Load() - loads; n != 0 {
		t.Fatalf("the rotation to key %d needed %d loads, want none", next.Number, n)
	}
	b.advance(lifetime - 2*time.Second)
	verifyAt(t, all, raws[:len(all)])
}

func verifyAt(t *testing.T, all []process, raws []string) {
	t.Helper()
	for i, p := range all {
		for j, raw := range raws {
			if _, err := p.Verify(t.Context(), raw); err != nil {
				t.Fatalf("Verify at process %d of token %d = %v, want nil", i, j, err)
			}
		}
	}
}
