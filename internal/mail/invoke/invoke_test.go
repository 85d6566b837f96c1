package invoke_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/awsclient"
	"github.com/latchkey-auth/latchkey/internal/mail"
	"github.com/latchkey-auth/latchkey/internal/mail/invoke"
)

// network answers every request with the status, or fails.
type network struct {
	status  int
	err     error
	request *http.Request
	body    string
}

func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if n.request, n.body = r, string(body); err != nil || n.err != nil {
		return nil, errors.Join(err, n.err)
	}
	return &http.Response{StatusCode: n.status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

func credentials(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil
}

func (n *network) ask(t *testing.T) error {
	t.Helper()
	lambda := awsclient.Service{Region: "eu-west-1", Transport: n, Credentials: aws.CredentialsProviderFunc(credentials)}
	r := invoke.New(lambda, "stack-mail")
	return r.Request(t.Context(), mail.Request{Purpose: accounts.VerifyEmail, Tenant: "public", UserID: "id-1"})
}

// Lambda is asked to keep the event, and not to run the function at once.
func TestRequest(t *testing.T) {
	n := &network{status: http.StatusAccepted}
	if err := n.ask(t); err != nil {
		t.Fatalf("Request = %v, want nil", err)
	}
	const url = "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/stack-mail/invocations"
	if got := n.request.URL.String(); got != url || n.request.Header.Get("X-Amz-Invocation-Type") != "Event" {
		t.Errorf("the request is %s, as %q, want %s as Event", got, n.request.Header.Get("X-Amz-Invocation-Type"), url)
	}
	if n.body != `{"purpose":"verify","tenant":"public","userId":"id-1"}` {
		t.Errorf("the event is %s", n.body)
	}
}

// A request that was not taken is an error, also when Lambda says 200: then the
// function ran, and was waited for.
func TestRequestFails(t *testing.T) {
	lost := errors.New("connection reset")
	for _, n := range []*network{{status: 200}, {status: 404}, {status: 429}, {status: 500}, {err: lost}} {
		if err := n.ask(t); err == nil || n.err != nil && !errors.Is(err, lost) || strings.Contains(err.Error(), "id-1") {
			t.Errorf("Request answered %d, %v = %v, want an error without the event", n.status, n.err, err)
		}
	}
}
