package dynamo_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
)

// answer is what the network does with a request.
type answer func(*http.Request) (*http.Response, error)

// network gives its answers in turn, and the last one again and again.
type network struct {
	mu       sync.Mutex
	answers  []answer
	requests int
}

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	n.mu.Lock()
	next := n.answers[min(n.requests, len(n.answers)-1)]
	n.requests++
	n.mu.Unlock()
	return next(req)
}

func (n *network) client() dynamo.Client {
	return dynamo.NewClient(dynamo.ClientConfig{
		Region: "eu-west-1", Credentials: dynamolocal.Credentials(), Transport: n,
	})
}

func reply(status int, body string, headers ...string) answer {
	return func(req *http.Request) (*http.Response, error) {
		h := http.Header{"Content-Type": {"application/x-amz-json-1.0"}}
		for i := 0; i < len(headers); i += 2 {
			h.Set(headers[i], headers[i+1])
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
	}
}

// refusal is an error as DynamoDB sends it.
func refusal(status int, kind string, headers ...string) answer {
	return reply(status, `{"__type":"com.amazonaws.dynamodb.v20120810#`+kind+`","message":"no"}`, headers...)
}

// hang never answers.
func hang(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

// hangHalfway answers with the beginning of a body.
func hangHalfway(req *http.Request) (*http.Response, error) {
	body := io.MultiReader(strings.NewReader(`{"Item":{`), stuck{req.Context()})
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(body), Request: req}, nil
}

type stuck struct{ ctx context.Context }

func (s stuck) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

func reset(*http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
