// Command signin is the Lambda function that signs people in.
package main

import (
	"github.com/latchkey-auth/latchkey/internal/accounts/hashing"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
	"github.com/latchkey-auth/latchkey/internal/setup/asking"
	"github.com/latchkey-auth/latchkey/internal/setup/sealing"
)

func main() {
	build := api.OnAWS(api.SignIn, api.Hashing(hashing.Default()), asking.MailFunction)
	setup.Function{Build: build, Sealer: sealing.KMS}.Start()
}
