package accounts

import (
	"context"
	"time"
)

// User is somebody of one tenant who has an account.
type User struct {
	ID     string    // constant; a random UUID unless the user was added with another
	Tenant string    // never empty
	Email  string    // in the canonical form of package accounts; unique in the tenant
	Hash   Secret    // of the password, in the string form of its Hasher; empty: there is no password
	Joined time.Time // in whole milliseconds

	Networks Networks // may be empty
	Added    string   // a digest of the request that added the user; empty: the user signed up

	ThirdParty Identity // of a user who signs in by another provider, and has neither Hash nor Networks
}

// Store keeps users and counts attempts. The suite in accountstest holds every
// implementation to what the interfaces below say.
//
// A store never looks at a clock. Its reads see every write that returned
// before they were called, and its methods may be called concurrently. One that
// is asked for more of one key than it can bear, and knows that to be the
// reason, counts nothing, and Take, reads and calls for links return
// ErrThrottled, those that only count no error. Any error that is none of this package's means that the outcome is
// unknown.
type Store interface {
	UserStore
	LoginStore
	LinkStore
	Directory
	Throttle
}

// UserStore keeps the users.
type UserStore interface {
	// Create adds u. A user of another provider takes an identity and no
	// address: read identity for address here. It returns ErrExists, and does
	// not change the user that has it, if the e-mail address is taken in the
	// tenant. Of concurrent creations of one address exactly one succeeds.
	// Another tenant may have a user of the same address.
	Create(ctx context.Context, u User) error
	// ByEmail returns the tenant's user of that canonical address. It returns
	// ErrNotFound if there is none.
	ByEmail(ctx context.Context, tenant, email string) (User, error)
	// ByID returns the tenant's user of that id. It returns ErrNotFound if
	// there is none, also if creating one was refused.
	ByID(ctx context.Context, tenant, id string) (User, error)
	// Update replaces hash and networks of the user u by those of renewed, and
	// nothing else, if the hash is still u.Hash. A hash that is there is not
	// taken away: renewed.Hash is empty only if u.Hash is. It returns ErrConflict,
	// and changes nothing, if it is another. It returns ErrNotFound, and creates
	// nothing, if there is no such user. Of concurrent updates to another hash
	// exactly one succeeds.
	Update(ctx context.Context, u, renewed User) error
}

// LinkStore keeps the links that were mailed to users, by purpose and by the
// key of the user.
type LinkStore interface {
	// AddLink adds l, a new one, beside the four that the user was given last.
	// Concurrent calls add each its own. It returns ErrThrottled, and changes
	// nothing, if a fifth would go that expires less than an hour before l.
	AddLink(ctx context.Context, l Link) error
	// Links returns the user's links of the purpose, the latest last, those
	// that are too old included until they are cleaned up. None is no error.
	Links(ctx context.Context, p Purpose, k Key) ([]Link, error)
	// DropLinks ends all the user's links of the purpose. None is no error.
	DropLinks(ctx context.Context, p Purpose, k Key) error
}

// Directory keeps the list of users, and changes who is in it.
type Directory interface {
	// List returns users of the tenant whose place is after the given one, in
	// the order of their places: those who joined last come first. There are at
	// most as many as the limit, which is at least 1, and fewer only if there are no
	// more. The empty place is before all others. A write of a moment ago may
	// not show yet.
	List(ctx context.Context, tenant string, after Place, limit int) ([]Listed, error)
	// Add is Create for an id that was chosen: it also returns ErrIDTaken, and
	// changes nothing, if there is a user of that id.
	Add(ctx context.Context, u User) error
	// ChangeEmail gives the user u another address, which is canonical, and
	// forgets the networks, which are noted by address. It returns ErrExists if
	// the address is taken, ErrNotFound if there is no such user, and ErrConflict
	// if the hash is not u.Hash any more, and then changes nothing. At no moment
	// has the user two addresses or none.
	ChangeEmail(ctx context.Context, u User, email string) error
	// Remove removes all that is kept of the user of the id. Where there is
	// nothing it does nothing. After an error it may be repeated, and finishes
	// what was begun. It returns ErrConflict if the user got another address
	// meanwhile.
	Remove(ctx context.Context, tenant, id string) error
}

// Throttle counts attempts before they are made. An attempt that was counted
// has happened, whatever becomes of it: so of any number of parallel attempts
// no more pass than are allowed.
type Throttle interface {
	// Take counts one attempt in q.Part of the counter of q.Key if fewer than
	// q.Limit are counted there, and returns how many are counted in all its
	// parts, this one included. Otherwise it changes nothing and returns
	// ErrThrottled. Of concurrent attempts at most q.Limit pass. The counter may
	// be forgotten once q.Ends has passed.
	Take(ctx context.Context, q Quota) (total int, err error)
	// GiveBack takes one attempt off what is counted in q.Part. It never makes a
	// count negative, and creates nothing where nothing was counted.
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
