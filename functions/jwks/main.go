// Command jwks is the Lambda function that publishes the keys that access tokens are checked with.
package main

import (
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
)

func main() { setup.Function{Build: api.OnAWS(api.JWKS)}.Start() }
