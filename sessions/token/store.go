package token

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// ErrExists means that another process was first: there is a key record of that
// number already, or what was to be replaced is gone.
var ErrExists = errors.New("token: record exists")

// SigningKey is the immutable record of one signing key. Numbers and times
// alone decide which key signs and which keys still verify: see [Active],
// [Usable] and [Next].
type SigningKey struct {
	Number     int             // 1, 2, 3 …, without gaps
	ID         string          // kid
	Algorithm  Algorithm       // fixed for the life of the key
	Public     json.RawMessage // the public half as a JWK (RFC 7517), no private member
	Sealed     []byte          // the private half, PKCS#8, sealed; nil for a key that only verifies
	ActiveFrom time.Time       // signs from here on, until a later key does
	Revoked    bool            // emergency: neither signs nor verifies any more
}

// MACKey is the record of one key that authenticates refresh tokens. Only its
// revocation changes it. Records are never removed and ids are never used
// twice, so an id means the same key for ever. See [ActiveMAC].
type MACKey struct {
	Number     int       // 1, 2, 3 …
	ID         string    // of [A-Za-z0-9_-], at most 64; it is in the token
	Sealed     []byte    // 32 random bytes, sealed; nil once the key is revoked
	ActiveFrom time.Time // makes new tokens from here on, until a later key does
	Revoked    bool      // neither makes tokens nor accepts them any more
}

// Settings is what a stack learns only after it is deployed.
type Settings struct {
	Issuer    string    // iss and aud of every token
	APIID     string    // id of the stack's own API, which the authorizer's rules are for
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

// Load returns r, so that Records that never change are a KeyLoader.
func (r Records) Load(context.Context) (Records, error) { return r, nil }

// KeyLoader is the part of a KeyStore that a Keyring asks. [Records] are one as
// well, for keys that never change: see [ParseJWKS].
type KeyLoader interface {
	// Load returns every record, and sees every write that returned before it
	// was called. An empty store is no error: it gives zero Records. It
	// returns soon after ctx ends.
	Load(ctx context.Context) (Records, error)
}

// KeyStore keeps key records and the settings. Its methods may be called
// concurrently. If the storage cannot be reached, they return an error that is
// not one of this package.
type KeyStore interface {
	KeyLoader
	// AddSigningKey adds k. It returns ErrExists, and changes nothing, if a
	// signing key of that number is there.
	AddSigningKey(ctx context.Context, k SigningKey) error
	// RevokeSigningKey marks the key of that number revoked, and changes
	// nothing else of it. It is no error if the key is revoked already or does
	// not exist.
	RevokeSigningKey(ctx context.Context, number int) error
	// AddMACKey adds k. It returns ErrExists, and changes nothing, if a MAC
	// key of that number is there.
	AddMACKey(ctx context.Context, k MACKey) error
	// RevokeMACKey marks the key of that number revoked and removes its sealed
	// secret, and changes nothing else. It is no error if the key is revoked
	// already or does not exist.
	RevokeMACKey(ctx context.Context, number int) error
	// SetIssuer sets Issuer and APIID, and nothing else of the settings.
	SetIssuer(ctx context.Context, issuer, apiID string) error
	// EndBefore sets NotBefore, and nothing else of the settings. It changes
	// nothing if NotBefore is that or later.
	EndBefore(ctx context.Context, notBefore time.Time) error
	// SetCookieDomains sets Cookies to become, and nothing else of the
	// settings. It returns ErrExists, and changes nothing, if Cookies are not
	// were.
	SetCookieDomains(ctx context.Context, were, become CookieDomains) error
}

// Sealer encrypts private keys for storage. The purpose ("signing" or "mac")
// and the key's id are bound to the ciphertext: to open it under any other pair
// is an error.
type Sealer interface {
	Seal(ctx context.Context, purpose, id string, secret []byte) ([]byte, error)
	Open(ctx context.Context, purpose, id string, sealed []byte) ([]byte, error)
}
