// Command signup is the Lambda function that signs people up, and tells whether an e-mail address is taken.
package main

import (
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/sealing"
)

func main() { sealing.Run(setup.SignUp) }
