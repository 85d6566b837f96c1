// Command notes is a Lambda function behind Latchkey's authorizer.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/examples/notes/handler"
)

func main() { lambda.Start(handler.New(authorizer.Backend{}).Handle) }
