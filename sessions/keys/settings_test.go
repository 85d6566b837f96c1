package keys_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/keys"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// overtaken is a key store in which another command comes between what a
// command reads, or has read before, and the rest of it.
type overtaken struct {
	token.KeyStore
	other func()
}

func (o *overtaken) Load(ctx context.Context) (token.Records, error) {
	r, err := o.KeyStore.Load(ctx)
	other := o.other
	o.other = func() {}
	other()
	return r, err
}

// Who was told that all sessions have ended, or who configured another issuer
// or domain, may rely on it, whatever is commanded at that moment.
func TestSettingsSideBySide(t *testing.T) {
	commands := map[string]func(context.Context, *keys.Keeper) error{
		"issuer": func(ctx context.Context, k *keys.Keeper) error {
			return k.Configure(ctx, "https://b.example/auth", "b")
		},
		"end":    func(ctx context.Context, k *keys.Keeper) error { _, err := k.EndAll(ctx); return err },
		"domain": func(ctx context.Context, k *keys.Keeper) error { return k.SetCookieDomain(ctx, "b.example") },
		"keys":   func(ctx context.Context, k *keys.Keeper) error { _, err := k.ReplaceAll(ctx); return err },
	}
	for name, command := range commands {
		for otherName, other := range commands {
			if name == "keys" && otherName == "keys" {
				continue // one of them says that it has to be repeated
			}
			b := newBench(t)
			b.ok(b.Bootstrap(t.Context(), "https://a.example/auth", "a"))
			b.ok(b.SetCookieDomain(t.Context(), "a.example"))
			before := b.records().Settings
			b.clock = b.clock.Add(time.Hour)
			store := &overtaken{b.store, func() { b.ok(other(t.Context(), b.Keeper)) }}
			b.ok(command(t.Context(), b.over(store)))
			store.other()
			did := func(n string) bool { return n == name || n == otherName }
			want := before
			if did("issuer") {
				want.Issuer, want.APIID = "https://b.example/auth", "b"
			}
			if did("end") || did("keys") {
				want.NotBefore = b.clock.Add(time.Second)
			}
			if did("domain") {
				want.Cookies = token.CookieDomains{Present: "b.example", Replaced: [3]string{"a.example"}}
			}
			if got := b.records().Settings; got != want {
				t.Errorf("%s beside %s left %+v, want %+v", name, otherName, got, want)
			}
		}
	}
}

func TestReplacedCookieDomains(t *testing.T) {
	b := newBench(t)
	for _, c := range []struct{ told, replaced string }{
		{"", ""}, {"a.example", ""}, {".a.example", ""}, {"b.example", "a.example"}, {"", "b.example,a.example"},
		{"c.example", "b.example,a.example"}, {"a.example", "c.example,b.example"}, {"d.example", "a.example,c.example,b.example"},
		{"e.example", "d.example,a.example,c.example"}, {"e.example", "d.example,a.example,c.example"},
	} {
		b.ok(b.SetCookieDomain(t.Context(), c.told))
		got := b.records().Settings.Cookies
		want := token.CookieDomains{Present: strings.TrimPrefix(c.told, ".")}
		copy(want.Replaced[:], strings.Split(c.replaced, ","))
		if got != want {
			t.Errorf("after %q the domains are %+v, want %+v", c.told, got, want)
		}
	}
}
