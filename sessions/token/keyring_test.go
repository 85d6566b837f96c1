package token_test

import (
	"crypto"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// TestKeyringLoads counts the loads of one process as time passes and the
// store comes and goes. Every step asks many times.
func TestKeyringLoads(t *testing.T) {
	type step struct {
		pass  time.Duration
		down  bool
		loads int64 // in this step
		err   error
	}
	for name, steps := range map[string][]step{
		"up": {{0, false, 1, nil}, {299 * time.Second, false, 0, nil}, {time.Second, false, 1, nil}, {time.Hour, false, 1, nil}, {48 * time.Hour, false, 1, nil}},
		"down from the start": {
			{0, true, 1, token.ErrUnavailable}, {0, true, 0, token.ErrUnavailable}, {time.Second, true, 1, token.ErrUnavailable},
			{time.Second, false, 1, nil}, {299 * time.Second, true, 0, nil},
		},
		"down for a day": {
			{0, false, 1, nil}, {300 * time.Second, true, 1, nil}, {29 * time.Second, true, 0, nil}, {time.Second, true, 1, nil},
			{23*time.Hour + 54*time.Minute + 29*time.Second, true, 1, nil}, {time.Second, true, 1, token.ErrUnavailable},
			{time.Second, true, 1, token.ErrUnavailable}, {time.Second, false, 1, nil},
		},
		"down for a while":  {{0, false, 1, nil}, {time.Hour, true, 1, nil}, {30 * time.Second, false, 1, nil}, {299 * time.Second, false, 0, nil}},
		"clock turned back": {{0, false, 1, nil}, {-time.Hour, false, 1, nil}, {time.Minute, false, 0, nil}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, token.ES256)
			for i, s := range steps {
				b.advance(s.pass)
				b.setDown(s.down)
				before := b.loads.Load()
				for range 20 {
					if _, err := b.ring.KeySet(t.Context()); !errors.Is(err, s.err) || s.err != nil && !errors.Is(err, errDown) {
						t.Fatalf("step %d: KeySet = %v, want %v, and why for the log", i, err, s.err)
					}
				}
				if n := b.loads.Load() - before; n != s.loads {
					t.Errorf("step %d: %d loads, want %d", i, n, s.loads)
				}
			}
		})
	}
}

// TestUnsoundRecordsAreRefusedWhole: what cannot be read is no answer; the
// keys of before stay in force, and the log says so.
func TestUnsoundRecordsAreRefusedWhole(t *testing.T) {
	b := newBench(t, token.ES256)
	var log strings.Builder
	ring, err := token.NewKeyring(token.KeyringConfig{
		Store: b.store, AccessLifetime: lifetime, Now: b.now, Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	must(t, err)
	before, err := ring.KeySet(t.Context())
	must(t, err)
	b.records.Signing[0].Public = []byte(`{}`)
	b.advance(300 * time.Second)
	if after, err := ring.KeySet(t.Context()); after != before || err != nil {
		t.Errorf("KeySet = %p, %v, want %p as before", after, err, before)
	}
	if !strings.Contains(log.String(), "keys not loaded") {
		t.Errorf("log = %q", log.String())
	}
}

// TestEmptyStore: before the stack is set up nothing can be said of a token,
// and a moment after it is, everything can.
func TestEmptyStore(t *testing.T) {
	b := newBench(t, token.ES256)
	raw := b.sign(t, b.claims())
	full := b.records
	for name, records := range map[string]token.Records{
		"nothing": {}, "no settings": {Signing: full.Signing}, "no keys": {Settings: full.Settings},
	} {
		b.records = records
		ring, verifier := newRing(t, b.store, b.now, 0)
		if _, err := verifier.Verify(t.Context(), raw); !errors.Is(err, token.ErrUnavailable) {
			t.Errorf("Verify(%s) = %v, want %v", name, err, token.ErrUnavailable)
		}
		if _, err := ring.Signer(t.Context()); !errors.Is(err, token.ErrUnavailable) {
			t.Errorf("Signer(%s) = %v, want %v", name, err, token.ErrUnavailable)
		}
		b.records = full
		b.advance(time.Second)
		if _, err := verifier.Verify(t.Context(), raw); err != nil {
			t.Errorf("Verify(%s, then filled) = %v, want nil", name, err)
		}
	}
}

// signedBy returns a good token that is signed with the key under that id.
func (b *bench) signedBy(t *testing.T, id string, key crypto.Signer) string {
	t.Helper()
	signer, err := token.NewSigner(b.record.Algorithm, id, key)
	must(t, err)
	raw, err := signer.Sign(b.claims())
	must(t, err)
	return raw
}

// TestUnknownKey: it causes one load in 300 s, and that load counts.
func TestUnknownKey(t *testing.T) {
	b := newBench(t, token.ES256)
	must2(b.verifier.Verify(t.Context(), b.sign(t, b.claims())))(t)
	key, err := token.Generate(token.ES256)
	must(t, err)
	k := recordOf(t, token.ES256, key, 2, b.now())
	b.add(k)
	if _, err := b.verifier.Verify(t.Context(), b.signedBy(t, k.ID, key)); err != nil {
		t.Errorf("Verify(key added since the load) = %v, want nil", err)
	}
	const intervals = 50
	before := b.loads.Load()
	for range intervals * 30 {
		b.advance(10 * time.Second)
		if _, err := b.verifier.Verify(t.Context(), b.signedBy(t, "stranger", key)); !errors.Is(err, token.ErrInvalid) {
			t.Fatalf("Verify(unknown key) = %v, want %v", err, token.ErrInvalid)
		}
	}
	if n := b.loads.Load() - before; n > intervals+1 {
		t.Errorf("a flood of unknown keys caused %d loads in %d intervals", n, intervals)
	}
}

// TestUnknownKeyWhileDown: keys that are less than 300 s old settle that a
// token is not ours; of older ones nothing follows.
func TestUnknownKeyWhileDown(t *testing.T) {
	b := newBench(t, token.ES256)
	good, raw := b.sign(t, b.claims()), b.signedBy(t, "stranger", b.key)
	must2(b.verifier.Verify(t.Context(), good))(t)
	b.setDown(true)
	for _, want := range []error{token.ErrInvalid, token.ErrUnavailable} {
		for range 3 {
			if _, err := b.verifier.Verify(t.Context(), raw); !errors.Is(err, want) {
				t.Errorf("Verify(unknown key, down) = %v, want %v", err, want)
			}
			must2(b.verifier.Verify(t.Context(), good))(t)
		}
		b.advance(300 * time.Second)
	}
}

// TestGarbageLoadsNothing: not even a process that has no keys yet.
func TestGarbageLoadsNothing(t *testing.T) {
	b := newBench(t, token.ES256)
	empty := new(store)
	_, verifier := newRing(t, empty, b.now, 0)
	tried := 0
	for _, rows := range requirements(t, b) {
		for _, r := range rows {
			if token.LooksLikeOurs(r.raw) {
				continue
			}
			tried++
			if _, err := verifier.Verify(t.Context(), r.raw); !errors.Is(err, token.ErrInvalid) {
				t.Errorf("Verify(%s) without keys = %v, want %v", r.name, err, token.ErrInvalid)
			}
		}
	}
	if n := empty.loads.Load(); n != 0 || tried < 100 {
		t.Errorf("%d bits of garbage caused %d loads, want 0", tried, n)
	}
}

// TestNotBefore: it ends tokens that were issued before it, in a process that
// verified one within 300 s.
func TestNotBefore(t *testing.T) {
	b := newBench(t, token.ES256)
	issued, raw := b.now(), b.sign(t, b.claims())
	must2(b.verifier.Verify(t.Context(), raw))(t)
	for at, want := range map[time.Duration]error{
		-time.Second: nil, 0: nil, time.Millisecond: token.ErrInvalid, time.Hour: token.ErrInvalid,
	} {
		b.change(func(r *token.Records) { r.Settings.NotBefore = issued.Add(at) })
		b.advance(300 * time.Second)
		_, errVerify := b.verifier.Verify(t.Context(), raw)
		_, errIdentify := b.verifier.Identify(t.Context(), raw)
		if !errors.Is(errVerify, want) || !errors.Is(errIdentify, want) {
			t.Errorf("with notBefore %v after the token: Verify = %v, Identify = %v, want %v", at, errVerify, errIdentify, want)
		}
	}
}

// TestConfigurationFaults: all are reported together.
func TestConfigurationFaults(t *testing.T) {
	_, err := token.NewKeyring(token.KeyringConfig{AccessLifetime: 25 * time.Hour})
	for _, part := range []string{"store", "24 h"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("NewKeyring = %v, want %q in it", err, part)
		}
	}
	if _, err := token.NewKeyring(token.KeyringConfig{Store: new(store)}); err == nil {
		t.Error("NewKeyring without a lifetime of tokens = nil, want an error")
	}
	ring, _ := newRing(t, new(store), time.Now, 0)
	for name, cfg := range map[string]token.VerifierConfig{
		"nothing": {}, "no keys": {MaxLifetime: lifetime}, "no lifetime": {Keys: ring}, "negative lifetime": {Keys: ring, MaxLifetime: -1},
		"negative cache": {Keys: ring, MaxLifetime: lifetime, CacheSize: -1},
	} {
		if v, err := token.NewVerifier(cfg); err == nil || v != nil {
			t.Errorf("NewVerifier(%s) = %v, %v, want an error", name, v, err)
		}
	}
	if _, err := token.ParseAlgorithm("rs256"); err == nil {
		t.Error("ParseAlgorithm(rs256) = nil, want an error")
	}
	if _, err := token.Generate("HS256"); err == nil {
		t.Error("Generate(HS256) = nil, want an error")
	}
}

// TestConcurrentUse is for the race detector.
func TestConcurrentUse(t *testing.T) {
	b := newBench(t, token.ES256)
	raw := b.sign(t, b.claims())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				b.advance(time.Second)
				must2(b.verifier.Verify(t.Context(), raw))(t)
				must2(b.ring.Signer(t.Context()))(t)
				must2(b.ring.MAC(t.Context(), "m1"))(t)
			}
		})
	}
	wg.Wait()
}

// must2 fails the test if a call of two results did.
func must2[T any](_ T, err error) func(testing.TB) {
	return func(t testing.TB) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
}
