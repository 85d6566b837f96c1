// Command revoke is the Lambda function that ends sessions: sign-out, a user's own sessions, and any for backends.
package main

import (
	"github.com/latchkey-auth/latchkey/internal/setup"
)

func main() { setup.Run(setup.Revoke) }
