package accounts

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
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

// phcPrefix names the function and its version, 1.3.
const phcPrefix = "$argon2id$v=19$"

// Hash implements Hasher.
func (a Argon2id) Hash(password string) Secret {
	salt := make([]byte, saltLength)
	rand.Read(salt)
	return a.encode(salt, a.derive(salt, password))
}

// Verify implements Hasher.
func (Argon2id) Verify(hash Secret, password string) (bool, error) {
	a, salt, key, err := decode(string(hash))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(a.derive(salt, password), key) == 1, nil
}

// Current implements Hasher.
func (a Argon2id) Current(hash Secret) bool {
	of, _, _, err := decode(string(hash))
	return err == nil && of == a
}

// Decoy implements Hasher. Its key is all zero, which no password is known to
// give.
func (a Argon2id) Decoy() Secret {
	return a.encode(make([]byte, saltLength), make([]byte, keyLength))
}

func (a Argon2id) derive(salt []byte, password string) []byte {
	return argon2.IDKey([]byte(password), salt, a.Passes, a.Memory, a.Lanes, keyLength)
}

func (a Argon2id) parameters() string {
	return fmt.Sprintf("m=%d,t=%d,p=%d", a.Memory, a.Passes, a.Lanes)
}

func (a Argon2id) encode(salt, key []byte) Secret {
	b64 := base64.RawStdEncoding
	return Secret(phcPrefix + a.parameters() + "$" + b64.EncodeToString(salt) + "$" + b64.EncodeToString(key))
}

// decode is the inverse of encode and takes nothing that encode cannot write.
func decode(hash string) (a Argon2id, salt, key []byte, err error) {
	rest, ok := strings.CutPrefix(hash, phcPrefix)
	parts := strings.Split(rest, "$")
	if !ok || len(parts) != 3 {
		return Argon2id{}, nil, nil, fmt.Errorf("%w: no argon2id hash", ErrCorrupt)
	}
	a, okParameters := parameters(parts[0])
	salt, okSalt := decodeBytes(parts[1], saltLength)
	key, okKey := decodeBytes(parts[2], keyLength)
	if !okParameters || !okSalt || !okKey {
		return Argon2id{}, nil, nil, fmt.Errorf("%w: argon2id hash", ErrCorrupt)
	}
	return a, salt, key, nil
}

func parameters(s string) (Argon2id, bool) {
	var n [3]uint64
	for i, part := range strings.Split(s, ",") {
		_, digits, _ := strings.Cut(part, "=")
		v, err := strconv.ParseUint(digits, 10, 32)
		if i >= len(n) || err != nil {
			return Argon2id{}, false
		}
		n[i] = v
	}
	if n[0] > maxMemory || n[1] < 1 || n[1] > maxPasses || n[2] < 1 || n[2] > maxLanes || n[0] < 8*n[2] {
		return Argon2id{}, false
	}
	a := Argon2id{Memory: uint32(n[0]), Passes: uint32(n[1]), Lanes: uint8(n[2])}
	return a, a.parameters() == s
}

func decodeBytes(s string, length int) ([]byte, bool) {
	b, err := base64.RawStdEncoding.Strict().DecodeString(s)
	return b, err == nil && len(b) == length && base64.RawStdEncoding.EncodeToString(b) == s
}
