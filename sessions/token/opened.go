package token

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"sync"
)

// The purposes that are told to a Sealer.
const (
	PurposeSigning = "signing"
	PurposeMAC     = "mac"
)

// opened keeps private keys that were opened, for as long as the process lives:
// secrets are immutable, and an id is never used again. No lock is held while
// the sealer is asked, so two callers who need a key at once both ask.
type opened struct {
	sealer Sealer

	mu      sync.Mutex
	signers map[string]*Signer
	macs    map[string]MAC
}

func newOpened(s Sealer) *opened {
	return &opened{sealer: s, signers: map[string]*Signer{}, macs: map[string]MAC{}}
}

// signer returns the signer of the record, or ErrUnavailable.
func (o *opened) signer(ctx context.Context, record SigningKey) (*Signer, error) {
	return remembered(&o.mu, o.signers, record.ID, func() (*Signer, error) {
		secret, err := o.open(ctx, PurposeSigning, record.ID, record.Sealed)
		if err != nil {
			return nil, err
		}
		s, err := ParseSigner(record.Algorithm, record.ID, secret)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		if !s.matches(record) {
			return nil, fmt.Errorf("%w: signing key %s does not belong to its public key", ErrUnavailable, record.ID)
		}
		return s, nil
	})
}

// mac returns the key of the record, or ErrUnavailable.
func (o *opened) mac(ctx context.Context, record MACKey) (MAC, error) {
	return remembered(&o.mu, o.macs, record.ID, func() (MAC, error) {
		secret, err := o.open(ctx, PurposeMAC, record.ID, record.Sealed)
		if err != nil {
			return MAC{}, err
		}
		if len(secret) != MACSize {
			return MAC{}, fmt.Errorf("%w: MAC key %s is not of %d bytes", ErrUnavailable, record.ID, MACSize)
		}
		return MAC{ID: record.ID, Key: [MACSize]byte(secret)}, nil
	})
}

// remembered returns what is known under the id, or makes it and keeps it.
func remembered[T any](mu *sync.Mutex, known map[string]T, id string, create func() (T, error)) (T, error) {
	mu.Lock()
	v, ok := known[id]
	mu.Unlock()
	if ok {
		return v, nil
	}
	v, err := create()
	if err != nil {
		return v, err
	}
	mu.Lock()
	defer mu.Unlock()
	known[id] = v
	return v, nil
}

func (o *opened) open(ctx context.Context, purpose, id string, sealed []byte) ([]byte, error) {
	if o.sealer == nil || len(sealed) == 0 {
		return nil, fmt.Errorf("%w: nothing to open %s key %s with", ErrUnavailable, purpose, id)
	}
	secret, err := o.sealer.Open(ctx, purpose, id, sealed)
	if err != nil {
		return nil, fmt.Errorf("%w: opening %s key %s: %w", ErrUnavailable, purpose, id, err)
	}
	return secret, nil
}

// matches reports whether the tokens of s verify with the record's public half.
func (s *Signer) matches(record SigningKey) bool {
	_, _, public, err := ParseJWK(record.Public)
	if err != nil {
		return false
	}
	own, ok := s.key.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && own.Equal(public)
}

// ParseSigner returns the signer of a private key in PKCS#8 form.
func ParseSigner(a Algorithm, kid string, pkcs8 []byte) (*Signer, error) {
	key, err := x509.ParsePKCS8PrivateKey(pkcs8)
	if err != nil {
		return nil, errors.New("token: not a private key in PKCS#8 form")
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("token: not a key that signs")
	}
	return NewSigner(a, kid, signer)
}
