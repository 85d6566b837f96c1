package accounts

import (
	"context"
)

// Reset is the form for a user who followed the link in a mail.
type Reset struct {
	Tenant   string
	Token    string // of the link
	Password Secret // the new one, as typed
	Source   string // the IP address it came from
}

// ResetPassword gives the user of the link the new password, and remembers the
// network that the reset came from. The link stays good: the caller does what
// follows from a reset, can repeat it after a fault, and drops the link last.
// ResetPassword calls before as FindLink does. It calls ready when everything
// is known to be good and nothing is written yet. It returns a *FieldsError if
// the password is refused, the errors of FindLink, and errors of ready as they
// are.
func (a *Accounts) ResetPassword(ctx context.Context, r Reset, before, ready Before) (Link, User, error) {
	refused := func(email string) (string, error) {
		password, fault := a.policy.accept(string(r.Password), email)
		if fault != "" {
			return "", fields(Field{FieldPassword, fault})
		}
		return password, nil
	}
	if _, err := refused(""); err != nil {
		return Link{}, User{}, err
	}
	l, u, err := a.FindLink(ctx, ResetPassword, r.Tenant, r.Token, before)
	if err != nil {
		return Link{}, User{}, err
	}
	password, err := refused(u.Email)
	if err != nil {
		return Link{}, User{}, err
	}
	if err := ready(ctx, u.ID); err != nil {
		return Link{}, User{}, err
	}
	here := networkOf(r.Source, u.Tenant, u.Email, a.now()).entry
	return l, u, a.replace(ctx, u, here, password)
}

// DropLinks ends the links of the link's user and purpose, after one was used.
func (a *Accounts) DropLinks(ctx context.Context, l Link) error {
	return storage("dropping links", a.store.DropLinks(ctx, l.Purpose, l.Key()))
}

// CountRequest counts a request for a mail against its source. It does not know
// whom the mail is for. It returns ErrThrottled or ErrUnavailable.
func (a *Accounts) CountRequest(ctx context.Context, source string) error {
	now := a.now()
	from := networkOf(source, "", "", now)
	_, err := a.store.Take(ctx, quota(span, now, a.perSource, "requests for mails", from.site))
	return storage(counting, err)
}

// Address returns the canonical form of an address as typed, or a *FieldsError.
func Address(typed string) (string, error) {
	email, fault := canonical(typed)
	if fault != "" {
		return "", fields(Field{FieldEmail, fault})
	}
	return email, nil
}
