package keys_test

import (
	"sync"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/keys"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// bench is a keeper over a store in memory, with a clock that is turned by hand.
type bench struct {
	*keys.Keeper
	t     *testing.T
	store token.KeyStore
	clock time.Time
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, store: memory.NewKeys(), clock: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	b.Keeper = b.over(b.store)
	return b
}

// over returns a keeper over another store.
func (b *bench) over(store token.KeyStore) *keys.Keeper { return b.by(token.ES256, store) }

// by returns a keeper that makes keys of that algorithm.
func (b *bench) by(a token.Algorithm, store token.KeyStore) *keys.Keeper {
	b.t.Helper()
	keeper, err := keys.New(keys.Config{
		Store: store, Sealer: memory.NewSealer([32]byte{1}), Algorithm: a, Every: 168 * time.Hour,
		Now: func() time.Time { return b.clock },
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return keeper
}

// ok reports an operation that failed.
func (b *bench) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) records() token.Records {
	b.t.Helper()
	r, err := b.Records(b.t.Context())
	b.ok(err)
	return r
}

func TestRotation(t *testing.T) {
	b := newBench(t)
	b.ok(b.Rotate(t.Context()))
	first := b.records()
	if len(first.Signing) != 1 || len(first.MAC) != 1 || !first.Signing[0].ActiveFrom.Equal(b.clock) {
		t.Fatalf("after the first run: %d signing keys, %d MAC keys, want one of each, active at once", len(first.Signing), len(first.MAC))
	}

	b.ok(b.Rotate(t.Context()))
	second := b.records()
	if len(second.Signing) != 2 || !second.Signing[1].ActiveFrom.Equal(b.clock.Add(168*time.Hour)) {
		t.Fatalf("after the second run: %d signing keys, want the next one a week ahead", len(second.Signing))
	}
	b.ok(b.Rotate(t.Context()))
	if got := len(b.records().Signing); got != 2 {
		t.Errorf("a run with nothing due left %d signing keys, want 2", got)
	}
	b.clock = b.clock.Add(1000 * time.Hour)
	b.ok(b.Rotate(t.Context()))
	if late := b.records().Signing; len(late) != 3 || !late[2].ActiveFrom.Equal(b.clock.Add(24*time.Hour)) {
		t.Errorf("a late run made %d signing keys, want a third one, a day ahead", len(late))
	}
}

// Another algorithm is for the next key that is made. The one that waits keeps
// its own; where it is revoked, the next one signs in a day, and what the key
// before it signed is good all along.
func TestAnotherAlgorithm(t *testing.T) {
	b := newBench(t)
	before := b.by(token.EdDSA, b.store)
	b.ok(before.Rotate(t.Context()))
	b.ok(before.Rotate(t.Context()))
	b.ok(b.Rotate(t.Context()))
	waiting := b.records().Signing
	if len(waiting) != 2 || waiting[1].Algorithm != token.EdDSA || !waiting[1].ActiveFrom.After(b.clock) {
		t.Fatalf("keys %+v, want the one that waits as it was", waiting)
	}
	b.ok(b.RevokeSigningKey(t.Context(), waiting[1].ID))
	b.ok(b.Rotate(t.Context()))
	for after, want := range map[time.Duration]token.Algorithm{24*time.Hour - time.Second: token.EdDSA, 24 * time.Hour: token.ES256} {
		now := b.clock.Add(after)
		signing, _ := token.Active(b.records().Signing, now)
		if usable := token.Usable(b.records().Signing, now, time.Hour); signing.Algorithm != want || len(usable) != 2 {
			t.Errorf("after %v keys of %s sign and %d are good, want %s and both", after, signing.Algorithm, len(usable), want)
		}
	}
}

func TestRunsSideBySideMakeOneKey(t *testing.T) {
	b := newBench(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if err := b.Rotate(t.Context()); err != nil {
				t.Errorf("Rotate = %v, want nil", err)
			}
		})
	}
	group.Wait()
	if r := b.records(); len(r.MAC) != 1 || len(r.Signing) < 1 || len(r.Signing) > 2 {
		t.Errorf("%d MAC keys and %d signing keys, want 1, and 1 with at most its successor", len(r.MAC), len(r.Signing))
	}
}

// A stack that is deployed again keeps its keys, and the end of all sessions.
func TestBootstrapAgain(t *testing.T) {
	b := newBench(t)
	b.ok(b.Bootstrap(t.Context(), "https://a.example/auth", "a"))
	notBefore, err := b.EndAll(t.Context())
	b.ok(err)
	before := b.records()
	b.ok(b.Bootstrap(t.Context(), "https://b.example/auth", "b"))
	after := b.records()
	want := token.Settings{Issuer: "https://b.example/auth", APIID: "b", NotBefore: notBefore}
	if after.Settings != want || after.Signing[0].ID != before.Signing[0].ID || len(after.MAC) != 1 {
		t.Errorf("Bootstrap again left %+v and %d MAC keys, want %+v and the keys there were", after.Settings, len(after.MAC), want)
	}
}
