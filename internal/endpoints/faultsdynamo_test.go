//go:build dynamodb

package endpoints_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/awsclient"
	"github.com/latchkey-auth/latchkey/internal/logins"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
	"github.com/latchkey-auth/latchkey/test/proof"
)

// The ways only a service has.
const (
	throttled way = "throttled"
	failing   way = "answered 500"
	halved    way = "answered by half a body"
)

// network is the way to DynamoDB, on which requests go as a plan says.
type network struct {
	to http.RoundTripper

	mu   sync.Mutex
	plan *plan
}

func (n *network) arm(p *plan) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.plan = p
}

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	n.mu.Lock()
	p := n.plan
	n.mu.Unlock()
	switch p.next() {
	case refused:
		return nil, broken("connect", syscall.ECONNREFUSED)
	case hung:
		<-req.Context().Done()
		return nil, req.Context().Err()
	case lost:
		if err := drained(n.to.RoundTrip(req)); err != nil {
			return nil, err
		}
		return nil, broken("read", syscall.ECONNRESET)
	case throttled:
		return refusal(req, 400, "ProvisionedThroughputExceededException"), nil
	case failing:
		return refusal(req, 500, "InternalServerError"), nil
	case halved:
		if err := drained(n.to.RoundTrip(req)); err != nil {
			return nil, err
		}
		return response(req, 200, `{"Item":{"user":`), nil
	}
	return n.to.RoundTrip(req)
}

func broken(op string, errno syscall.Errno) error {
	return &net.OpError{Op: op, Net: "tcp", Err: os.NewSyscallError(op, errno)}
}

// drained reads an answer to its end, and drops it.
func drained(a *http.Response, err error) error {
	if err != nil {
		return err
	}
	defer a.Body.Close()
	_, err = io.Copy(io.Discard, a.Body)
	return err
}

func refusal(req *http.Request, status int, kind string) *http.Response {
	return response(req, status, `{"__type":"com.amazonaws.dynamodb.v20120810#`+kind+`","message":"no"}`)
}

func response(req *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body: io.NopCloser(bytes.NewBufferString(body)), Request: req,
	}
}

// tables are those of a stack on the engine that all tests share.
type tables struct{ endpoint, sessions, accounts, keys string }

func newTables(t *testing.T) tables {
	return tables{
		dynamolocal.Endpoint(t), dynamolocal.Table(t, dynamo.SessionsTable),
		dynamolocal.Table(t, accounts.AccountsTable), dynamolocal.Table(t, dynamo.KeysTable),
	}
}

func (of tables) stores(c *dynamodb.Client) stores {
	return stores{
		dynamo.New(c, of.sessions), accounts.NewDynamo(c, of.accounts), dynamo.NewKeys(c, of.keys), logins.NewDynamo(c, of.keys),
	}
}

// onDynamoDB returns a ground over the tables. It is for a bubble, whose clock
// stands still while a request is on its way: only those that hang take time.
func onDynamoDB(t *testing.T, of tables) *ground {
	// A connection that is kept has somebody who waits for it, and then the
	// bubble's clock does not move.
	n := &network{to: &http.Transport{DisableKeepAlives: true}}
	s := newStackOver(t, func() stores {
		client := dynamo.NewClient(dynamo.ClientConfig{
			Region: "local", Endpoint: of.endpoint, Credentials: dynamolocal.Credentials(), Transport: n,
		})
		return of.stores(client)
	})
	return newGround(s, n.arm)
}

// TestEveryRequestToDynamoDB is TestEveryStorageCall on the real engine, for
// each request that is sent to it, those that are sent again included.
func TestEveryRequestToDynamoDB(t *testing.T) {
	all := each([]way{refused, hung, lost, throttled, failing, halved}, 1, awsclient.Attempts, forGood)
	faults := proof.Scale([]fault{{lost, 1}, {lost, awsclient.Attempts}, {throttled, forGood}}, all)
	tries := 0
	for _, op := range operations() {
		t.Run(op.name, func(t *testing.T) {
			of := newTables(t)
			synctest.Test(t, func(t *testing.T) { tries += onDynamoDB(t, of).everyCall(op, faults) })
		})
	}
	proof.Report(t, "requests with a request to DynamoDB that went wrong", tries)
}
