package accounts

import (
	"context"
	"errors"
)

// Change is the form in which a signed-in user changes the password.
type Change struct {
	Tenant, User string
	Current      Secret // as typed
	Password     Secret // the new one, as typed
	Source       string // the IP address it came from; all that are not valid are counted together
}

// ChangePassword gives the user the new password, if the current one is right.
// It is counted as a sign-in is. It may be repeated after ErrUnavailable: if
// the user has the new password already, nothing changes. It calls ready with
// the user's id when the current password is known to be right and nothing is
// written yet, and returns an error of ready as it is. Once the new password is
// stored, no link that was mailed before resets it.
//
// It returns a *FieldsError if a field is refused, ErrNoPassword,
// ErrCredentials, ErrThrottled, ErrUnavailable, or ErrCorrupt. The caller ends
// what was started with the old password.
func (a *Accounts) ChangePassword(ctx context.Context, c Change, ready Before) error {
	u, err := a.store.ByID(ctx, c.Tenant, c.User)
	switch {
	case errors.Is(err, ErrNotFound), err == nil && u.Hash == "":
		return ErrNoPassword
	case err != nil:
		return storage("reading the user", err)
	}
	password, fault := a.policy.accept(string(c.Password), u.Email)
	missing := ""
	if c.Current == "" {
		missing = fieldMissing
	}
	if fault != "" || missing != "" {
		return fields(Field{FieldCurrent, missing}, Field{FieldPassword, fault})
	}
	current, odd := phraseOf(c.Current)
	if odd != "" {
		return ErrCredentials
	}
	t := &attempt{tenant: u.Tenant, email: u.Email, now: a.now()}
	t.network = networkOf(c.Source, u.Tenant, u.Email, t.now)
	err = a.guess(ctx, t, u, current)
	if errors.Is(err, ErrCredentials) {
		// If the answer to an earlier change was lost, the new password is in place
		// already. Finding that out is one more guess.
		err = a.guess(ctx, t, u, phrase{nfc: password, typed: password})
	} else if err == nil {
		if err = ready(ctx, u.ID); err == nil {
			err = a.replace(ctx, u, t.network.entry, password)
		}
	}
	if err != nil {
		return err
	}
	return a.DropLinks(ctx, Link{Purpose: ResetPassword, Tenant: u.Tenant, UserID: u.ID})
}

// guess counts an attempt at the user's password, and judges it.
func (a *Accounts) guess(ctx context.Context, t *attempt, u User, p phrase) error {
	if err := a.count(ctx, t, u.Networks); err != nil {
		return err
	}
	return a.judge(ctx, t, u, p)
}

// replace stores a hash of the password, and the network that the change came
// from.
func (a *Accounts) replace(ctx context.Context, u User, here Networks, password string) (err error) {
	renewed := u
	renewed.Networks = u.Networks.noting(here)
	if renewed.Hash, err = a.hasher.Hash(ctx, password); err != nil {
		return err
	}
	return storage("writing the password", a.store.Update(ctx, u, renewed))
}
