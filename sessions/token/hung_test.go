package token_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// hang runs a test in a bubble whose clock moves when everybody waits, with a
// keyring over a store. Once it hangs, it answers only when told to.
func hang(t *testing.T, test func(t *testing.T, b *bench, release chan struct{})) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, token.ES256)
		b.ring, _ = newRing(t, b.store, time.Now, 0)
		test(t, b, make(chan struct{}))
	})
}

// hang makes the store answer only once it is released.
func (s *store) hang(release <-chan struct{}) {
	s.answer = func(ctx context.Context, r token.Records) (token.Records, error) {
		select {
		case <-release:
			return r, nil
		case <-ctx.Done():
			return token.Records{}, ctx.Err()
		}
	}
}

// took fails unless KeySet takes that long and returns that error.
func took(t *testing.T, ring *token.Keyring, want time.Duration, wantErr error) {
	t.Helper()
	start := time.Now()
	_, err := ring.KeySet(t.Context())
	if d := time.Since(start); d != want || !errors.Is(err, wantErr) {
		t.Errorf("KeySet = %v after %v, want %v after %v", err, d, wantErr, want)
	}
}

// TestHungStoreHoldsUpNobodyWithKeys: with keys younger than 300 s nobody
// waits; with older ones for half a second at most, and once for each load.
func TestHungStoreHoldsUpNobodyWithKeys(t *testing.T) {
	hang(t, func(t *testing.T, b *bench, release chan struct{}) {
		took(t, b.ring, 0, nil)
		b.hang(release)
		time.Sleep(299 * time.Second)
		took(t, b.ring, 0, nil)
		time.Sleep(time.Second)
		took(t, b.ring, 500*time.Millisecond, nil)
		took(t, b.ring, 0, nil)
		time.Sleep(29 * time.Second)
		took(t, b.ring, 0, nil)
		if n := b.loads.Load(); n != 2 {
			t.Errorf("%d loads, want 2", n)
		}
		time.Sleep(time.Second)
		took(t, b.ring, 500*time.Millisecond, nil)
		time.Sleep(24 * time.Hour)
		took(t, b.ring, 5*time.Second, token.ErrUnavailable)
	})
}

// TestHungStoreEndsForThoseWithout: a cold process gives up after five
// seconds, or when its caller does.
func TestHungStoreEndsForThoseWithout(t *testing.T) {
	hang(t, func(t *testing.T, b *bench, release chan struct{}) {
		b.hang(release)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if _, err := b.ring.KeySet(ctx); !errors.Is(err, token.ErrUnavailable) || time.Since(start) != time.Second {
			t.Errorf("KeySet(a second's context) = %v after %v", err, time.Since(start))
		}
		took(t, b.ring, 4*time.Second, token.ErrUnavailable)
		if n := b.loads.Load(); n != 1 {
			t.Errorf("%d loads, want 1", n)
		}
	})
}

// TestOneLoadAtATime: all who come while a load is under way wait for it, and
// one who goes away takes it from nobody.
func TestOneLoadAtATime(t *testing.T) {
	hang(t, func(t *testing.T, b *bench, release chan struct{}) {
		b.hang(release)
		first, leave := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		var unavailable, served atomic.Int64
		ask := func(ctx context.Context) {
			if _, err := b.ring.KeySet(ctx); err != nil {
				unavailable.Add(1)
			} else {
				served.Add(1)
			}
		}
		wg.Go(func() { ask(first) })
		synctest.Wait()
		for range 100 {
			wg.Go(func() { ask(t.Context()) })
		}
		synctest.Wait()
		leave()
		synctest.Wait()
		close(release)
		wg.Wait()
		if b.loads.Load() != 1 || served.Load() != 100 || unavailable.Load() != 1 {
			t.Errorf("%d loads served %d and failed %d, want 1, 100 and 1", b.loads.Load(), served.Load(), unavailable.Load())
		}
	})
}

// TestFreshKeysAfterASleep: a sandbox that slept for hours takes what the
// store says now, not what it knew.
func TestFreshKeysAfterASleep(t *testing.T) {
	hang(t, func(t *testing.T, b *bench, release chan struct{}) {
		took(t, b.ring, 0, nil)
		b.change(func(r *token.Records) { r.Signing[0].Revoked = true })
		time.Sleep(5 * time.Hour)
		set, err := b.ring.KeySet(t.Context())
		must(t, err)
		if got := string(set.JWKS()); got != `{"keys":[]}` {
			t.Errorf("JWKS after the sleep = %s, want none", got)
		}
	})
}

// TestPanicInALoad costs no more than an error does.
func TestPanicInALoad(t *testing.T) {
	b := newBench(t, token.ES256)
	for range 3 {
		if _, err := b.ring.KeySet(t.Context()); err != nil {
			t.Errorf("KeySet = %v, want nil", err)
		}
		b.answer = func(context.Context, token.Records) (token.Records, error) { panic("a bad record") }
		b.advance(300 * time.Second)
	}
	b.advance(24 * time.Hour)
	if _, err := b.ring.KeySet(t.Context()); !errors.Is(err, token.ErrUnavailable) {
		t.Errorf("KeySet = %v, want %v", err, token.ErrUnavailable)
	}
}
