package awsclient_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey-auth/latchkey/internal/awsclient"
	"github.com/latchkey-auth/latchkey/test/network"
)

// opened returns one call of the service, taken for a DynamoDB.
func opened(s awsclient.Service) func(context.Context) error {
	client := dynamodb.NewFromConfig(s.Config())
	return func(ctx context.Context) error {
		_, err := client.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: aws.String("sessions"),
			Key:       map[string]types.AttributeValue{"user": &types.AttributeValueMemberS{Value: "u"}},
		})
		return err
	}
}

// TestFaults calls a service that is broken for good. The clock is the bubble's:
// budgets are measured exactly.
func TestFaults(t *testing.T) {
	for _, fault := range []struct {
		name     string
		answer   network.Answer
		attempts int
	}{
		{"hung", network.Hang, awsclient.Attempts},
		{"hung halfway", network.HangHalfway, awsclient.Attempts},
		{"reset", network.Reset, awsclient.Attempts},
		{"throttled", network.Refusal(400, "ProvisionedThroughputExceededException"), awsclient.Attempts},
		{"throttled for seconds", network.Refusal(400, "ThrottlingException", "X-Amz-Retry-After", "4000"), 1},
		{"over a limit", network.Refusal(400, "RequestLimitExceeded"), awsclient.Attempts},
		{"internal error", network.Refusal(500, "InternalServerError"), awsclient.Attempts},
		{"a service behind it hangs", network.Refusal(503, "DependencyTimeoutException"), awsclient.Attempts},
		{"unavailable", network.Reply(503, "<html>"), awsclient.Attempts},
		{"not permitted", network.Refusal(400, "AccessDeniedException"), 1},
		{"not there", network.Refusal(400, "ResourceNotFoundException"), 1},
		{"half a body", network.Reply(200, `{"Item":`), 1},
		{"redirected", network.Reply(307, "", "Location", "http://other.example/"), 1},
	} {
		t.Run(fault.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				net, start := network.Of(fault.answer), time.Now()
				err := opened(net.Service())(t.Context())
				if took := time.Since(start); err == nil || took > awsclient.Budget || len(net.Sent) != fault.attempts {
					t.Errorf("a call = %v after %v and %d requests, want an error within %v by %d",
						err, took, len(net.Sent), awsclient.Budget, fault.attempts)
				}
			})
		})
	}
}

// TestHungSocket is one of the faults on a real connection, with a listener
// that accepts and never answers.
func TestHungSocket(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	service := network.Of().Service()
	service.Endpoint, service.Transport = "http://"+l.Addr().String(), nil
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := opened(service)(ctx); err == nil || ctx.Err() != nil {
		t.Errorf("a call = %v, caller's context %v, want an error of the client's own", err, ctx.Err())
	}
}

// TestCredentials: they are those of the environment, at every call; without
// them nothing is sent.
func TestCredentials(t *testing.T) {
	net := network.Of(network.Reply(200, `{}`))
	service := net.Service()
	service.Credentials = nil
	call := opened(service)
	for _, id := range []string{"", "AKIA1", "AKIA2"} {
		for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} {
			t.Setenv(name, id)
		}
		net.Sent = nil
		err := call(t.Context())
		if id == "" {
			if err == nil || len(net.Sent) != 0 || !strings.Contains(err.Error(), "AWS_ACCESS_KEY_ID") {
				t.Errorf("a call without credentials = %v after %d requests, want an error that names them", err, len(net.Sent))
			}
			continue
		}
		if err != nil || len(net.Sent) != 1 {
			t.Fatalf("a call = %v after %d requests, want nil after one", err, len(net.Sent))
		}
		by, session := net.Sent[0].Header.Get("Authorization"), net.Sent[0].Header.Get("X-Amz-Security-Token")
		if !strings.Contains(by, "Credential="+id+"/") || !strings.Contains(by, "/eu-west-1/") || session != id {
			t.Errorf("signed %s in session %s, want by %s for the Region", by, session, id)
		}
	}
}
