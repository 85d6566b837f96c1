// Command rotatekeys is the Lambda function that makes and retires keys, once a day and by command.
package main

import (
	"github.com/latchkey-auth/latchkey/functions/internal/setup"
	"github.com/latchkey-auth/latchkey/functions/internal/setup/sealing"
)

func main() { sealing.Run(setup.RotateKeys) }
