// Command signin is the Lambda function that signs people in.
package main

import (
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/sealing"
)

func main() { sealing.Run(setup.SignIn) }
