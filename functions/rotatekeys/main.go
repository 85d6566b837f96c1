// Command rotatekeys is the Lambda function that makes and retires keys, once a day and by command.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/latchkey-auth/latchkey/functions/internal/keys"
	"github.com/latchkey-auth/latchkey/functions/internal/setup"
	"github.com/latchkey-auth/latchkey/functions/internal/setup/sealing"
)

func main() {
	sealing.RunOr(setup.RotateKeys, func(why error) lambda.Handler { return keys.Refusal{Reason: why} })
}
