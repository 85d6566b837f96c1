// Package hashing makes and checks the hashes of passwords, for the functions
// that need it. No other function links it.
//
// New hashes are made by argon2id. Hashes that other software made, by argon2id
// with other parameters or by bcrypt, verify too. They are replaced at the next
// sign-in.
package hashing

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

var _ accounts.Hasher = Hasher{}

// Hasher hashes by argon2id with its parameters. New makes one.
type Hasher struct {
	accounts.Argon2id
	slots chan struct{} // holds one element for every hash being made
}

// parallel is how many hashes a Hasher makes at a time. By the parameters in
// force each takes 19 MiB, and more at once would finish none of them sooner.
const parallel = 2

// New returns a Hasher that hashes with the parameters.
func New(a accounts.Argon2id) Hasher {
	return Hasher{Argon2id: a, slots: make(chan struct{}, parallel)}
}

// Default returns the Hasher in force: 19 MiB, 2 passes, 1 lane. Of the
// parameters that OWASP's Password Storage Cheat Sheet names, they take the least
// memory that still hashes in the time of the others.
func Default() Hasher {
	return New(accounts.Argon2id{Memory: 19 << 10, Passes: 2, Lanes: 1})
}

// Lengths of new hashes in bytes, as RFC 9106, section 4, recommends.
const (
	saltLength = 16
	keyLength  = 32
)

// Hash implements accounts.Hasher.
func (h Hasher) Hash(ctx context.Context, password string) (accounts.Secret, error) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return "", fmt.Errorf("%w: waiting to hash: %w", accounts.ErrUnavailable, ctx.Err())
	}
	salt := make([]byte, saltLength)
	rand.Read(salt)
	return h.Encode(salt, argon2.IDKey([]byte(password), salt, h.Passes, h.Memory, h.Lanes, keyLength)), nil
}

// Verify implements accounts.Hasher.
func (h Hasher) Verify(ctx context.Context, hash accounts.Secret, password string) (bool, error) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return false, fmt.Errorf("%w: waiting to verify: %w", accounts.ErrUnavailable, ctx.Err())
	}
	if accounts.IsBcrypt(hash) {
		return verifyBcrypt(hash, password)
	}
	a, salt, key, err := accounts.ParseArgon2id(hash)
	if err != nil {
		return false, err
	}
	derived := argon2.IDKey([]byte(password), salt, a.Passes, a.Memory, a.Lanes, uint32(len(key)))
	return subtle.ConstantTimeCompare(derived, key) == 1, nil
}

// verifyBcrypt compares by the first 72 bytes of the password, as all
// implementations of bcrypt do.
func verifyBcrypt(hash accounts.Secret, password string) (bool, error) {
	err := bcrypt.CompareHashAndPassword([]byte(hash), []byte(password))
	if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("%w: bcrypt hash", accounts.ErrCorrupt)
	}
	return true, nil
}

// bcryptReads is how many bytes of a password a bcrypt hash depends on.
const bcryptReads = 72

// Current implements accounts.Hasher. A bcrypt hash stays if the password is
// longer than bcrypt reads: a typing error beyond that must not become the
// password.
func (h Hasher) Current(hash accounts.Secret, password string) bool {
	if accounts.IsBcrypt(hash) {
		return len(password) > bcryptReads
	}
	of, salt, key, err := accounts.ParseArgon2id(hash)
	return err == nil && of == h.Argon2id && len(salt) == saltLength && len(key) == keyLength
}

// Decoy implements accounts.Hasher. Its key is all zero, and no password is
// known to give that.
func (h Hasher) Decoy() accounts.Secret {
	return h.Encode(make([]byte, saltLength), make([]byte, keyLength))
}
