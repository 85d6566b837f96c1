package token

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"sync"
)

// The purposes a Sealer is told.
const (
	PurposeSigning = "signing"
	PurposeMAC     = "mac"
)

// opened keeps private keys that were opened, each for as long as the process
// lives: records are immutable, and an id is never used again.
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
	o.mu.Lock()
	defer o.mu.Unlock()
	if s := o.signers[record.ID]; s != nil {
		return s, nil
	}
	secret, err := o.open(ctx, PurposeSigning, record.ID, record.Sealed)
	if err != nil {
		return nil, err
	}
	s, err := ParseSigner(record.Algorithm, record.ID, secret)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	o.signers[record.ID] = s
	return s, nil
}

// mac returns the key of the record, or ErrUnavailable.
func (o *opened) mac(ctx context.Context, record MACKey) (MAC, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if m, ok := o.macs[record.ID]; ok {
		return m, nil
	}
	secret, err := o.open(ctx, PurposeMAC, record.ID, record.Sealed)
	if err != nil {
		return MAC{}, err
	}
	if len(secret) != MACSize {
		return MAC{}, fmt.Errorf("%w: MAC key %s is not of %d bytes", ErrUnavailable, record.ID, MACSize)
	}
	m := MAC{ID: record.ID, Key: [MACSize]byte(secret)}
	o.macs[record.ID] = m
	return m, nil
}

func (o *opened) open(ctx context.Context, purpose, id string, sealed []byte) ([]byte, error) {
	if o.sealer == nil {
		return nil, fmt.Errorf("%w: no sealer to open %s key %s with", ErrUnavailable, purpose, id)
	}
	secret, err := o.sealer.Open(ctx, purpose, id, sealed)
	if err != nil {
		return nil, fmt.Errorf("%w: opening %s key %s: %w", ErrUnavailable, purpose, id, err)
	}
	return secret, nil
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
