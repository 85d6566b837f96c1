package rotatekeys_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-auth/latchkey/internal/awsclient"
	"github.com/latchkey-auth/latchkey/internal/rotatekeys"
	"github.com/latchkey-auth/latchkey/sessions/keys"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

const timeout = 30 * time.Second // of the function

// fault says which calls to the table or to KMS fail: from number `from` on,
// counted from 0, as many as there are to be.
type fault struct {
	from, many int
	applied    bool // the call is made, and its answer lost
	hung       bool // until the client gives up
	calls      int
}

func (f *fault) call(ctx context.Context, do func() error) error {
	n := f.calls
	f.calls++
	failing := n >= f.from && n < f.from+f.many
	if failing && f.hung {
		ctx, cancel := context.WithTimeout(ctx, awsclient.Budget)
		defer cancel()
		<-ctx.Done()
		return fmt.Errorf("%w: %w", errDown, ctx.Err())
	}
	if failing && !f.applied {
		return errDown
	}
	if err := do(); err != nil || !failing {
		return err
	}
	return errDown
}

// shaky is a key store, and shakyKMS what seals, with calls that fail.
type shaky struct {
	token.KeyStore
	*fault
}

func (s shaky) Load(ctx context.Context) (r token.Records, err error) {
	err = s.call(ctx, func() error { r, err = s.KeyStore.Load(ctx); return err })
	return r, err
}

func (s shaky) AddSigningKey(ctx context.Context, k token.SigningKey) error {
	return s.call(ctx, func() error { return s.KeyStore.AddSigningKey(ctx, k) })
}

func (s shaky) RevokeSigningKey(ctx context.Context, n int) error {
	return s.call(ctx, func() error { return s.KeyStore.RevokeSigningKey(ctx, n) })
}

func (s shaky) AddMACKey(ctx context.Context, k token.MACKey) error {
	return s.call(ctx, func() error { return s.KeyStore.AddMACKey(ctx, k) })
}

func (s shaky) RevokeMACKey(ctx context.Context, n int) error {
	return s.call(ctx, func() error { return s.KeyStore.RevokeMACKey(ctx, n) })
}

func (s shaky) SetIssuer(ctx context.Context, issuer, apiID string) error {
	return s.call(ctx, func() error { return s.KeyStore.SetIssuer(ctx, issuer, apiID) })
}

func (s shaky) EndBefore(ctx context.Context, notBefore time.Time) error {
	return s.call(ctx, func() error { return s.KeyStore.EndBefore(ctx, notBefore) })
}

func (s shaky) SetCookieDomains(ctx context.Context, were, become token.CookieDomains) error {
	return s.call(ctx, func() error { return s.KeyStore.SetCookieDomains(ctx, were, become) })
}

type shakyKMS struct {
	token.Sealer
	*fault
}

func (s shakyKMS) Seal(ctx context.Context, purpose, id string, secret []byte) (sealed []byte, err error) {
	err = s.call(ctx, func() error { sealed, err = s.Sealer.Seal(ctx, purpose, id, secret); return err })
	return sealed, err
}

// command is an event, and what must be so once it was answered without error.
type command struct {
	name  string
	calls int // at least
	event func(before token.Records) string
	done  func(before, after token.Records) bool
	bare  bool // on a stack that has no keys yet
}

func commands() []command {
	always := func(event string) func(token.Records) string {
		return func(token.Records) string { return event }
	}
	usable := func(_, r token.Records) bool { return len(r.Signing) >= 1 && len(r.Signing) <= 2 && len(r.MAC) == 1 }
	return []command{
		{"the first run", 6, always(scheduled), usable, true},
		{"a later run", 4, always(scheduled), func(_, r token.Records) bool { return len(r.Signing) == 2 && len(r.MAC) == 1 }, false},
		{"the first configuration", 8, always(`{"action":"configure","issuer":"https://a.example/auth","apiId":"a"}`), func(b, r token.Records) bool {
			return usable(b, r) && r.Settings.Issuer == "https://a.example/auth" && r.Settings.APIID == "a"
		}, true},
		// A run whose answer was lost is made again, and one key more is harmless.
		{"another MAC key", 4, always(`{"action":"rotate-mac"}`), func(b, r token.Records) bool {
			return len(r.MAC) > len(b.MAC) && len(r.MAC) <= len(b.MAC)+2
		}, false},
		{"a MAC key that has leaked", 3, func(b token.Records) string {
			return `{"action":"revoke-mac","id":"` + b.MAC[0].ID + `"}`
		}, func(_, r token.Records) bool {
			return r.MAC[0].Revoked && r.MAC[0].Sealed == nil && len(r.MAC) == 2 && !r.MAC[1].Revoked
		}, false},
		{"a restored table", 8, always(`{"action":"replace-all-keys"}`), func(b, r token.Records) bool {
			signs, _ := token.Active(r.Signing, r.Signing[len(r.Signing)-1].ActiveFrom)
			return r.Settings.NotBefore.After(b.Settings.NotBefore) && onlyLast(r) && signs.Number > len(b.Signing)
		}, false},
		{"a key that has leaked", 6, func(b token.Records) string {
			return `{"action":"revoke-signing-key","kid":"` + b.Signing[0].ID + `"}`
		}, func(_, r token.Records) bool {
			return r.Signing[0].Revoked && len(r.Signing) == 2 && !r.Signing[1].Revoked
		}, false},
		{"the end of all sessions", 2, always(`{"action":"end-all-sessions"}`), func(b, r token.Records) bool {
			return r.Settings.NotBefore.After(b.Settings.NotBefore) && r.Settings.Issuer == b.Settings.Issuer
		}, false},
	}
}

// onlyLast reports whether the last key of each kind is all that is not revoked.
func onlyLast(r token.Records) bool {
	for i, k := range r.Signing {
		if k.Revoked == (i == len(r.Signing)-1) {
			return false
		}
	}
	for i, k := range r.MAC {
		if k.Revoked == (i == len(r.MAC)-1) || k.Revoked == (k.Sealed != nil) {
			return false
		}
	}
	return true
}

// TestEveryCallFails loses each call of each command, its request or its
// answer, or lets it hang, alone or with all that follow it. The command then
// fails in the time that the function has, no key is there that cannot be
// opened, and the same command succeeds afterwards.
func TestEveryCallFails(t *testing.T) {
	for _, c := range commands() {
		whole := &fault{}
		c.try(t, whole)
		if whole.calls < c.calls {
			t.Errorf("%s made %d calls, want %d at least", c.name, whole.calls, c.calls)
		}
		for from := range whole.calls {
			for _, many := range []int{1, math.MaxInt32} {
				c.try(t, &fault{from: from, many: many})
				c.try(t, &fault{from: from, many: many, applied: true})
				synctest.Test(t, func(t *testing.T) { c.try(t, &fault{from: from, many: many, hung: true}) })
			}
		}
	}
}

func (c command) try(t *testing.T, f *fault) {
	t.Helper()
	b := newBench(t)
	if !c.bare {
		b.send(t, `{"action":"configure","issuer":"https://b.example/auth","apiId":"b"}`)
		if strings.Contains(c.name, "MAC key that has leaked") {
			b.send(t, `{"action":"rotate-mac"}`)
			b.clock = b.clock.Add(10 * time.Minute)
		}
	}
	before := b.records(t)
	event := c.event(before)
	h := b.shaken(t, f)
	began := time.Now()
	if out, err := h.Invoke(t.Context(), []byte(event)); f.many > 0 && (err == nil || !errors.Is(err, errDown) || len(out) > 0) {
		t.Errorf("%s with %+v = %q, %v, want its cause", c.name, *f, out, err)
	}
	if took := time.Since(began); f.hung && took >= timeout {
		t.Errorf("%s with %+v took %v, want less than %v", c.name, *f, took, timeout)
	}
	b.opens(t, c.name)
	if f.many > 0 {
		b.send(t, event)
	}
	b.opens(t, c.name)
	if after := b.records(t); !c.done(before, after) {
		t.Errorf("%s after %+v left %d signing keys, %d MAC keys, %+v", c.name, *f, len(after.Signing), len(after.MAC), after.Settings)
	}
}

// shaken is the function over the same store, with calls that fail.
func (b *bench) shaken(t *testing.T, f *fault) rotatekeys.Handler {
	t.Helper()
	cfg := b.config()
	cfg.Store, cfg.Sealer = shaky{b.store, f}, shakyKMS{cfg.Sealer, f}
	keeper, err := keys.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return rotatekeys.Handler{Keeper: keeper, Now: b.Now, Pause: b.Pause}
}

// opens asserts that every key there is can be opened: none was half written.
func (b *bench) opens(t *testing.T, when string) {
	t.Helper()
	r, sealer := b.records(t), b.config().Sealer
	for _, k := range r.Signing {
		if _, err := sealer.Open(t.Context(), token.PurposeSigning, k.ID, k.Sealed); err != nil || !strings.Contains(string(k.Public), k.ID) {
			t.Errorf("%s: signing key %d does not open: %v", when, k.Number, err)
		}
	}
	for _, k := range r.MAC {
		if k.Revoked {
			continue
		}
		if _, err := sealer.Open(t.Context(), token.PurposeMAC, k.ID, k.Sealed); err != nil {
			t.Errorf("%s: MAC key %d does not open: %v", when, k.Number, err)
		}
	}
}
