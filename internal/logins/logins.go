// Package logins knows the OpenID providers by which users may sign in beside
// passwords: who they are, where they may send users back to, and which claims
// of theirs become claims of the user.
//
// An operator puts them by commands of the function that keeps the keys. They
// stand in the table of keys, in a partition of their own, and their secrets
// are sealed. What speaks to them is package openid; nothing here does.
package logins

import (
	"context"
	"errors"
)

var (
	// ErrProvider means that a provider cannot be put as it is. The text that
	// wraps it names every fault, and holds no secret.
	ErrProvider = errors.New("logins: bad provider")
	// ErrNotFound means there is no such provider.
	ErrNotFound = errors.New("logins: no such provider")
	// ErrCorrupt means that what is stored is not a whole provider.
	ErrCorrupt = errors.New("logins: corrupt record")

	// ErrRedirect means that a login of this provider must not end there.
	ErrRedirect = errors.New("logins: redirect URI not allowed")
	// ErrDeclined means that the provider sent the user back without a login:
	// the user may have changed their mind.
	ErrDeclined = errors.New("logins: declined at the provider")
	// ErrRefused means that nothing is proven by what the provider, or whoever
	// came in its place, has said. The text that wraps it is why, in words of
	// ours alone.
	ErrRefused = errors.New("logins: refused")
	// ErrUnavailable means that the provider does not answer.
	ErrUnavailable = errors.New("logins: provider unavailable")
)

// MaxProviders is how many records of providers there may be.
const MaxProviders = 50

// PurposeSecret is the purpose for which clients' secrets are sealed.
const PurposeSecret = "provider"

// Store keeps providers. Its methods may be called concurrently, and return an
// error that is none of this package's if the storage cannot be reached.
type Store interface {
	// Load returns every provider, by name, and sees every write that returned
	// before it was called. It returns ErrCorrupt if any is not whole.
	Load(ctx context.Context) ([]Provider, error)
	// Put adds the provider, or puts it in the place of the one of its name.
	Put(ctx context.Context, p Provider) error
	// Delete removes the provider of that name. It returns ErrNotFound if there
	// is none.
	Delete(ctx context.Context, name string) error
}
