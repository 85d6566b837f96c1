package sessions

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// A refresh token reads
//
//	v1.<MAC key id>.<base64url( handle[32] | generation uint32 | nonce[16] | MAC[32] )>
//
// Its MAC is checked before the storage is asked. So garbage costs nothing and
// cannot end a session, and an old token is provably ours.
const (
	refreshPrefix = "v1."
	signedSize    = 32 + 4 + 16
	bodySize      = signedSize + sha256.Size
	maxKeyID      = 64
)

// refreshToken is a refresh token taken apart. Its nonce and MAC are secret.
type refreshToken struct {
	key        string // id of the MAC key
	handle     Handle
	generation uint32
	nonce      [16]byte
	mac        [sha256.Size]byte
}

// firstToken returns the refresh token of a new session.
func firstToken(key token.MAC, h Handle) refreshToken {
	t := refreshToken{key: key.ID, handle: h}
	rand.Read(t.nonce[:])
	t.mac = t.sum(key)
	return t
}

// child returns the token that follows t. The same key and salt always give the
// same child, so the store needs to keep digests only. Without t the child
// cannot be derived.
func (t refreshToken) child(key token.MAC, salt [16]byte) refreshToken {
	h := hmac.New(sha256.New, key.Key[:])
	h.Write([]byte("child"))
	h.Write([]byte(t.encode()))
	h.Write(salt[:])
	c := refreshToken{key: key.ID, handle: t.handle, generation: t.generation + 1}
	copy(c.nonce[:], h.Sum(nil))
	c.mac = c.sum(key)
	return c
}

// authentic reports whether the token was made with the key.
func (t refreshToken) authentic(key token.MAC) bool {
	sum := t.sum(key)
	return key.ID == t.key && hmac.Equal(t.mac[:], sum[:])
}

// digest is what the store keeps of the token.
func (t refreshToken) digest() [sha256.Size]byte {
	return sha256.Sum256([]byte(t.encode()))
}

func (t refreshToken) sum(key token.MAC) [sha256.Size]byte {
	h := hmac.New(sha256.New, key.Key[:])
	h.Write([]byte("rt1"))
	h.Write(t.signed())
	return [sha256.Size]byte(h.Sum(nil))
}

func (t refreshToken) signed() []byte {
	b := make([]byte, 0, bodySize)
	b = append(b, t.handle[:]...)
	b = binary.BigEndian.AppendUint32(b, t.generation)
	return append(b, t.nonce[:]...)
}

// encode writes the token as it is given out.
func (t refreshToken) encode() string {
	body := append(t.signed(), t.mac[:]...)
	return refreshPrefix + t.key + "." + base64.RawURLEncoding.EncodeToString(body)
}

// parseRefreshToken takes a token apart. It accepts exactly what encode
// writes, so that no token has a second spelling, and returns ErrInvalidToken
// for everything else. It does not check the MAC.
func parseRefreshToken(raw string) (refreshToken, error) {
	rest, ok := strings.CutPrefix(raw, refreshPrefix)
	key, encoded, found := strings.Cut(rest, ".")
	if !ok || !found || !keyID(key) || len(encoded) != base64.RawURLEncoding.EncodedLen(bodySize) {
		return refreshToken{}, ErrInvalidToken
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	// The decoder skips line breaks, which would make the body shorter.
	if err != nil || len(b) != bodySize {
		return refreshToken{}, ErrInvalidToken
	}
	return refreshToken{
		key:        key,
		handle:     Handle(b[:32]),
		generation: binary.BigEndian.Uint32(b[32:36]),
		nonce:      [16]byte(b[36:signedSize]),
		mac:        [sha256.Size]byte(b[signedSize:]),
	}, nil
}

// keyID reports whether s can be the id of a MAC key.
func keyID(s string) bool {
	if s == "" || len(s) > maxKeyID {
		return false
	}
	for _, c := range []byte(s) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		digit := '0' <= c && c <= '9'
		if !letter && !digit && c != '_' && c != '-' {
			return false
		}
	}
	return true
}
