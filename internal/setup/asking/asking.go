// Package asking hands requests for mails to the mail function, for the
// functions that may ask for one. No other function links it.
package asking

import (
	"os"

	"github.com/latchkey-auth/latchkey/internal/mail/invoke"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
)

// MailFunction opens the Requests if there is a mail function.
func MailFunction(cfg setup.Config, b *api.Backends) {
	if cfg.MailFunction != "" {
		b.Mail = invoke.New(invoke.Config{
			Region: cfg.Region, Function: cfg.MailFunction, Endpoint: os.Getenv("LAMBDA_ENDPOINT"),
		})
	}
}
