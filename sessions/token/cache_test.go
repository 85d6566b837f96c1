package token_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
	"github.com/latchkey-auth/latchkey/test/proof"
)

// hits fails unless the token is remembered: only then nothing is allocated.
func (b *bench) hits(t *testing.T, v *token.Verifier, raw string) {
	t.Helper()
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() { must2(v.Verify(ctx, raw))(t) }); n != 0 {
		t.Errorf("Verify of a token with %s that was verified before allocates %v times, want 0", b.record.Algorithm, n)
	}
}

// TestForgedTokensNeverEnter: only what passed every check is remembered, and
// it stays, however many others come.
func TestForgedTokensNeverEnter(t *testing.T) {
	size := proof.Scale(20_000, 1_000_000)
	for _, a := range algorithmNames() {
		b := newBench(t, a)
		_, small := newRing(t, b.store, b.now, 1) // two more would push it out
		good := b.sign(t, b.claims())
		must2(small.Verify(t.Context(), good))(t)
		b.hits(t, small, good)
		if a != token.EdDSA { // whose tokens are quickly forged
			continue
		}
		for i := range size {
			raw := b.forged(t, i, good)
			if _, err := small.Verify(t.Context(), raw); !errors.Is(err, token.ErrInvalid) {
				t.Fatalf("Verify(%.60s) = %v, want %v", raw, err, token.ErrInvalid)
			}
			if _, err := b.ring.MAC(t.Context(), fmt.Sprint("k", i)); !errors.Is(err, token.ErrUnknownKey) {
				t.Fatalf("MAC(k%d) = %v, want %v", i, err, token.ErrUnknownKey)
			}
		}
		b.hits(t, small, good)
	}
	proof.Report(t, "forged tokens of which none is remembered", size)
}

// forged makes up the token number i: of no form, of a form that is not ours,
// with another's signature, of a key that is not there; or signed with the
// right key, which only we can do, but of another issuer.
func (b *bench) forged(t *testing.T, i int, good string) string {
	switch i % 5 {
	case 0:
		return fmt.Sprint(i)
	case 1:
		return fmt.Sprintf("a%d.b.c", i)
	case 2:
		return encode(b.header()) + "." + encode(fmt.Sprint(i)) + good[strings.LastIndexByte(good, '.'):]
	case 3:
		header := strings.Replace(b.header(), b.record.ID, fmt.Sprint("k", i), 1)
		return encode(header) + good[strings.IndexByte(good, '.'):]
	}
	return b.forge(t, b.header(), strings.Replace(b.payload(t), issuer, fmt.Sprint("https://", i), 1))
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
	raw := b.sign(t, b.claims())
	b.add(newKey(t, token.ES256, 2, b.now()))
	b.advance(300 * time.Second)
	must2(b.verifier.Identify(t.Context(), raw))(t)
	b.setDown(true)
	for _, then := range []struct {
		pass time.Duration
		want error
	}{{after - 301*time.Second, nil}, {time.Second, token.ErrInvalid}, {24 * time.Hour, token.ErrUnavailable}} {
		b.advance(then.pass)
		if _, err := b.verifier.Identify(t.Context(), raw); !errors.Is(err, then.want) {
			t.Errorf("Identify after %v more = %v, want %v", then.pass, err, then.want)
		}
	}
}
