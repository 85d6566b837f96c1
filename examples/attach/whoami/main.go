// Command whoami is a Lambda function behind Latchkey's authorizer on an API of
// any kind.
package main

import (
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/examples/attach/whoami/handler"
)

func main() {
	// What aws-lambda-go logs is made JSON as well.
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stdout, nil)))
	lambda.Start(handler.Handler{Backend: authorizer.Backend{Issuer: os.Getenv("ISSUER")}, Origin: os.Getenv("ALLOWED_ORIGIN")})
}
