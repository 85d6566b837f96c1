// Package sending sends mails by SES, for the mail function. No other function
// links it.
package sending

import (
	"os"

	"github.com/latchkey-auth/latchkey/internal/awsclient"
	"github.com/latchkey-auth/latchkey/internal/mail/ses"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
)

// SES opens the Sender if there is an address to send from.
func SES(cfg setup.Config, b *api.Backends) {
	if cfg.MailFrom != "" {
		service := awsclient.Service{Region: cfg.Region, Endpoint: os.Getenv("SES_ENDPOINT")}
		b.Sender = ses.New(service, cfg.MailFrom)
	}
}
