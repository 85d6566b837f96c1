package accounts

import (
	"cmp"
	"context"
	"errors"
)

// Before reads something of a user before an answer about that user is known,
// so that what it reads is older than the answer.
type Before func(ctx context.Context, userID string) error

// SignIn returns the user who has these credentials.
//
// It calls before once, with the id of the user of the address, when the id is
// known and the hash of the password is not read yet. So whatever before reads
// is older than the answer about the password. For an unknown address before
// gets an id that nobody has, and nothing else differs. An error of before ends
// the sign-in and is returned as it is; before may be nil.
//
// SignIn returns ErrCredentials, ErrThrottled, ErrUnavailable, ErrCorrupt, or a
// *FieldsError if a field is empty or the address is not valid. For a password
// that nobody can have it returns ErrCredentials without a call to the store.
func (a *Accounts) SignIn(ctx context.Context, c Credentials, before Before) (User, error) {
	email, emailFault := canonical(c.Email)
	missing := ""
	if c.Password == "" {
		missing = fieldMissing
	}
	if emailFault != "" || missing != "" {
		return User{}, fields(Field{FieldEmail, emailFault}, Field{FieldPassword, missing})
	}
	password, fault := phraseOf(c.Password)
	if fault != "" {
		return User{}, ErrCredentials
	}
	known, err := a.lookUp(ctx, c.Tenant, email)
	if err != nil {
		return User{}, err
	}
	t := &attempt{tenant: c.Tenant, email: email, now: a.now()}
	t.network = networkOf(c.Source, c.Tenant, email, t.now)
	if err := a.count(ctx, t, known.Networks); err != nil {
		return User{}, err
	}
	u, err := a.find(ctx, t, known.ID, before)
	if err != nil {
		return User{}, err
	}
	if err := a.judge(ctx, t, u, password); err != nil {
		return User{}, err
	}
	return a.renew(ctx, u, t.network.entry, password)
}

// find calls before with the id of the user, and then reads the user of the
// address. If there is none, or it is another user, find returns one that has
// neither an id nor a hash.
func (a *Accounts) find(ctx context.Context, t *attempt, id string, before Before) (User, error) {
	if before != nil {
		if err := before(ctx, cmp.Or(id, newID())); err != nil {
			return User{}, err
		}
	}
	u, err := a.lookUp(ctx, t.tenant, t.email)
	if err == nil && u.ID != id {
		return User{}, nil
	}
	return u, err
}

func (a *Accounts) lookUp(ctx context.Context, tenant, email string) (User, error) {
	u, err := a.store.ByEmail(ctx, tenant, email)
	if errors.Is(err, ErrNotFound) {
		return User{}, nil
	}
	return u, storage("reading the user", err)
}

// phrase is a password that was entered.
type phrase struct {
	nfc   string // in the form that is hashed
	typed string // as it came, which is the text that other software hashed
}

// phraseOf returns the password in both forms. It also returns what is wrong
// with a password that nobody can have, or "".
func phraseOf(typed Secret) (p phrase, fault string) {
	nfc, fault := normalize(string(typed))
	return phrase{nfc: nfc, typed: string(typed)}, fault
}

// verify makes one hash, of the decoy if the user has none. It returns
// ErrCredentials if the password is not the user's. If other software made the
// hash and the password as typed is a different text, verify tries that too.
func (a *Accounts) verify(ctx context.Context, u User, p phrase) error {
	hash := cmp.Or(u.Hash, a.hasher.Decoy())
	match, err := a.hasher.Verify(ctx, hash, p.nfc)
	if err == nil && !match && p.typed != p.nfc && !a.hasher.Current(hash, "") {
		match, err = a.hasher.Verify(ctx, hash, p.typed)
	}
	if err != nil {
		return err
	}
	if !match || u.ID == "" || u.Hash == "" {
		return ErrCredentials
	}
	return nil
}

// judge verifies the password of an attempt that was counted, and settles the
// count by the result.
func (a *Accounts) judge(ctx context.Context, t *attempt, u User, p phrase) error {
	err := a.verify(ctx, u, p)
	if err == nil || errors.Is(err, ErrCredentials) {
		err = cmp.Or(a.settle(ctx, t, err == nil), err)
	}
	return err
}

// renew stores a hash of the parameters in force, and the network that the user
// signed in from, unless they are stored already. If another call changed the
// user meanwhile, that change stays.
func (a *Accounts) renew(ctx context.Context, u User, here Networks, p phrase) (_ User, err error) {
	renewed := u
	renewed.Networks = u.Networks.noting(here)
	if !a.hasher.Current(u.Hash, p.nfc) && !a.hasher.Current(u.Hash, p.typed) {
		if renewed.Hash, err = a.hasher.Hash(ctx, p.nfc); err != nil {
			return User{}, err
		}
	}
	if renewed == u {
		return u, nil
	}
	err = a.store.Update(ctx, u, renewed)
	if errors.Is(err, ErrConflict) || errors.Is(err, ErrNotFound) {
		return u, nil
	}
	if err != nil {
		return User{}, storage("renewing the user", err)
	}
	return renewed, nil
}
