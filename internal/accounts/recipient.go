package accounts

import (
	"context"
	"errors"
	"time"
)

// The bounds on mails.
const (
	mailsInHour = 5 // to one address, known or not; one of them is left for a reset
	triesOfMail = 2 // attempts to send one mail: a fault may have come after it was sent
)

// Mailing is a request for a mail.
type Mailing struct {
	Delivery string // shared by the repetitions of this request, and by nothing else
	Tenant   string // one that the deployment knows
	Email    string // of the user, as typed
	UserID   string // of the user, where Email is empty
}

// Recipient counts the request and returns the user to whom a mail may be sent.
// It counts the mails to an address in the tenant, known or not. No more than
// five come in an hour, regardless of who asks, and the link in each of them is
// good.
//
// Recipient returns ErrNotFound if there is no such user. It returns
// ErrThrottled if there were too many requests for the address, or if this
// request was tried often enough. It may also return ErrUnavailable or
// ErrCorrupt.
func (a *Accounts) Recipient(ctx context.Context, m Mailing) (User, error) {
	now := a.now()
	tries := Quota{Key: keyOf("delivery", m.Delivery), Limit: triesOfMail, Ends: now.Add(day)}
	if _, err := a.store.Take(ctx, tries); err != nil {
		return User{}, storage(counting, err)
	}
	email, _ := canonical(m.Email)
	u, known := User{}, error(nil)
	if m.Email == "" {
		u, known = a.store.ByID(ctx, m.Tenant, m.UserID)
		email = u.Email
	} else {
		u, known = a.store.ByEmail(ctx, m.Tenant, email)
	}
	if known != nil && !errors.Is(known, ErrNotFound) {
		return User{}, storage("reading the user", known)
	}
	if m.Email == "" { // or anyone with a session, even a thief, could keep its user from a reset
		verifying := quota(time.Hour, now, mailsInHour-1, "mails to verify", m.Tenant, email)
		if _, err := a.store.Take(ctx, verifying); err != nil {
			return User{}, storage(counting, err)
		}
	}
	if _, err := a.store.Take(ctx, mailsTo(m.Tenant, email, now)); err != nil {
		return User{}, storage(counting, err)
	}
	return u, known
}

// mailsTo is the bound on the mails to an address in the hour of now.
func mailsTo(tenant, email string, now time.Time) Quota {
	return quota(time.Hour, now, mailsInHour, "mails", tenant, email)
}
