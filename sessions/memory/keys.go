package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

var _ token.KeyStore = (*Keys)(nil)

// Keys is a token.KeyStore. It is safe for concurrent use, and copies what
// goes in and out.
type Keys struct {
	mu      sync.Mutex
	records token.Records
}

// NewKeys returns an empty Keys.
func NewKeys() *Keys { return &Keys{} }

// Load implements token.KeyStore.
func (k *Keys) Load(ctx context.Context) (token.Records, error) {
	var r token.Records
	err := k.locked(ctx, func() error {
		r.Settings = k.records.Settings
		for _, s := range k.records.Signing {
			r.Signing = append(r.Signing, cloneSigning(s))
		}
		for _, m := range k.records.MAC {
			r.MAC = append(r.MAC, cloneMAC(m))
		}
		return nil
	})
	return r, err
}

// AddSigningKey implements token.KeyStore.
func (k *Keys) AddSigningKey(ctx context.Context, s token.SigningKey) error {
	return k.locked(ctx, func() error {
		i, taken := k.signing(s.Number)
		if taken {
			return token.ErrExists
		}
		k.records.Signing = slices.Insert(k.records.Signing, i, cloneSigning(s))
		return nil
	})
}

// RevokeSigningKey implements token.KeyStore.
func (k *Keys) RevokeSigningKey(ctx context.Context, number int) error {
	return k.locked(ctx, func() error {
		if i, found := k.signing(number); found {
			k.records.Signing[i].Revoked = true
		}
		return nil
	})
}

// AddMACKey implements token.KeyStore.
func (k *Keys) AddMACKey(ctx context.Context, m token.MACKey) error {
	return k.locked(ctx, func() error {
		i, taken := k.mac(m.Number)
		if taken {
			return token.ErrExists
		}
		k.records.MAC = slices.Insert(k.records.MAC, i, cloneMAC(m))
		return nil
	})
}

// RevokeMACKey implements token.KeyStore.
func (k *Keys) RevokeMACKey(ctx context.Context, number int) error {
	return k.locked(ctx, func() error {
		if i, found := k.mac(number); found {
			k.records.MAC[i].Revoked, k.records.MAC[i].Sealed = true, nil
		}
		return nil
	})
}

// SetIssuer implements token.KeyStore.
func (k *Keys) SetIssuer(ctx context.Context, issuer, apiID string) error {
	return k.locked(ctx, func() error {
		k.records.Settings.Issuer, k.records.Settings.APIID = issuer, apiID
		return nil
	})
}

// EndBefore implements token.KeyStore.
func (k *Keys) EndBefore(ctx context.Context, notBefore time.Time) error {
	return k.locked(ctx, func() error {
		if notBefore.After(k.records.Settings.NotBefore) {
			k.records.Settings.NotBefore = notBefore
		}
		return nil
	})
}

// SetCookieDomains implements token.KeyStore.
func (k *Keys) SetCookieDomains(ctx context.Context, were, become token.CookieDomains) error {
	return k.locked(ctx, func() error {
		if k.records.Settings.Cookies != were {
			return token.ErrExists
		}
		k.records.Settings.Cookies = become
		return nil
	})
}

func (k *Keys) locked(ctx context.Context, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return f()
}

func (k *Keys) signing(number int) (int, bool) {
	return slices.BinarySearchFunc(k.records.Signing, number, func(s token.SigningKey, n int) int {
		return cmp.Compare(s.Number, n)
	})
}

func (k *Keys) mac(number int) (int, bool) {
	return slices.BinarySearchFunc(k.records.MAC, number, func(m token.MACKey, n int) int {
		return cmp.Compare(m.Number, n)
	})
}

func cloneSigning(s token.SigningKey) token.SigningKey {
	s.Public, s.Sealed = bytes.Clone(s.Public), bytes.Clone(s.Sealed)
	return s
}

func cloneMAC(m token.MACKey) token.MACKey {
	m.Sealed = bytes.Clone(m.Sealed)
	return m
}
