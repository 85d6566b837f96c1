// Command rotatekeys is the Lambda function that makes and retires keys, once a day and by command.
package main

import (
	"github.com/latchkey-auth/latchkey/internal/rotatekeys"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/sealing"
)

func main() {
	setup.Function{Build: rotatekeys.Build, Sealer: sealing.KMS, Refuse: rotatekeys.Refuse}.Start()
}
