// Package asking hands requests for mails to the mail function, for the
// functions that may ask for one. No other function links it.
package asking

import (
	"os"

	"github.com/latchkey-auth/latchkey/internal/awsclient"
	"github.com/latchkey-auth/latchkey/internal/mail/invoke"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
)

// MailFunction opens the Requests if there is a mail function.
func MailFunction(cfg setup.Config, b *api.Backends) {
	if cfg.MailFunction != "" {
		lambda := awsclient.Service{Region: cfg.Region, Endpoint: os.Getenv("LAMBDA_ENDPOINT")}
		b.Mail = invoke.New(lambda, cfg.MailFunction)
	}
}
