// Package mail is the function that mails links: to reset a password and to
// verify an address.
//
// An event asks for a mail whether or not the address is known. Nobody waits
// for the event, and the function answers nobody. So neither the answer of an
// endpoint nor its time tells who has an account. Only this function makes the
// tokens, looks users up for that, and sends. A link leads to the one
// configured origin, and never to anything that a request names.
//
// Package ses sends by Amazon SES, and package invoke hands requests to the
// function.
package mail

import (
	"context"
	"errors"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

// Request asks for a mail, and is the event of the function. A reset of a
// password names the address; the verification of an address names the user's
// id.
type Request struct {
	Purpose accounts.Purpose `json:"purpose"`
	Tenant  string           `json:"tenant"`           // one that the deployment knows
	Email   string           `json:"email,omitempty"`  // with accounts.ResetPassword: as typed
	UserID  string           `json:"userId,omitempty"` // with accounts.VerifyEmail
}

// Requests hands requests to the mail function.
type Requests interface {
	// Request returns once the request is handed over, and does not wait for the
	// mail. An error means that it may not have been handed over.
	Request(ctx context.Context, r Request) error
}

// Message is a mail to one address, in two forms that say the same.
type Message struct {
	To      string // an address as package accounts has it
	Subject string
	Text    string
	HTML    string
}

// Sender sends mails.
type Sender interface {
	// Send returns nil if the message was accepted for delivery, and ErrRecipient
	// if no message can be sent to that address. After any other error it may have
	// been sent.
	Send(ctx context.Context, m Message) error
}

// ErrRecipient means that the sender cannot send to the address.
var ErrRecipient = errors.New("mail: no mail can be sent to this address")
