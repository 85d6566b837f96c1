// Package awsclient is what the clients of AWS services have in common: the
// source of credentials, the time a call may take, and the connections.
//
// A call ends within [Budget], retries included. This holds if the service
// refuses, hangs, sends half an answer or asks for a pause. A function that
// waits longer than its caller answers nobody.
//
// The SDK's config package is left out on purpose. It looks for credentials in
// files, profiles and services that a Lambda function does not have, and costs
// every start of a function 2 MB and 2 ms.
//
// Start with [Service].
package awsclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"
)

// The time a call may take. An attempt lasts from dialing to the last byte of
// the answer.
const (
	Attempts = 2
	Attempt  = 400 * time.Millisecond
	Budget   = 900 * time.Millisecond

	longestPause = 50 * time.Millisecond
)

// errNoCredentials means that the environment names no access key.
var errNoCredentials = errors.New("no AWS credentials in the environment")

// Environment returns a provider that reads AWS_ACCESS_KEY_ID,
// AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN at every call. Lambda puts a
// function's credentials there. A nil provider in a client means that it does
// not sign.
func Environment(getenv func(string) string) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		c := aws.Credentials{
			AccessKeyID:     getenv("AWS_ACCESS_KEY_ID"),
			SecretAccessKey: getenv("AWS_SECRET_ACCESS_KEY"),
			SessionToken:    getenv("AWS_SESSION_TOKEN"),
			Source:          "environment",
		}
		if !c.HasKeys() {
			return aws.Credentials{}, fmt.Errorf("%w: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY", errNoCredentials)
		}
		return c, nil
	})
}

// Service says where a service of AWS is and who calls it. Only Region is
// required.
type Service struct {
	Region      string
	Endpoint    string                  // URL of another service, by the system's roots; empty means the Region's
	Credentials aws.CredentialsProvider // nil means those of the environment, read at every call
	Transport   http.RoundTripper       // nil means connections of the client's own
}

// Config returns the configuration of a client whose calls end in less than a
// second: two attempts of 400 ms, with a short pause in between. It does no
// I/O.
func (s Service) Config() aws.Config {
	cfg := s.Patient(Attempt, Retryer)
	cfg.APIOptions = []func(*middleware.Stack) error{withinBudget}
	return cfg
}

// Patient is Config for a slow service that no caller waits for: an attempt
// lasts that long, and the retryer alone says whether there is another.
func (s Service) Patient(attempt time.Duration, retryer func() aws.Retryer) aws.Config {
	cfg := aws.Config{Region: s.Region, Credentials: s.Credentials, Retryer: retryer}
	if cfg.Credentials == nil {
		cfg.Credentials = Environment(os.Getenv)
	}
	if s.Endpoint != "" {
		cfg.BaseEndpoint = aws.String(s.Endpoint)
	}
	cfg.HTTPClient = &http.Client{
		Transport: s.transport(attempt),
		Timeout:   attempt,
		// No service of AWS redirects. A followed redirect would be unsigned.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return cfg
}

// transport returns the connections that a function needs: few, kept open while
// a sandbox is frozen, and resumed by a ticket after they break.
func (s Service) transport(attempt time.Duration) http.RoundTripper {
	if s.Transport != nil {
		return s.Transport
	}
	own := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: Attempt}).DialContext,
		TLSHandshakeTimeout:   Attempt,
		ResponseHeaderTimeout: attempt,
		MaxIdleConnsPerHost:   2,
		IdleConnTimeout:       2 * time.Minute,
		ForceAttemptHTTP2:     false,
		TLSClientConfig:       tlsConfig(nil),
	}
	if s.Endpoint == "" {
		own.DialTLSContext = newTrusting(amazons(), nil).dial
	}
	return own
}

// tlsConfig trusts the roots, or those of the system if they are nil.
func tlsConfig(roots *x509.CertPool) *tls.Config {
	return &tls.Config{
		RootCAs:            roots,
		MinVersion:         tls.VersionTLS12,
		ClientSessionCache: tls.NewLRUClientSessionCache(4),
		// The post-quantum hybrid costs a fifth of a handshake. What is sent
		// here is worthless by the time it could be broken.
		CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384},
	}
}

// Retryer returns the rule for a second attempt: soon after a fault of the
// network or the service, and at most one.
func Retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = Attempts
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) {
			return rand.N(longestPause), nil
		})
	})
}

// withinBudget ends every operation of a client after the Budget. Attempts are
// limited already, but the pauses between them are not: a service may ask for
// one of several seconds.
func withinBudget(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Budget", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		ctx, cancel := context.WithTimeout(ctx, Budget)
		defer cancel()
		return next.HandleInitialize(ctx, in)
	}), middleware.Before)
}
