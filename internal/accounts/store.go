package accounts

import (
	"context"
	"time"
)

// User is a user of one tenant who has an account.
type User struct {
	ID     string    // constant; a random UUID unless the user was added with another
	Tenant string    // never empty
	Email  string    // in the canonical form of package accounts; unique in the tenant
	Hash   Secret    // of the password, in the string form of its Hasher; empty: no password
	Joined time.Time // in whole milliseconds

	Networks Networks // may be empty
	Added    string   // a digest of the request that added the user; empty: the user signed up

	ThirdParty Identity // of a user of another provider, who has neither Hash nor Networks
}

// Store keeps users and counts attempts. The suite in accountstest checks that
// every implementation does what the interfaces below say.
//
// A store never looks at a clock. Its reads see every write that returned
// before they were called, and its methods may be called concurrently. When
// more is asked of one key than the store can bear, and the store knows that
// this is the reason, it counts nothing. Then Take, reads and calls for links
// return ErrThrottled, and methods that only count return no error. Any error
// that is not one of this package means that the outcome is unknown.
type Store interface {
	UserStore
	LoginStore
	LinkStore
	Directory
	Throttle
}

// UserStore keeps the users.
type UserStore interface {
	// Create adds u. A user of another provider takes an identity and no address:
	// for such a user read identity for address here. Create returns ErrExists, and
	// does not change the existing user, if the e-mail address is taken in the
	// tenant. Of concurrent creations of one address exactly one succeeds. Another
	// tenant may have a user of the same address.
	Create(ctx context.Context, u User) error
	// ByEmail returns the tenant's user of that canonical address. It returns
	// ErrNotFound if there is none.
	ByEmail(ctx context.Context, tenant, email string) (User, error)
	// ByID returns the tenant's user of that id. It returns ErrNotFound if there is
	// none, also if creating one was refused.
	ByID(ctx context.Context, tenant, id string) (User, error)
	// Update replaces the hash and networks of the user u by those of renewed, and
	// nothing else, if the stored hash is still u.Hash. An existing hash is never
	// removed: renewed.Hash is empty only if u.Hash is. Update returns ErrConflict,
	// and changes nothing, if the stored hash is another. It returns ErrNotFound,
	// and creates nothing, if there is no such user. Of concurrent updates to
	// another hash exactly one succeeds.
	Update(ctx context.Context, u, renewed User) error
}

// LinkStore keeps the links that were mailed to users, by purpose and by the
// key of the user.
type LinkStore interface {
	// AddLink adds l, a new link, and keeps the user's last four beside it. Of
	// concurrent calls each adds its own. It returns ErrThrottled, and changes
	// nothing, if it would drop a link that expires less than an hour before l.
	AddLink(ctx context.Context, l Link) error
	// Links returns the user's links of the purpose, the latest last. It includes
	// expired links until they are cleaned up. If there are none it returns no
	// error.
	Links(ctx context.Context, p Purpose, k Key) ([]Link, error)
	// DropLinks ends all the user's links of the purpose. If there are none it
	// returns no error.
	DropLinks(ctx context.Context, p Purpose, k Key) error
}

// Directory keeps the list of users, and changes who is in it.
type Directory interface {
	// List returns users of the tenant whose place is after the given one, in the
	// order of their places: those who joined last come first. It returns at most
	// limit users, which is at least 1, and fewer only if there are no more. The
	// empty place is before all others. A very recent write may not show yet.
	List(ctx context.Context, tenant string, after Place, limit int) ([]Listed, error)
	// Add is Create for a chosen id. It also returns ErrIDTaken, and changes
	// nothing, if there is a user of that id.
	Add(ctx context.Context, u User) error
	// ChangeEmail gives the user u another address, which is canonical, and forgets
	// the networks, which are noted by address. It changes nothing and returns
	// ErrExists if the address is taken, ErrNotFound if there is no such user, and
	// ErrConflict if the hash is no longer u.Hash. At no moment does the user have
	// two addresses or none.
	ChangeEmail(ctx context.Context, u User, email string) error
	// Remove removes all that is stored for the user of the id. If nothing is
	// stored it does nothing. After an error it may be repeated, and finishes what
	// was begun. It returns ErrConflict if the user got another address meanwhile.
	Remove(ctx context.Context, tenant, id string) error
}

// Throttle counts attempts before they are made. An attempt that was counted
// has happened, whatever becomes of it. So of any number of parallel attempts
// no more pass than are allowed.
type Throttle interface {
	// Take counts one attempt in q.Part of the counter of q.Key if fewer than
	// q.Limit are counted there. Otherwise it changes nothing and returns
	// ErrThrottled. Of concurrent attempts at most q.Limit pass. Where the counter
	// has parts, Take returns how many attempts are counted in all of them,
	// including this one. The counter may be forgotten once q.Ends has passed.
	Take(ctx context.Context, q Quota) (total int, err error)
	// GiveBack takes one attempt off the count in q.Part. It never makes a count
	// negative, and creates nothing if nothing was counted.
	GiveBack(ctx context.Context, q Quota) error
	// Reserve counts one attempt under the key and reports true if b.Next allows it
	// after the attempts counted there. Otherwise it changes nothing and reports
	// false. Of concurrent attempts no more pass than would pass one after another.
	// The count may be forgotten once b.Forget has passed since the last attempt.
	Reserve(ctx context.Context, k Key, b Backoff, now time.Time) (bool, error)
	// Reset forgets the attempts reserved under the key. If none were counted it
	// returns no error.
	Reset(ctx context.Context, k Key) error
}
