// Command echo is the smallest function there can be: it answers every event
// with itself, fails on the text "fail", and ends on "exit".
package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(_ context.Context, event json.RawMessage) (json.RawMessage, error) {
		switch string(event) {
		case `"fail"`:
			return nil, errors.New("Unauthorized")
		case `"exit"`:
			os.Exit(3)
		}
		return event, nil
	})
}
