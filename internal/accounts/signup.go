package accounts

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"
)

// Credentials is the form for signing up or in.
type Credentials struct {
	Tenant   string // one that the deployment knows
	Email    string // as typed
	Password Secret // as typed
	Source   string // the IP address it came from; all that are not valid are counted together
}

// The message when the address is taken, in the words of the Frontend Driver
// Interface.
const emailTaken = "This email already exists. Please sign in instead."

// SignUp adds a user. It returns a *FieldsError if the address or the password
// is refused or the address is taken, ErrThrottled, ErrUnavailable, or
// ErrCorrupt. After ErrUnavailable the user may have been added.
func (a *Accounts) SignUp(ctx context.Context, c Credentials) (User, error) {
	email, emailFault := canonical(c.Email)
	password, passwordFault := a.policy.accept(string(c.Password), email)
	if emailFault != "" || passwordFault != "" {
		return User{}, fields(Field{FieldEmail, emailFault}, Field{FieldPassword, passwordFault})
	}
	now := a.now()
	from := networkOf(c.Source, c.Tenant, email, now)
	if _, err := a.store.Take(ctx, quota(span, now, a.perSource, "sign-ups", from.site)); err != nil {
		return User{}, storage(counting, err)
	}
	// Creating would find out as well, but only after the cost of a hash.
	_, err := a.store.ByEmail(ctx, c.Tenant, email)
	if err == nil {
		return User{}, fields(Field{FieldEmail, emailTaken})
	}
	if !errors.Is(err, ErrNotFound) {
		return User{}, storage("reading the user", err)
	}
	u := User{ID: newID(), Tenant: c.Tenant, Email: email, Joined: now.UTC().Truncate(time.Millisecond), Networks: from.entry}
	if u.Hash, err = a.hasher.Hash(ctx, password); err != nil {
		return User{}, err
	}
	err = a.store.Create(ctx, u)
	if errors.Is(err, ErrExists) {
		return User{}, fields(Field{FieldEmail, emailTaken})
	}
	if err != nil {
		return User{}, storage("adding the user", err)
	}
	return u, nil
}

// Exists reports whether the tenant has a user of the address, as typed. A text
// that is not an address has no user, and costs no call to the store. Exists
// returns ErrThrottled, ErrUnavailable, or ErrCorrupt.
func (a *Accounts) Exists(ctx context.Context, tenant, email, source string) (bool, error) {
	email, fault := canonical(email)
	if fault != "" {
		return false, nil
	}
	now := a.now()
	from := networkOf(source, tenant, email, now)
	if _, err := a.store.Take(ctx, quota(span, now, a.perSource, "look-ups", from.site)); err != nil {
		return false, storage(counting, err)
	}
	_, err := a.store.ByEmail(ctx, tenant, email)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, storage("reading the user", err)
}

// newID returns a random UUID (RFC 9562, section 5.4).
func newID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
