package memory

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

var _ token.Sealer = (*Sealer)(nil)

// errSealed means that the sealed bytes do not open under the given purpose and
// id.
var errSealed = errors.New("memory: not sealed by this key for this purpose and id")

// Sealer is a token.Sealer that keeps its key in memory. It uses AES-256-GCM
// with a random nonce, and authenticates the purpose and the id with the
// secret.
type Sealer struct {
	aead cipher.AEAD
}

// NewSealer returns a Sealer with the key.
func NewSealer(key [32]byte) *Sealer {
	// Neither constructor fails for a key of this length.
	block, _ := aes.NewCipher(key[:])
	aead, _ := cipher.NewGCMWithRandomNonce(block)
	return &Sealer{aead}
}

// Seal implements token.Sealer.
func (s *Sealer) Seal(ctx context.Context, purpose, id string, secret []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.aead.Seal(nil, nil, secret, binding(purpose, id)), nil
}

// Open implements token.Sealer.
func (s *Sealer) Open(ctx context.Context, purpose, id string, sealed []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	secret, err := s.aead.Open(nil, nil, sealed, binding(purpose, id))
	if err != nil {
		return nil, fmt.Errorf("%w: %s %s", errSealed, purpose, id)
	}
	return secret, nil
}

// binding writes purpose and id such that no two pairs give the same text.
func binding(purpose, id string) []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(len(purpose)))
	b = append(b, purpose...)
	return append(b, id...)
}
