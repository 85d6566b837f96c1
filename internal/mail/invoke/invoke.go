// Package invoke hands requests for mails to the mail function, as asynchronous
// invocations of Lambda. Lambda stores the event, answers the caller, and then
// runs the function.
package invoke

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/latchkey-auth/latchkey/internal/awsclient"
	"github.com/latchkey-auth/latchkey/internal/mail"
)

var _ mail.Requests = (*Requests)(nil)

// Config names the function that mails, and the credentials to ask it with. All
// but Region and Function may be left zero.
type Config struct {
	Region      string
	Function    string                  // name or ARN of the mail function
	Endpoint    string                  // URL of a Lambda other than the Region's; empty means that
	Credentials aws.CredentialsProvider // nil means those in the environment, read at every call
	Transport   http.RoundTripper       // nil means new connections of the client's own
}

// Requests is a mail.Requests. It is safe for concurrent use.
type Requests struct {
	client   *lambda.Client
	function string
}

// New returns Requests whose calls end in less than a second: two attempts of
// 400 ms, and a short pause between them. It does no I/O.
func New(cfg Config) *Requests {
	if cfg.Credentials == nil {
		cfg.Credentials = awsclient.Environment(os.Getenv)
	}
	options := lambda.Options{
		Region:      cfg.Region,
		Credentials: cfg.Credentials,
		HTTPClient:  awsclient.HTTP(cfg.Transport),
		Retryer:     awsclient.Retryer(),
		APIOptions:  []func(*middleware.Stack) error{awsclient.WithinBudget},
	}
	if cfg.Endpoint != "" {
		options.BaseEndpoint = aws.String(cfg.Endpoint)
	}
	return &Requests{client: lambda.New(options), function: cfg.Function}
}

// Request implements mail.Requests.
func (r *Requests) Request(ctx context.Context, q mail.Request) error {
	event, err := json.Marshal(q)
	if err != nil {
		return fmt.Errorf("invoke: %w", err)
	}
	out, err := r.client.Invoke(ctx, &lambda.InvokeInput{
		FunctionName: aws.String(r.function), InvocationType: types.InvocationTypeEvent, Payload: event,
	})
	if err != nil {
		return fmt.Errorf("invoke: asking for a mail: %w", err)
	}
	if out.StatusCode != http.StatusAccepted {
		return fmt.Errorf("invoke: asking for a mail: Lambda answers %d, not that it has the event", out.StatusCode)
	}
	return nil
}
