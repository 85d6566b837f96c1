package accounts

import (
	"context"
)

// Reset is what a user fills in who came by the link in a mail.
type Reset struct {
	Tenant   string
	Token    string // of the link
	Password Secret // as typed; the one to be
	Source   string // the IP address it came from
}

// ResetPassword gives the user of the link the new password, and remembers the
// network that it came from. The link stays good: what follows from a reset is
// for the caller to do, who can then repeat it after a fault, and drops the link
// last. It calls before as FindLink does, and then calls ready, when all is known
// to be good and nothing is written yet. It returns a *FieldsError if the
// password is refused, what FindLink returns, and errors of ready as they are.
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

// DropLinks ends the links of that user and purpose, when one was used.
func (a *Accounts) DropLinks(ctx context.Context, l Link) error {
	return storage("dropping links", a.store.DropLinks(ctx, l.Purpose, l.Key()))
}

// CountRequest counts a request for a mail against the source it came from. It
// knows nothing of whom the mail is for. It returns ErrThrottled or
// ErrUnavailable.
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
