// Command signup is the Lambda function that signs people up, and tells whether an e-mail address is taken.
package main

import (
	"github.com/latchkey-auth/latchkey/internal/accounts/hashing"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
	"github.com/latchkey-auth/latchkey/internal/setup/sealing"
)

func main() {
	setup.Function{Build: api.OnAWS(api.SignUp, api.Hashing(hashing.Default())), Sealer: sealing.KMS}.Start()
}
