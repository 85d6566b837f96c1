package accounts

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// ErrCursor means that a cursor does not come from this list.
var ErrCursor = errors.New("accounts: cursor is not of this list")

// TakenError names the user who already has the id or the address of a new
// user.
type TakenError struct {
	Err error  // ErrIDTaken or ErrExists
	ID  string // of the existing user
}

// Error returns the text of Err.
func (e *TakenError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *TakenError) Unwrap() error { return e.Err }

// ByEmail returns the tenant's user of the address, as typed. It returns
// ErrNotFound, ErrUnavailable, ErrThrottled, ErrCorrupt, or a *FieldsError if
// the text is not an address.
func (a *Accounts) ByEmail(ctx context.Context, tenant, email string) (User, error) {
	email, fault := canonical(email)
	if fault != "" {
		return User{}, fields(Field{FieldEmail, fault})
	}
	u, err := a.store.ByEmail(ctx, tenant, email)
	return u, reading(err)
}

// ByID returns the tenant's user of the id. It returns ErrNotFound,
// ErrUnavailable, ErrThrottled or ErrCorrupt.
func (a *Accounts) ByID(ctx context.Context, tenant, id string) (User, error) {
	u, err := a.store.ByID(ctx, tenant, id)
	return u, reading(err)
}

// reading is storage for a read, which may answer ErrNotFound.
func reading(err error) error {
	if errors.Is(err, ErrNotFound) {
		return err
	}
	return storage("reading the user", err)
}

// List returns a page of the tenant's users, those who joined last first, and
// the cursor of the next page, or "" if this is the last. The empty cursor is
// that of the first page. A user who is there all the time is on exactly one
// page, even if others join or leave meanwhile. List returns ErrCursor,
// ErrUnavailable, ErrThrottled or ErrCorrupt.
func (a *Accounts) List(ctx context.Context, tenant, cursor string, limit int) (page []Listed, next string, err error) {
	var after Place
	if cursor != "" {
		if after, err = placeAt(tenant, cursor); err != nil {
			return nil, "", err
		}
	}
	page, err = a.store.List(ctx, tenant, after, limit+1)
	if err != nil {
		return nil, "", storage("listing users", err)
	}
	if len(page) <= limit {
		return page, "", nil
	}
	page = page[:limit]
	return page, cursorOf(tenant, page[limit-1].place()), nil
}

// sealLength is how many bytes of a cursor bind it to its list. They detect
// mistakes; a cursor opens nothing that its list would not show.
const sealLength = 8

// cursorOf returns the cursor of the page after the place.
func cursorOf(tenant string, p Place) string {
	return base64.RawURLEncoding.EncodeToString([]byte(cursorSeal(tenant, p) + string(p)))
}

func cursorSeal(tenant string, p Place) string {
	return string(keyOf("cursor of users", tenant, string(p)))[:sealLength]
}

// placeAt is the inverse of cursorOf.
func placeAt(tenant, cursor string) (Place, error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(text) < sealLength {
		return "", ErrCursor
	}
	p := Place(text[sealLength:])
	if cursorOf(tenant, p) != cursor {
		return "", ErrCursor
	}
	return p, nil
}

// NewUser is a user that another party adds.
type NewUser struct {
	Tenant string
	ID     string    // one that a session can be started for; empty: a random UUID
	Email  string    // as typed
	Hash   Secret    // of the password; empty: none
	Joined time.Time // zero: now
	With   string    // the rest of the request, by which a repetition is recognized
}

// The ids of the fields of a NewUser that can be refused, besides FieldEmail.
const (
	FieldHash   = "passwordHash"
	FieldJoined = "timeJoined"
)

// Prepare returns the user for Add. It returns a *FieldsError that names what
// is wrong.
func (a *Accounts) Prepare(n NewUser) (User, error) {
	now := a.now().UTC().Truncate(time.Millisecond)
	email, emailFault := canonical(n.Email)
	u := User{ID: n.ID, Tenant: n.Tenant, Email: email, Hash: n.Hash, Joined: n.Joined.UTC().Truncate(time.Millisecond)}
	u.Added = n.digest(email)
	if u.ID == "" {
		u.ID = newID()
	}
	if n.Joined.IsZero() {
		u.Joined = now
	}
	hashFault, joinedFault := "", ""
	if n.Hash != "" && !IsHash(n.Hash) {
		hashFault = "Hash must be bcrypt ($2a$, $2b$, $2y$) of cost 4 to 14, or argon2id ($argon2id$v=19$m=…,t=…,p=…) of at most 128 MiB, 10 passes and 4 lanes"
	}
	if u.Joined.UnixMilli() < 1 || u.Joined.After(now) {
		joinedFault = "Time must be in milliseconds since 1970, and past"
	}
	if emailFault+hashFault+joinedFault != "" {
		return User{}, fields(Field{FieldEmail, emailFault}, Field{FieldHash, hashFault}, Field{FieldJoined, joinedFault})
	}
	return u, nil
}

// digest tells one request to add a user from another.
func (n NewUser) digest(email string) string {
	joined := ""
	if !n.Joined.IsZero() {
		joined = strconv.FormatInt(n.Joined.UnixMilli(), 10)
	}
	return string(keyOf("added", n.Tenant, n.ID, email, string(n.Hash), joined, n.With))
}

// Known returns the user that an earlier, identical request added, where u was
// prepared from the present one. It returns ErrNotFound if there is neither a
// user of the id nor one of the address, otherwise a *TakenError. It may also
// return ErrUnavailable, ErrThrottled or ErrCorrupt.
func (a *Accounts) Known(ctx context.Context, u User) (User, error) {
	byID, err := a.ByID(ctx, u.Tenant, u.ID)
	if err == nil {
		return sameAs(u, byID, ErrIDTaken)
	}
	if !errors.Is(err, ErrNotFound) {
		return User{}, err
	}
	byEmail, err := a.ByEmail(ctx, u.Tenant, u.Email)
	if err != nil {
		return User{}, err
	}
	return sameAs(u, byEmail, ErrExists)
}

func sameAs(u, there User, otherwise error) (User, error) {
	if there.Added != u.Added {
		return User{}, &TakenError{Err: otherwise, ID: there.ID}
	}
	return there, nil
}

// Add adds the user that Prepare returned. If the same request added one
// before, Add returns that user, and added is false. It returns a *TakenError,
// ErrUnavailable, ErrThrottled or ErrCorrupt. After an error it may be
// repeated.
func (a *Accounts) Add(ctx context.Context, u User) (_ User, added bool, err error) {
	err = a.store.Add(ctx, u)
	if errors.Is(err, ErrExists) || errors.Is(err, ErrIDTaken) {
		there, known := a.Known(ctx, u)
		if errors.Is(known, ErrNotFound) { // gone again
			known = fmt.Errorf("%w: adding the user: %w", ErrUnavailable, err)
		}
		return there, false, known
	}
	if err != nil {
		return User{}, false, storage("adding the user", err)
	}
	return u, true, nil
}

// Movable returns a *FieldsError if the user's address cannot be changed here:
// the address of a user of another login belongs to the provider.
func (u User) Movable() error {
	if u.ThirdParty != (Identity{}) {
		return fields(Field{FieldEmail, "This address is the provider's to change"})
	}
	return nil
}

// ChangeEmail gives the user of the id another address, as typed. If another
// user has that address already, that user keeps it. It returns a *TakenError,
// a *FieldsError if the text is not an address, ErrNotFound if there is no such
// user, ErrUnavailable, ErrThrottled or ErrCorrupt. After an error it may be
// repeated.
func (a *Accounts) ChangeEmail(ctx context.Context, tenant, id, email string) error {
	email, fault := canonical(email)
	if fault != "" {
		return fields(Field{FieldEmail, fault})
	}
	u, err := a.ByID(ctx, tenant, id)
	if err == nil {
		err = u.Movable()
	}
	if err != nil || u.Email == email {
		return err
	}
	err = a.store.ChangeEmail(ctx, u, email)
	switch {
	case errors.Is(err, ErrNotFound):
		return err
	case errors.Is(err, ErrExists):
		there, err := a.ByEmail(ctx, tenant, email)
		if err != nil {
			return storage("reading the user", err)
		}
		return &TakenError{Err: ErrExists, ID: there.ID}
	}
	return storage("changing the address", err)
}

// Remove removes the account of the id, if there is one, with all that is
// stored for it. What is found by the id without the account goes first. It
// returns ErrUnavailable, ErrThrottled or ErrCorrupt. It may then be repeated,
// and finishes what was begun. A user who signs in meanwhile may be given a
// session afterwards, so the caller ends all sessions then.
func (a *Accounts) Remove(ctx context.Context, tenant, id string) error {
	for _, p := range []Purpose{ResetPassword, VerifyEmail} {
		if err := a.store.DropLinks(ctx, p, Link{Tenant: tenant, UserID: id}.Key()); err != nil {
			return storage("dropping links", err)
		}
	}
	return storage("removing the user", a.store.Remove(ctx, tenant, id))
}
