package keys_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/keys"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

var errDown = errors.New("down")

// failing is a store and a sealer whose call fails that has number at.
type failing struct {
	token.KeyStore
	token.Sealer
	calls, at int
}

func (f *failing) err() error {
	if f.calls++; f.calls == f.at {
		return errDown
	}
	return nil
}

func (f *failing) Load(ctx context.Context) (token.Records, error) {
	if err := f.err(); err != nil {
		return token.Records{}, err
	}
	return f.KeyStore.Load(ctx)
}

func (f *failing) AddSigningKey(ctx context.Context, k token.SigningKey) error {
	return errors.Join(f.err(), f.KeyStore.AddSigningKey(ctx, k))
}

func (f *failing) SetCookieDomains(ctx context.Context, were, become token.CookieDomains) error {
	return errors.Join(f.err(), f.KeyStore.SetCookieDomains(ctx, were, become))
}

func (f *failing) Seal(ctx context.Context, purpose, id string, secret []byte) ([]byte, error) {
	sealed, err := f.Sealer.Seal(ctx, purpose, id, secret)
	return sealed, errors.Join(f.err(), err)
}

// What fails of a command is told, whichever call it is.
func TestFaultsAreTold(t *testing.T) {
	key, _ := generated(t)
	for name, command := range map[string]func(*keys.Keeper) error{
		"Import":          func(k *keys.Keeper) error { return k.Import(t.Context(), token.ES256, key) },
		"SetCookieDomain": func(k *keys.Keeper) error { return k.SetCookieDomain(t.Context(), "a.example") },
	} {
		for at := 1; ; at++ {
			f := &failing{KeyStore: memory.NewKeys(), Sealer: memory.NewSealer([32]byte{1}), at: at}
			keeper, err := keys.New(keys.Config{Store: f, Sealer: f, Algorithm: token.ES256, Every: time.Hour, Now: time.Now})
			if err != nil {
				t.Fatal(err)
			}
			err = command(keeper)
			if f.calls < at {
				break
			}
			if !errors.Is(err, errDown) {
				t.Errorf("%s whose call %d fails = %v, want %v", name, at, err, errDown)
			}
		}
	}
}

func TestNewNeedsEverything(t *testing.T) {
	store, sealer := memory.NewKeys(), memory.NewSealer([32]byte{1})
	for name, cfg := range map[string]keys.Config{
		"store":    {Sealer: sealer, Every: time.Hour, Now: time.Now},
		"sealer":   {Store: store, Every: time.Hour, Now: time.Now},
		"interval": {Store: store, Sealer: sealer, Now: time.Now},
		"clock":    {Store: store, Sealer: sealer, Every: time.Hour},
	} {
		if _, err := keys.New(cfg); err == nil {
			t.Errorf("New without a %s = nil, want an error", name)
		}
	}
}
