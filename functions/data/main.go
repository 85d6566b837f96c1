// Command data is the Lambda function that keeps the data and the claims of sessions, for backends.
package main

import (
	"github.com/latchkey-auth/latchkey/internal/setup"
)

func main() { setup.Run(setup.Data) }
