// Command refresh is the Lambda function that gives a session new tokens.
package main

import (
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
	"github.com/latchkey-auth/latchkey/internal/setup/sealing"
)

func main() { setup.Function{Build: api.OnAWS(api.Refresh), Sealer: sealing.KMS}.Start() }
