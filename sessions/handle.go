package sessions

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
)

// UserKey names one user of one tenant in the store: 16 bytes of a digest, so
// that no user id can be shaped to collide with another's.
type UserKey [16]byte

// KeyOf returns the key of a user: the first 16 bytes of SHA-256 over tenant
// and user id, each preceded by its length.
func KeyOf(tenant, user string) UserKey {
	b := binary.BigEndian.AppendUint64(nil, uint64(len(tenant)))
	b = append(b, tenant...)
	b = binary.BigEndian.AppendUint64(b, uint64(len(user)))
	b = append(b, user...)
	sum := sha256.Sum256(b)
	return UserKey(sum[:16])
}

// String returns the key in base64url.
func (u UserKey) String() string { return base64.RawURLEncoding.EncodeToString(u[:]) }

// Handle names one session: the user's key and 16 random bytes. It locates the
// session, so that every operation by handle is one consistent read or write.
// It is not a secret: nothing can be done with the handle alone.
type Handle [32]byte

// NewHandle returns a handle for a new session of the user.
func NewHandle(u UserKey) Handle {
	var h Handle
	copy(h[:16], u[:])
	rand.Read(h[16:])
	return h
}

// ParseHandle reads the form that String writes. It returns ErrNotFound for
// any other text, since no session has such a name.
func ParseHandle(s string) (Handle, error) {
	var h Handle
	if len(s) != base64.RawURLEncoding.EncodedLen(len(h)) {
		return Handle{}, ErrNotFound
	}
	n, err := base64.RawURLEncoding.Strict().Decode(h[:], []byte(s))
	if err != nil || n != len(h) || h.String() != s {
		return Handle{}, ErrNotFound
	}
	return h, nil
}

// User returns the key of the session's user.
func (h Handle) User() UserKey { return UserKey(h[:16]) }

// ID returns the part of the handle that tells the user's sessions apart, in
// base64url.
func (h Handle) ID() string { return base64.RawURLEncoding.EncodeToString(h[16:]) }

// String returns the handle in base64url, 43 characters.
func (h Handle) String() string { return base64.RawURLEncoding.EncodeToString(h[:]) }

// MarshalText is String, so that a handle is text in JSON too.
func (h Handle) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText is ParseHandle. If it fails, h is unchanged.
func (h *Handle) UnmarshalText(text []byte) error {
	parsed, err := ParseHandle(string(text))
	if err == nil {
		*h = parsed
	}
	return err
}
