// Command logins is the Lambda function that signs people in by other providers.
package main

import (
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
	"github.com/latchkey-auth/latchkey/internal/setup/providers"
	"github.com/latchkey-auth/latchkey/internal/setup/sealing"
)

func main() {
	setup.Function{Build: api.OnAWS(api.Logins(providers.OpenID)), Sealer: sealing.KMS}.Start()
}
