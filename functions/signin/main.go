// Command signin is the Lambda function that signs people in.
package main

import (
	"github.com/latchkey-auth/latchkey/internal/accounts/hashing"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
	"github.com/latchkey-auth/latchkey/internal/setup/sealing"
)

func main() {
	setup.Function{Build: api.OnAWS(api.SignIn, api.Hashing(hashing.Default())), Sealer: sealing.KMS}.Start()
}
