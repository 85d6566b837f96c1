// Command rotatekeys is the Lambda function that makes and retires keys, once a day and by command.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/latchkey-auth/latchkey/internal/keys"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/sealing"
)

func main() {
	sealing.RunOr(setup.RotateKeys, func(why error) lambda.Handler { return keys.Refusal{Reason: why} })
}
