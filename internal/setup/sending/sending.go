// Package sending sends mails by SES, for the mail function. No other function
// links it.
package sending

import (
	"os"

	"github.com/latchkey-auth/latchkey/internal/mail/ses"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
)

// SES opens the Sender if there is an address to send from.
func SES(cfg setup.Config, b *api.Backends) {
	if cfg.MailFrom != "" {
		b.Sender = ses.New(ses.Config{Region: cfg.Region, From: cfg.MailFrom, Endpoint: os.Getenv("SES_ENDPOINT")})
	}
}
