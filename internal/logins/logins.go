// Package logins knows the OpenID providers by which users may sign in, besides
// passwords: which providers there are, where they may send users back to, and
// which of their claims become claims of the user.
//
// An operator puts providers by commands of the function that keeps the keys.
// They are stored in the table of keys, in a partition of their own, and their
// secrets are sealed. Package openid speaks to them; this package does not.
package logins

import (
	"context"
	"errors"
)

var (
	// ErrProvider means that a provider cannot be put as it is. The text that wraps
	// it names every fault, and holds no secret.
	ErrProvider = errors.New("logins: bad provider")
	// ErrNotFound means there is no such provider.
	ErrNotFound = errors.New("logins: no such provider")
	// ErrCorrupt means that what is stored is not a whole provider.
	ErrCorrupt = errors.New("logins: corrupt record")

	// ErrRedirect means that a login by this provider must not end at that URI.
	ErrRedirect = errors.New("logins: redirect URI not allowed")
	// ErrDeclined means that the provider sent the user back without a login:
	// the user may have changed their mind.
	ErrDeclined = errors.New("logins: declined at the provider")
	// ErrRefused means that what the provider said, or what was said in its name,
	// proves nothing. The text that wraps it is the reason, and quotes nothing from
	// outside.
	ErrRefused = errors.New("logins: refused")
	// ErrUnavailable means that the provider does not answer.
	ErrUnavailable = errors.New("logins: provider unavailable")
)

// MaxProviders is how many records of providers there may be.
const MaxProviders = 50

// PurposeSecret is the purpose for which the secrets of clients are sealed.
const PurposeSecret = "provider"

// Store keeps providers. Its methods may be called concurrently. If the storage
// cannot be reached they return an error that is not one of this package.
type Store interface {
	// Load returns every provider, by name, and sees every write that returned
	// before it was called. It returns ErrCorrupt if any of them is not whole.
	Load(ctx context.Context) ([]Provider, error)
	// Put adds the provider, or replaces the one of the same name.
	Put(ctx context.Context, p Provider) error
	// Delete removes the provider of that name. It returns ErrNotFound if there
	// is none.
	Delete(ctx context.Context, name string) error
}
