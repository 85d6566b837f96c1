// Package invoke hands requests for mails to the mail function, as asynchronous
// invocations of Lambda. Lambda stores the event, answers the caller, and then
// runs the function.
package invoke

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/latchkey-auth/latchkey/internal/awsclient"
	"github.com/latchkey-auth/latchkey/internal/mail"
)

var _ mail.Requests = (*Requests)(nil)

// Requests is a mail.Requests. It is safe for concurrent use.
type Requests struct {
	client   *lambda.Client
	function string
}

// New returns Requests that ask Lambda for the mail function of that name or
// ARN. Its calls end in less than a second. It does no I/O.
func New(service awsclient.Service, function string) *Requests {
	return &Requests{client: lambda.NewFromConfig(service.Config()), function: function}
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
