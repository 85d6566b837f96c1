// Command data is the Lambda function that keeps the data and the claims of sessions, for backends.
package main

import (
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
)

func main() { setup.Function{Build: api.OnAWS(api.Data)}.Start() }
