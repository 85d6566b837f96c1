package accounts

import (
	"context"
	"time"
)

// User is somebody who can sign in to one tenant with a password.
type User struct {
	ID     string    // a random UUID; constant
	Tenant string    // never empty
	Email  string    // in the canonical form of package accounts; unique in the tenant
	Hash   Secret    // of the password, in the string form of its Hasher
	Joined time.Time // in whole milliseconds
}

// Store keeps users and counts attempts. Each sentence of the two interfaces
// below is a named subtest of the suite in accountstest, which every
// implementation passes.
//
// A store never looks at a clock. Its reads see every write that returned
// before they were called, and its methods may be called concurrently. Any
// error that is none of this package's means that the outcome is unknown.
type Store interface {
	UserStore
	Throttle
}

// UserStore keeps the users.
type UserStore interface {
	// Create adds u. It returns ErrExists, and leaves the user who has it as
	// he is, if the e-mail address is taken in the tenant. Of concurrent
	// creations of one address exactly one succeeds. Another tenant may have a
	// user of the same address.
	Create(ctx context.Context, u User) error
	// ByEmail returns the tenant's user of that canonical address. It returns
	// ErrNotFound if there is none.
	ByEmail(ctx context.Context, tenant, email string) (User, error)
	// ByID returns the tenant's user of that id. It returns ErrNotFound if
	// there is none, also if creating one was refused.
	ByID(ctx context.Context, tenant, id string) (User, error)
	// UpdateHash replaces the hash of the user, and nothing else of him, if it
	// is still u.Hash. It returns ErrConflict, and changes nothing, if it is
	// another. It returns ErrNotFound, and creates nothing, if there is no
	// such user. Of concurrent updates of one hash exactly one succeeds.
	UpdateHash(ctx context.Context, u User, hash Secret) error
}

// Throttle counts attempts before they are made. An attempt that was counted
// has happened, whatever becomes of it: so of any number of parallel attempts
// no more pass than are allowed.
type Throttle interface {
	// Take counts one attempt under the key of q and reports true if fewer
	// than q.Limit are counted there. Otherwise it changes nothing and reports
	// false. Of concurrent attempts at most q.Limit pass. The count may be
	// forgotten once q.Ends has passed.
	Take(ctx context.Context, q Quota) (bool, error)
	// GiveBack takes one attempt off the count of q. It never makes a count
	// negative, and creates nothing where nothing was counted.
	GiveBack(ctx context.Context, q Quota) error
	// Reserve counts one attempt under the key and reports true if b.Next lets
	// it through after those that are counted there. Otherwise it changes
	// nothing and reports false. Of concurrent attempts no more pass than one
	// after another would. The count may be forgotten once b.Forget has passed
	// since the last attempt.
	Reserve(ctx context.Context, k Key, b Backoff, now time.Time) (bool, error)
	// Reset forgets the attempts reserved under the key. Forgetting what was
	// never counted is no error.
	Reset(ctx context.Context, k Key) error
}
