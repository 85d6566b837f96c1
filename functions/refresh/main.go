// Command refresh is the Lambda function that gives a session new tokens.
package main

import (
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/sealing"
)

func main() { sealing.Run(setup.Refresh) }
