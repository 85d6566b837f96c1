// Command mail is the Lambda function that mails links, to reset passwords and to verify addresses.
package main

import (
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
	"github.com/latchkey-auth/latchkey/internal/setup/sending"
)

func main() { setup.Function{Build: api.OnAWS(api.Mail, sending.SES)}.Start() }
