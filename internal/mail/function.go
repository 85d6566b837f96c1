package mail

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/sessions"
)

// errRequest means that an event is not a valid request for a mail. It holds
// nothing of the event.
var errRequest = errors.New("mail: the event is no request for a mail")

// Users returns what is stored of a user besides the sessions. It is a part of
// sessions.Store.
type Users interface {
	User(ctx context.Context, u sessions.UserKey) (sessions.User, error)
}

// Function is the mail function: a lambda.Handler whose event is a Request. All
// its fields are required.
type Function struct {
	Accounts *accounts.Accounts
	Users    Users
	Sender   Sender
	Tenants  []string
	Website  string // the origin that links lead to
	Log      *slog.Logger
}

// Invoke sends the mail of one event. If the user is to get no mail, that is
// not an error: it is logged, without the address. An error means that the mail
// may not have been sent and that the event may be delivered once more.
func (f *Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	r, err := parse(payload)
	if err == nil && !slices.Contains(f.Tenants, r.Tenant) {
		err = errRequest
	}
	if err == nil {
		err = f.answer(ctx, r)
	}
	if err != nil {
		f.Log.ErrorContext(ctx, "mail failed", "purpose", r.Purpose, "tenant", r.Tenant, "error", err.Error())
		return nil, err
	}
	return []byte("null"), nil
}

// parse returns the Request in an event, and the zero Request with any error.
func parse(payload []byte) (Request, error) {
	var r Request
	d := json.NewDecoder(bytes.NewReader(payload))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil || d.More() {
		return Request{}, errRequest
	}
	named := map[accounts.Purpose]bool{
		accounts.ResetPassword: r.Email != "" && r.UserID == "",
		accounts.VerifyEmail:   r.Email == "" && r.UserID != "",
	}
	if !named[r.Purpose] {
		return Request{}, errRequest
	}
	return r, nil
}

// answer sends the mail that the request asks for, if a user is to get it.
func (f *Function) answer(ctx context.Context, r Request) error {
	u, err := f.Accounts.Recipient(ctx, accounts.Mailing{
		Delivery: delivery(ctx), Tenant: r.Tenant, Email: r.Email, UserID: r.UserID,
	})
	switch {
	case errors.Is(err, accounts.ErrNotFound):
		return f.refuse(ctx, r, "no such user")
	case errors.Is(err, accounts.ErrThrottled):
		return f.refuse(ctx, r, "too many mails")
	case err != nil:
		return err
	}
	why, err := f.refusal(ctx, r.Purpose, u)
	switch {
	case err != nil:
		return err
	case why != "":
		return f.refuse(ctx, r, why)
	}
	return f.send(ctx, r, u)
}

// refusal returns why the user is to get no mail, or "" if one is due.
func (f *Function) refusal(ctx context.Context, p accounts.Purpose, u accounts.User) (string, error) {
	kept, err := f.Users.User(ctx, sessions.KeyOf(u.Tenant, u.ID))
	if err != nil {
		return "", fmt.Errorf("mail: reading the user: %w", err)
	}
	verified, err := isVerified(kept.Claims)
	switch {
	case err != nil:
		return "", err
	case kept.Disabled:
		return "disabled", nil
	case p == accounts.VerifyEmail && verified:
		return "verified already", nil
	}
	return "", nil
}

// isVerified reports whether the user's claims say that the address is
// verified. The claims are nil if there are none.
func isVerified(claims json.RawMessage) (bool, error) {
	if claims == nil {
		return false, nil
	}
	var c struct {
		Verified struct {
			Value bool `json:"v"`
		} `json:"st-ev"`
	}
	if err := json.Unmarshal(claims, &c); err != nil {
		return false, errors.New("mail: the claims of the user cannot be read")
	}
	return c.Verified.Value, nil
}

// send makes a link, and mails it.
func (f *Function) send(ctx context.Context, r Request, u accounts.User) error {
	token, err := f.Accounts.IssueLink(ctx, r.Purpose, u)
	if errors.Is(err, accounts.ErrThrottled) {
		return f.refuse(ctx, r, "too many mails")
	}
	if err != nil {
		return err
	}
	m, err := compose(f.Website, r.Purpose, u, token)
	if err != nil {
		return err
	}
	err = f.Sender.Send(ctx, m)
	if errors.Is(err, ErrRecipient) {
		return f.refuse(ctx, r, "no address to send to")
	}
	if err == nil {
		f.Log.InfoContext(ctx, "mail sent", "purpose", r.Purpose, "user", u.ID, "tenant", u.Tenant)
	}
	return err
}

// refuse logs that no mail is sent.
func (f *Function) refuse(ctx context.Context, r Request, why string) error {
	f.Log.InfoContext(ctx, "mail not sent", "purpose", r.Purpose, "tenant", r.Tenant, "reason", why)
	return nil
}

// delivery returns what the deliveries of one event have in common: Lambda
// repeats an event under the same id, after an error and at times without one.
func delivery(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok && lc.AwsRequestID != "" {
		return lc.AwsRequestID
	}
	return rand.Text()
}
