package accounts

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Hasher makes and checks hashes of passwords. Its methods may be called
// concurrently.
type Hasher interface {
	// Hash returns a hash of the password with a salt of its own.
	Hash(password string) Secret
	// Verify reports whether the hash is one of the password, in a time that
	// does not depend on the answer. It returns ErrCorrupt if it is no hash.
	Verify(hash Secret, password string) (bool, error)
	// Current reports whether Hash would make one of the same strength.
	Current(hash Secret) bool
	// Decoy returns a hash of no known password, for Verify to take as long
	// over as over one that Hash made.
	Decoy() Secret
}

// Argon2id hashes by argon2id (RFC 9106). Its hashes are strings in the PHC
// format, which hold the parameters and the salt, so that hashes of older
// parameters still verify.
type Argon2id struct {
	Memory uint32 // KiB
	Passes uint32
	Lanes  uint8
}

// DefaultArgon2id returns the parameters in force: 19 MiB, 2 passes, 1 lane,
// of those that OWASP's Password Storage Cheat Sheet names the one with the
// least memory that still hashes in the time of the others.
func DefaultArgon2id() Argon2id { return Argon2id{Memory: 19 << 10, Passes: 2, Lanes: 1} }

// Lengths in bytes, as RFC 9106, section 4, recommends.
const (
	saltLength = 16
	keyLength  = 32
)

// Bounds of the parameters of a stored hash, so that a damaged record cannot
// take the memory or the time of the whole function.
const (
	maxMemory = 64 << 10
	maxPasses = 10
	maxLanes  = 4
)

// Hash implements Hasher.
func (a Argon2id) Hash(password string) Secret {
	salt := make([]byte, saltLength)
	rand.Read(salt)
	return a.encode(salt, argon2.IDKey([]byte(password), salt, a.Passes, a.Memory, a.Lanes, keyLength))
}

// Verify implements Hasher.
func (Argon2id) Verify(hash Secret, password string) (bool, error) {
	a, salt, key, err := decode(hash)
	if err != nil {
		return false, err
	}
	derived := argon2.IDKey([]byte(password), salt, a.Passes, a.Memory, a.Lanes, keyLength)
	return subtle.ConstantTimeCompare(derived, key) == 1, nil
}

// Current implements Hasher.
func (a Argon2id) Current(hash Secret) bool {
	of, _, _, err := decode(hash)
	return err == nil && of == a
}

// Decoy implements Hasher. Its key is all zero, which no password is known to
// give.
func (a Argon2id) Decoy() Secret {
	return a.encode(make([]byte, saltLength), make([]byte, keyLength))
}

func (a Argon2id) encode(salt, key []byte) Secret {
	b64 := base64.RawStdEncoding
	return Secret(fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s",
		a.Memory, a.Passes, a.Lanes, b64.EncodeToString(salt), b64.EncodeToString(key)))
}

// decode is the inverse of encode and takes nothing that encode cannot write.
func decode(hash Secret) (a Argon2id, salt, key []byte, err error) {
	parts := strings.Split(string(hash), "$")
	if len(parts) != 6 {
		return Argon2id{}, nil, nil, fmt.Errorf("%w: no argon2id hash", ErrCorrupt)
	}
	// What these leave out or read too kindly the comparison below finds.
	fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &a.Memory, &a.Passes, &a.Lanes)
	salt, _ = base64.RawStdEncoding.DecodeString(parts[4])
	key, _ = base64.RawStdEncoding.DecodeString(parts[5])
	inBounds := a.Memory <= maxMemory && a.Memory >= 8*uint32(a.Lanes) &&
		a.Passes >= 1 && a.Passes <= maxPasses && a.Lanes >= 1 && a.Lanes <= maxLanes
	if !inBounds || len(salt) != saltLength || len(key) != keyLength || a.encode(salt, key) != hash {
		return Argon2id{}, nil, nil, fmt.Errorf("%w: argon2id hash", ErrCorrupt)
	}
	return a, salt, key, nil
}
