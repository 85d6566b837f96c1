package sessionstest

import (
	"context"
	"crypto/rand"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Keys are the keys of a Manager under test: one signs and one is for refresh
// tokens.
type Keys struct {
	signer *token.Signer

	mu       sync.Mutex
	settings token.Settings
	macs     map[string]token.MAC
	current  string
}

// NewKeys makes keys that sign with the algorithm.
func NewKeys(t testing.TB, a token.Algorithm) *Keys {
	t.Helper()
	key, err := token.Generate(a)
	if err != nil {
		t.Fatal(err)
	}
	kid, err := token.Thumbprint(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	signer, err := token.NewSigner(a, kid, key)
	if err != nil {
		t.Fatal(err)
	}
	k := &Keys{signer: signer, macs: make(map[string]token.MAC)}
	k.settings.Issuer = "https://api.example.com/auth"
	k.replaceMAC("m1")
	return k
}

// replaceMAC makes a new key and makes it the current one.
func (k *Keys) replaceMAC(id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	mac := token.MAC{ID: id}
	rand.Read(mac.Key[:])
	k.macs[id], k.current = mac, id
}

// lose forgets a key.
func (k *Keys) lose(id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.macs, id)
}

func (k *Keys) endAllBefore(at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.settings.NotBefore = at
}

// Signer implements sessions.Keys, as do the methods below.
func (k *Keys) Signer(context.Context) (*token.Signer, error) { return k.signer, nil }

// MAC only knows its own keys.
func (k *Keys) MAC(_ context.Context, id string) (token.MAC, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if id == "" {
		id = k.current
	}
	mac, found := k.macs[id]
	if !found {
		return token.MAC{}, token.ErrUnknownKey
	}
	return mac, nil
}

// Settings has an issuer.
func (k *Keys) Settings(context.Context) (token.Settings, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.settings, nil
}
