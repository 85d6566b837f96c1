package accountstest

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

// Hasher stands in for argon2id in tests that its cost would dominate. It keeps
// passwords as they are, and counts what it was asked for. The zero value is
// ready for use.
type Hasher struct {
	Version string // of the parameters; hashes of another version are not current
	calls   atomic.Int64
}

var _ accounts.Hasher = (*Hasher)(nil)

// Hashes returns how many hashes were made, for Hash and Verify together.
func (h *Hasher) Hashes() int { return int(h.calls.Load()) }

// Hash implements accounts.Hasher.
func (h *Hasher) Hash(_ context.Context, password string) (accounts.Secret, error) {
	h.calls.Add(1)
	return accounts.Secret(h.Version + "$" + password), nil
}

// Verify implements accounts.Hasher.
func (h *Hasher) Verify(_ context.Context, hash accounts.Secret, password string) (bool, error) {
	h.calls.Add(1)
	_, of, ok := strings.Cut(string(hash), "$")
	if !ok {
		return false, accounts.ErrCorrupt
	}
	return of == password, nil
}

// Current implements accounts.Hasher.
func (h *Hasher) Current(hash accounts.Secret, _ string) bool {
	version, _, _ := strings.Cut(string(hash), "$")
	return version == h.Version
}

// Decoy implements accounts.Hasher. No password is empty.
func (h *Hasher) Decoy() accounts.Secret { return accounts.Secret(h.Version + "$") }
