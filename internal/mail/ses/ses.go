// Package ses sends mails by Amazon SES.
//
// SES cannot tell that a message was sent before. So a call whose answer was
// lost is not repeated here; the event that asked for the mail is repeated,
// once. SES has not sent what it throttled, and that call is repeated.
package ses

import (
	"context"
	"math/rand/v2"
	"strings"
	"time"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"github.com/latchkey-auth/latchkey/internal/awsclient"
	"github.com/latchkey-auth/latchkey/internal/mail"
)

var _ mail.Sender = (*Sender)(nil)

// The time that sending may take: two attempts, and between them as long as SES
// counts a rate, or up to twice as long.
const (
	attempts = 2
	attempt  = 5 * time.Second
	pause    = time.Second
)

// Sender is a mail.Sender. It is safe for concurrent use.
type Sender struct {
	client *sesv2.Client
	from   string
}

// New returns a Sender of mails from that address, which must be of a verified
// identity. It does no I/O.
func New(service awsclient.Service, from string) *Sender {
	return &Sender{client: sesv2.NewFromConfig(service.Patient(attempt, retryer)), from: from}
}

// retryer repeats a throttled call, and no other.
func retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		o.Retryables = []retry.IsErrorRetryable{retry.RetryableErrorCode{Codes: retry.DefaultThrottleErrorCodes}}
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return pause + rand.N(pause), nil })
	})
}

// Send implements mail.Sender. SES takes no address with a local part beyond
// ASCII. The error of SES may name the address; the error of Send does not.
func (s *Sender) Send(ctx context.Context, m mail.Message) error {
	if strings.ContainsFunc(m.To, func(r rune) bool { return r > unicode.MaxASCII }) {
		return mail.ErrRecipient
	}
	_, err := s.client.SendEmail(ctx, &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(s.from),
		Destination:      &types.Destination{ToAddresses: []string{m.To}},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: utf8(m.Subject),
			Body:    &types.Body{Text: utf8(m.Text), Html: utf8(m.HTML)},
		}},
	})
	if err != nil {
		return &fault{words: "ses: " + strings.ReplaceAll(err.Error(), m.To, "[recipient]"), err: err}
	}
	return nil
}

func utf8(s string) *types.Content {
	return &types.Content{Data: aws.String(s), Charset: aws.String("UTF-8")}
}

// fault is an error of SES in words that name no recipient.
type fault struct {
	words string
	err   error
}

func (f *fault) Error() string { return f.words }

// Unwrap returns the SDK's error.
func (f *fault) Unwrap() error { return f.err }
