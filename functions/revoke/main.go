// Command revoke is the Lambda function that ends sessions: sign-out, a user's own sessions, and any for backends.
package main

import (
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
)

func main() { setup.Function{Build: api.OnAWS(api.Revoke)}.Start() }
