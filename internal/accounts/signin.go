package accounts

import (
	"context"
	"errors"
)

// SignIn returns the user who has these credentials.
//
// It calls before once, with the id of the user whom the address names, when
// that is known and the hash of the password is not read yet: whatever before
// reads is older than the answer about the password. An unknown address is
// given an id that nobody has, and nothing else happens differently. An error
// of before ends the sign-in and is returned as it is; before may be nil.
//
// SignIn returns ErrCredentials, ErrThrottled, ErrUnavailable, ErrCorrupt, or
// a *FieldsError if a field is empty or the address is none. A password that
// nobody can have is ErrCredentials without a call to the store.
func (a *Accounts) SignIn(ctx context.Context, c Credentials, before func(ctx context.Context, userID string) error) (User, error) {
	email, emailFault := canonical(c.Email)
	missing := ""
	if c.Password == "" {
		missing = fieldMissing
	}
	if emailFault != "" || missing != "" {
		return User{}, fields(Field{FieldEmail, emailFault}, Field{FieldPassword, missing})
	}
	password, fault := normalize(string(c.Password))
	if fault != "" {
		return User{}, ErrCredentials
	}
	t := ticket{source: quota("signin", c.Source, signInsPerSpan, a.now()), account: keyOf("guess", c.Tenant, email)}
	if err := a.reserve(ctx, t); err != nil {
		return User{}, err
	}
	u, err := a.find(ctx, c.Tenant, email, before)
	if err != nil {
		return User{}, err
	}
	stale, err := a.verify(ctx, u, password)
	if err != nil {
		return User{}, err
	}
	if err := a.release(ctx, t); err != nil {
		return User{}, err
	}
	if stale {
		return a.rehash(ctx, u, password)
	}
	return u, nil
}

// ticket is what one attempt to sign in was counted under.
type ticket struct {
	source  Quota
	account Key
}

// reserve counts the attempt, or returns ErrThrottled. The source comes
// first: one that is over its bound must not make the account wait.
func (a *Accounts) reserve(ctx context.Context, t ticket) error {
	if err := a.take(ctx, t.source); err != nil {
		return err
	}
	ok, err := a.store.Reserve(ctx, t.account, guesses(), a.now())
	if err != nil {
		return storage("counting attempts at the account", err)
	}
	if !ok {
		return ErrThrottled
	}
	return nil
}

// release undoes the count of an attempt that succeeded.
func (a *Accounts) release(ctx context.Context, t ticket) error {
	if err := a.store.Reset(ctx, t.account); err != nil {
		return storage("forgetting attempts at the account", err)
	}
	return storage("giving back an attempt of the source", a.store.GiveBack(ctx, t.source))
}

// find returns the user of the address, read after before was called with his
// id. For an unknown address it makes the same calls and returns a user who
// has the decoy for a hash and no id.
func (a *Accounts) find(ctx context.Context, tenant, email string, before func(context.Context, string) error) (User, error) {
	first, err := a.lookUp(ctx, tenant, email)
	if err != nil {
		return User{}, err
	}
	if before != nil {
		id := first.ID
		if id == "" {
			id = newID()
		}
		if err := before(ctx, id); err != nil {
			return User{}, err
		}
	}
	u, err := a.lookUp(ctx, tenant, email)
	if err != nil {
		return User{}, err
	}
	if u.ID != first.ID {
		return User{Hash: a.hasher.Decoy()}, nil
	}
	return u, nil
}

func (a *Accounts) lookUp(ctx context.Context, tenant, email string) (User, error) {
	u, err := a.store.ByEmail(ctx, tenant, email)
	if errors.Is(err, ErrNotFound) {
		return User{Hash: a.hasher.Decoy()}, nil
	}
	return u, storage("reading the user", err)
}

// verify makes one hash. It reports whether the stored hash should be
// replaced, and returns ErrCredentials if the password is not the user's.
func (a *Accounts) verify(ctx context.Context, u User, password string) (stale bool, err error) {
	err = a.hashing(ctx, func() error {
		match, err := a.hasher.Verify(u.Hash, password)
		if err != nil {
			return err
		}
		if !match || u.ID == "" {
			return ErrCredentials
		}
		return nil
	})
	return err == nil && !a.hasher.Current(u.Hash), err
}

// rehash stores a hash of the parameters in force. If somebody else replaced
// the hash meanwhile, that one stays.
func (a *Accounts) rehash(ctx context.Context, u User, password string) (User, error) {
	var hash Secret
	if err := a.hashing(ctx, func() error { hash = a.hasher.Hash(password); return nil }); err != nil {
		return User{}, err
	}
	err := a.store.UpdateHash(ctx, u, hash)
	if errors.Is(err, ErrConflict) || errors.Is(err, ErrNotFound) {
		return u, nil
	}
	if err != nil {
		return User{}, storage("replacing the hash", err)
	}
	u.Hash = hash
	return u, nil
}
