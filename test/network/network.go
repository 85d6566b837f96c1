// Package network stands in for the network to a service of AWS: it gives the
// answers that a test names, as they are on the wire.
package network

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/latchkey-auth/latchkey/internal/awsclient"
)

// Answer is what the network does with a request.
type Answer func(*http.Request) (*http.Response, error)

// Network is a transport that gives its answers in turn, and the last one again
// and again. It is for one caller at a time.
type Network struct {
	Answers []Answer
	Sent    []Request
}

// Request is a request as it was sent.
type Request struct {
	URL    string
	Header http.Header
	Body   string
}

// Of returns a network of those answers.
func Of(answers ...Answer) *Network { return &Network{Answers: answers} }

// RoundTrip implements http.RoundTripper.
func (n *Network) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	next := n.Answers[min(len(n.Sent), len(n.Answers)-1)]
	n.Sent = append(n.Sent, Request{req.URL.String(), req.Header.Clone(), string(body)})
	req = req.Clone(req.Context())
	req.Body = io.NopCloser(bytes.NewReader(body))
	return next(req)
}

// Service is any service in eu-west-1 that is reached by the network.
func (n *Network) Service() awsclient.Service {
	return awsclient.Service{
		Region: "eu-west-1", Transport: n,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	}
}

// Reply is an answer with that status and body, and headers in pairs.
func Reply(status int, body string, headers ...string) Answer {
	return func(req *http.Request) (*http.Response, error) {
		h := http.Header{"Content-Type": {"application/json"}}
		for i := 0; i < len(headers); i += 2 {
			h.Set(headers[i], headers[i+1])
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
	}
}

// Refusal is an error of that kind, as services send it.
func Refusal(status int, kind string, headers ...string) Answer {
	return Reply(status, `{"__type":"`+kind+`","message":"no"}`, headers...)
}

// Hang never answers.
func Hang(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

// HangHalfway answers with the beginning of a body.
func HangHalfway(req *http.Request) (*http.Response, error) {
	body := io.MultiReader(strings.NewReader(`{"Item":{`), stuck{req.Context()})
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(body), Request: req}, nil
}

type stuck struct{ ctx context.Context }

func (s stuck) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

// Reset breaks the connection.
func Reset(*http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
}
