package accounts

import (
	"context"
	"errors"
	"time"
)

// Identity is how another provider knows a user. The zero Identity is that of a
// user who has none.
//
// Users are never joined by their address: a user with the same address at
// another provider, or with a password, is another user.
type Identity struct {
	Provider string // the name by which the frontend asks for it
	Issuer   string // who vouches for the user; a provider put with another issuer knows no users yet
	Subject  string // unique at the issuer, and never given to another user
}

func (i Identity) key(tenant string) Key { return keyOf(tenant, i.Provider, i.Issuer, i.Subject) }

// LoginStore finds users who sign in by another provider.
type LoginStore interface {
	// ByLogin returns the tenant's user of the identity. It returns ErrNotFound
	// if there is none.
	ByLogin(ctx context.Context, tenant string, by Identity) (User, error)
	// Readdress replaces the address of u, and nothing else, if u still has the
	// identity and the same address. Otherwise it returns ErrNotFound, and creates
	// nothing.
	Readdress(ctx context.Context, u User, email string) error
}

// Arrival is a user whom a provider has vouched for.
type Arrival struct {
	User  User
	IsNew bool   // the user has just been added
	Email string // as the provider now has it, canonical
}

// Moved reports whether the provider's address of the user differs from the
// stored one.
func (a Arrival) Moved() bool { return a.User.Email != a.Email }

// Arrive returns the tenant's user of the identity, and adds the user if there
// is none. It changes nothing of an existing user: see Readdress. Arrive
// returns a *FieldsError if email is not an address, ErrUnavailable,
// ErrThrottled or ErrCorrupt. After an error it may be repeated.
func (a *Accounts) Arrive(ctx context.Context, tenant string, by Identity, email string) (Arrival, error) {
	email, fault := canonical(email)
	if fault != "" {
		return Arrival{}, fields(Field{FieldEmail, fault})
	}
	u, err := a.store.ByLogin(ctx, tenant, by)
	if errors.Is(err, ErrNotFound) {
		u = User{ID: newID(), Tenant: tenant, Email: email, Joined: a.now().UTC().Truncate(time.Millisecond), ThirdParty: by}
		if err = a.store.Create(ctx, u); err == nil {
			return Arrival{User: u, IsNew: true, Email: email}, nil
		}
		if errors.Is(err, ErrExists) { // another login added it at the same moment
			u, err = a.store.ByLogin(ctx, tenant, by)
		}
	}
	if err != nil {
		return Arrival{}, storage("finding or adding the user", err)
	}
	return Arrival{User: u, Email: email}, nil
}

// Readdress gives the user the address that the provider now has. Before that,
// the caller takes back that the old one is verified. Readdress returns
// ErrUnavailable, if another login changed the address meanwhile too, or
// ErrThrottled.
func (a *Accounts) Readdress(ctx context.Context, of Arrival) error {
	return storage("changing the address", a.store.Readdress(ctx, of.User, of.Email))
}

// CountLogin counts a login against the provider and its source, before the
// provider is asked. The function that it returns gives the count back, for a
// login that was not an attempt to break in. Both return ErrUnavailable, and
// CountLogin also ErrThrottled.
func (a *Accounts) CountLogin(ctx context.Context, provider, source string) (func(context.Context) error, error) {
	now := a.now()
	counted := quota(span, now, a.perSource, "logins", provider, networkOf(source, "", "", now).site)
	if _, err := a.store.Take(ctx, counted); err != nil {
		return nil, storage(counting, err)
	}
	return func(ctx context.Context) error {
		return storage("giving back a login", a.store.GiveBack(ctx, counted))
	}, nil
}

// ByLogin returns the tenant's user of the identity. It returns ErrNotFound,
// ErrUnavailable, ErrThrottled or ErrCorrupt.
func (a *Accounts) ByLogin(ctx context.Context, tenant string, by Identity) (User, error) {
	u, err := a.store.ByLogin(ctx, tenant, by)
	return u, reading(err)
}
