package accounts

import (
	"context"
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
)

// Hasher makes and checks hashes of passwords. Its methods may be called
// concurrently. It makes a few hashes at a time: Hash and Verify wait for their
// turn, and return ErrUnavailable if ctx ends first. Package hashing has the
// Hasher in force.
type Hasher interface {
	// Hash returns a hash of the password with a salt of its own.
	Hash(ctx context.Context, password string) (Secret, error)
	// Verify reports whether the hash is one of the password, in a time that does
	// not depend on the answer. It returns ErrCorrupt if the text is not a hash.
	Verify(ctx context.Context, hash Secret, password string) (bool, error)
	// Current reports whether a hash of the password is to stay. It stays if Hash
	// would make one of the same strength, or if it covers only a part of the
	// password, so that nobody knows whether the rest is right.
	Current(hash Secret, password string) bool
	// Decoy returns a hash of no known password. Verify takes as long for it as for
	// one that Hash made.
	Decoy() Secret
}

// noHasher makes no hashes.
type noHasher struct{}

var errNoHasher = fmt.Errorf("%w: no hasher", ErrUnavailable)

func (noHasher) Hash(context.Context, string) (Secret, error)         { return "", errNoHasher }
func (noHasher) Verify(context.Context, Secret, string) (bool, error) { return false, errNoHasher }
func (noHasher) Current(Secret, string) bool                          { return true }
func (noHasher) Decoy() Secret                                        { return "" }

// IsHash reports whether the hash has one of the forms that sign-in verifies:
// argon2id within the bounds of ParseArgon2id, or bcrypt.
func IsHash(hash Secret) bool {
	_, _, _, err := ParseArgon2id(hash)
	return err == nil || IsBcrypt(hash)
}

// bcryptForm is a bcrypt hash of cost 4 to 14, at which one takes about a second.
var bcryptForm = regexp.MustCompile(`^\$2[aby]\$(0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}$`)

// IsBcrypt reports whether the hash has the form of bcrypt: $2a$, $2b$ or $2y$,
// with a cost from 4 to 14.
func IsBcrypt(hash Secret) bool { return bcryptForm.MatchString(string(hash)) }

// Argon2id holds the parameters of hashes by argon2id (RFC 9106).
type Argon2id struct {
	Memory uint32 // KiB
	Passes uint32
	Lanes  uint8
}

// Bounds of a stored hash, so that neither a damaged record nor one from
// elsewhere can use up the memory or the time of the whole function. The
// shortest salt is the one that RFC 9106 requires; lengths are in bytes.
const (
	maxMemory             = 128 << 10
	maxPasses             = 10
	maxLanes              = 4
	leastSalt, leastKey   = 8, 16
	mostOfSalt, mostOfKey = 64, 64
)

// Encode returns the hash in the PHC string format, which holds the parameters
// and the salt, so that hashes of other parameters still verify.
func (a Argon2id) Encode(salt, key []byte) Secret {
	b64 := base64.RawStdEncoding
	return Secret(fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s",
		a.Memory, a.Passes, a.Lanes, b64.EncodeToString(salt), b64.EncodeToString(key)))
}

// ParseArgon2id is the inverse of Encode. It accepts only what Encode can
// write, and also lanes before passes, as node's argon2 writes them. It returns
// ErrCorrupt for anything else, and for more than 128 MiB, 10 passes or 4
// lanes.
func ParseArgon2id(hash Secret) (a Argon2id, salt, key []byte, err error) {
	parts := strings.Split(string(hash), "$")
	if len(parts) != 6 {
		return Argon2id{}, nil, nil, fmt.Errorf("%w: no argon2id hash", ErrCorrupt)
	}
	// The comparison below finds what these leave out or accept too readily.
	if p := strings.Split(parts[3], ","); len(p) == 3 && strings.HasPrefix(p[1], "p=") {
		parts[3] = p[0] + "," + p[2] + "," + p[1]
	}
	fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &a.Memory, &a.Passes, &a.Lanes)
	salt, _ = base64.RawStdEncoding.DecodeString(parts[4])
	key, _ = base64.RawStdEncoding.DecodeString(parts[5])
	if !a.inBounds(salt, key) || string(a.Encode(salt, key)) != strings.Join(parts, "$") {
		return Argon2id{}, nil, nil, fmt.Errorf("%w: argon2id hash", ErrCorrupt)
	}
	return a, salt, key, nil
}

func (a Argon2id) inBounds(salt, key []byte) bool {
	return a.Memory <= maxMemory && a.Memory >= 8*uint32(a.Lanes) &&
		a.Passes >= 1 && a.Passes <= maxPasses && a.Lanes >= 1 && a.Lanes <= maxLanes &&
		len(salt) >= leastSalt && len(salt) <= mostOfSalt && len(key) >= leastKey && len(key) <= mostOfKey
}
