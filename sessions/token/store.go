package token

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// ErrExists means that another process was first: a key record of that number
// is there already, or what was to be replaced is no longer there.
var ErrExists = errors.New("token: record exists")

// SigningKey is the immutable record of one signing key. Which key signs and
// which still verify follows from the numbers and times alone: see [Active],
// [Usable] and [Next].
type SigningKey struct {
	Number     int             // 1, 2, 3 …, without gaps
	ID         string          // kid
	Algorithm  Algorithm       // fixed for the life of the key
	Public     json.RawMessage // the public half as a JWK (RFC 7517), no private member
	Sealed     []byte          // the private half, PKCS#8, sealed; nil where only verifying is possible
	ActiveFrom time.Time       // signs from here on, until a later key does
	Revoked    bool            // emergency: neither signs nor verifies any more
}

// MACKey is the record of one key that authenticates refresh tokens, which
// nothing changes but its revocation. Records are never removed and ids never
// used twice, so that a key once known means the same for ever: see
// [ActiveMAC].
type MACKey struct {
	Number     int       // 1, 2, 3 …
	ID         string    // of [A-Za-z0-9_-], at most 64, stands in the token
	Sealed     []byte    // 32 random bytes, sealed; nil once the key is revoked
	ActiveFrom time.Time // makes new tokens from here on, until a later key does
	Revoked    bool      // neither makes tokens nor accepts them any more
}

// Settings is the record of what the stack learns only after it is deployed.
type Settings struct {
	Issuer    string    // iss and aud of every token
	APIID     string    // id of the stack's own API, to which the authorizer's rules apply
	NotBefore time.Time // sessions created and tokens issued before it are refused; zero means none are
	Cookies   CookieDomains
}

// CookieDomains are the Domain attributes that cookies have and had, without a
// dot in front. Host-only cookies have none.
type CookieDomains struct {
	Present  string    // empty: host-only
	Replaced [3]string // the last that were replaced, newest first; empty: none
}

// Records is all that a KeyStore holds.
type Records struct {
	Settings Settings
	Signing  []SigningKey // by number, ascending
	MAC      []MACKey     // by number, ascending
}

// Load makes Records that never change a KeyLoader of themselves.
func (r Records) Load(context.Context) (Records, error) { return r, nil }

// KeyLoader is the part of a KeyStore that a Keyring asks. Records of a fixed
// JWK Set are one as well: see [ParseJWKS].
type KeyLoader interface {
	// Load returns every record, and sees every write that returned before it
	// was called. An empty store is no error: it gives zero Records. It
	// returns soon after ctx ends.
	Load(ctx context.Context) (Records, error)
}

// KeyStore keeps key records and the settings. Its methods may be called
// concurrently, and return an error that is none of this package's when the
// storage cannot be reached.
type KeyStore interface {
	KeyLoader
	// AddSigningKey adds k. It returns ErrExists, and changes nothing, if a
	// signing key of that number is there.
	AddSigningKey(ctx context.Context, k SigningKey) error
	// RevokeSigningKey marks the key of that number revoked, and nothing else
	// of it. Revoking twice, or what is not there, is no error.
	RevokeSigningKey(ctx context.Context, number int) error
	// AddMACKey adds k. It returns ErrExists, and changes nothing, if a MAC
	// key of that number is there.
	AddMACKey(ctx context.Context, k MACKey) error
	// RevokeMACKey marks the key of that number revoked and removes its sealed
	// secret, and changes nothing else. Revoking twice, or what is not there,
	// is no error.
	RevokeMACKey(ctx context.Context, number int) error
	// SetIssuer sets Issuer and APIID, and nothing else of the settings.
	SetIssuer(ctx context.Context, issuer, apiID string) error
	// EndBefore sets NotBefore, and nothing else of the settings. It changes
	// nothing if NotBefore is that or later.
	EndBefore(ctx context.Context, notBefore time.Time) error
	// SetCookieDomains sets Cookies to what they are to become, and nothing
	// else of the settings. It returns ErrExists, and changes nothing, if they
	// are not what they were thought to be.
	SetCookieDomains(ctx context.Context, were, become CookieDomains) error
}

// Sealer encrypts private keys for storage. The purpose ("signing" or "mac")
// and the key's id are bound to the ciphertext: opened under any other pair
// it is an error.
type Sealer interface {
	Seal(ctx context.Context, purpose, id string, secret []byte) ([]byte, error)
	Open(ctx context.Context, purpose, id string, sealed []byte) ([]byte, error)
}
