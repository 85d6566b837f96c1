package token_test

import (
	"errors"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// TestHitAllocatesNothing: nor does a refusal that is told from the form.
func TestHitAllocatesNothing(t *testing.T) {
	for _, a := range algorithmNames() {
		b := newBench(t, a)
		raw, ctx := b.sign(t, b.claims()), t.Context()
		must2(b.verifier.Verify(ctx, raw))(t)
		if n := testing.AllocsPerRun(100, func() { must2(b.verifier.Verify(ctx, raw))(t) }); n != 0 {
			t.Errorf("a hit allocates %v times, want 0", n)
		}
	}
}

// TestHitIsJudgedAgain: what was verified is not good for ever, nor is an
// expired token that was identified good for anything more.
func TestHitIsJudgedAgain(t *testing.T) {
	b := newBench(t, token.ES256)
	raw := b.sign(t, b.claims())
	b.advance(lifetime - time.Second)
	must2(b.verifier.Verify(t.Context(), raw))(t)
	b.advance(time.Second)
	for range 3 {
		if _, err := b.verifier.Verify(t.Context(), raw); !errors.Is(err, token.ErrExpired) {
			t.Errorf("Verify(expired since) = %v, want %v", err, token.ErrExpired)
		}
		if c, err := b.verifier.Identify(t.Context(), raw); err != nil || c.Handle != "handle" {
			t.Errorf("Identify(expired) = %v, %v, want its claims", c, err)
		}
	}
}

// TestHitNeedsItsKey: a cached token goes with its key, at the moment that key
// retires, though the keys are not loaded again; and with the store for 24 h.
func TestHitNeedsItsKey(t *testing.T) {
	b := newBench(t, token.ES256)
	second, _ := newKey(t, token.ES256, 2, b.now())
	raw := b.sign(t, b.claims())
	must(t, b.AddSigningKey(t.Context(), second))
	b.advance(300 * time.Second)
	must2(b.verifier.Identify(t.Context(), raw))(t)
	b.setDown(true)
	b.advance(after - 301*time.Second)
	must2(b.verifier.Identify(t.Context(), raw))(t)
	b.advance(time.Second)
	if _, err := b.verifier.Identify(t.Context(), raw); !errors.Is(err, token.ErrInvalid) {
		t.Errorf("Identify(key retired) = %v, want %v", err, token.ErrInvalid)
	}
	b.advance(24 * time.Hour)
	if _, err := b.verifier.Identify(t.Context(), raw); !errors.Is(err, token.ErrUnavailable) {
		t.Errorf("Identify(keys of a day ago) = %v, want %v", err, token.ErrUnavailable)
	}
}
