// Command impersonate is the Lambda function that starts sessions of any user
// and makes their access tokens, for backends.
package main

import (
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
	"github.com/latchkey-auth/latchkey/internal/setup/sealing"
)

func main() { setup.Function{Build: api.OnAWS(api.Impersonate), Sealer: sealing.KMS}.Start() }
