package kms_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/latchkey-auth/latchkey/sessions/kms"
)

type ctx = context.Context

// answer is what the network does with a request.
type answer func(*http.Request) (*http.Response, error)

// request is what a test looks for in one.
type request struct {
	target, authorization string
	KeyId                 string
	EncryptionContext     map[string]string
}

// network gives its answers in turn, and the last one again and again.
type network struct {
	answers []answer
	sent    []request
}

// RoundTrip implements http.RoundTripper, for one caller at a time.
func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	r := request{target: req.Header.Get("X-Amz-Target"), authorization: req.Header.Get("Authorization")}
	if err := json.Unmarshal(body, &r); err != nil {
		return nil, err
	}
	next := n.answers[min(len(n.sent), len(n.answers)-1)]
	n.sent = append(n.sent, r)
	req = req.Clone(req.Context())
	req.Body = io.NopCloser(bytes.NewReader(body))
	return next(req)
}

func (n *network) client() *awskms.Client {
	return kms.NewClient(kms.ClientConfig{Region: "eu-west-1", Credentials: credentials(), Transport: n})
}

// serve answers as the handler does.
func serve(h http.Handler) answer {
	return func(req *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		return w.Result(), nil
	}
}

func reply(status int, body string, headers ...string) answer {
	return func(req *http.Request) (*http.Response, error) {
		h := http.Header{"Content-Type": {"application/x-amz-json-1.1"}}
		for i := 0; i < len(headers); i += 2 {
			h.Set(headers[i], headers[i+1])
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
	}
}

// refusal is an error as KMS sends it.
func refusal(status int, kind string, headers ...string) answer {
	return reply(status, `{"__type":"`+kind+`","message":"no"}`, headers...)
}

// hang never answers.
func hang(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

func reset(*http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
}
