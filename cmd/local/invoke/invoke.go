// Package invoke runs the handlers of functions as Lambda does, and serves
// Lambda's Invoke API for them, so that the AWS CLI can call them:
//
//	aws lambda invoke --endpoint-url http://127.0.0.1:8787 --function-name JwksFunction …
//
// An invocation has the function's time limit and a request id. A handler that
// fails or panics ends in an *Error, the same that Lambda would report.
//
// Names and forms are from https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html.
package invoke

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/latchkey-auth/latchkey/internal/template"
)

// Function is a handler and the longest time it may take.
type Function struct {
	Handler lambda.Handler
	Timeout time.Duration
	Aliases []string // by which it may be invoked
}

// Functions holds functions by their logical id. It must not change once it is
// in use.
type Functions struct {
	ByID map[string]Function
	Log  *slog.Logger // gets the stack of a panic; required
}

// Error is what a function failed with, as Lambda tells it.
type Error struct {
	Message string `json:"errorMessage"`
	Type    string `json:"errorType"`
}

// Error returns the function's own message and nothing else: API Gateway
// compares it.
func (e *Error) Error() string { return e.Message }

// find returns the function of that name.
func (f *Functions) find(name string) (Function, error) {
	id, alias, qualified := strings.Cut(name, ":")
	function, found := f.ByID[id]
	if !found || qualified && alias != "$LATEST" && !slices.Contains(function.Aliases, alias) {
		return Function{}, errors.New("there is no function " + name)
	}
	return function, nil
}

// Invoke runs the function of that name with an event. A name is a logical id,
// and behind a colon the alias by which the function is invoked, which it is
// told by the invoked ARN. The error is an *Error if the function failed.
func (f *Functions) Invoke(ctx context.Context, name string, event []byte) ([]byte, error) {
	function, err := f.find(name)
	if err != nil {
		return nil, err
	}
	// A function runs to its end, also when nobody waits for the answer.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), function.Timeout)
	defer cancel()
	request := rand.Text()
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
		AwsRequestID: request, InvokedFunctionArn: template.FunctionARN(name),
	})
	type result struct {
		answer []byte
		err    error
	}
	done := make(chan result, 1)
	go func() {
		answer, err := f.run(ctx, name, function.Handler, event)
		done <- result{answer, err}
	}()
	select {
	case r := <-done:
		return r.answer, r.err
	case <-ctx.Done():
		message := fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds",
			request, function.Timeout.Seconds())
		return nil, &Error{Message: message, Type: "Sandbox.Timedout"}
	}
}

func (f *Functions) run(ctx context.Context, name string, h lambda.Handler, event []byte) (answer []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			f.Log.ErrorContext(ctx, "function panicked", "function", name, "stack", string(debug.Stack()))
			answer, err = nil, &Error{Message: fmt.Sprint(p), Type: typeOf(p)}
		}
	}()
	answer, err = h.Invoke(ctx, event)
	if err != nil {
		return nil, &Error{Message: err.Error(), Type: typeOf(err)}
	}
	return answer, nil
}

// typeOf names the type of an error as aws-lambda-go does.
func typeOf(v any) string {
	t := reflect.TypeOf(v)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}
