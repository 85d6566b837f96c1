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

// HTTP returns a client whose requests end after one Attempt. A nil transport
// means a new one of [AWS].
func HTTP(transport http.RoundTripper) *http.Client { return PatientHTTP(Attempt, transport) }

// PatientHTTP is HTTP for a slow service that no caller waits for.
func PatientHTTP(attempt time.Duration, transport http.RoundTripper) *http.Client {
	if transport == nil {
		own := AWS()
		own.ResponseHeaderTimeout = attempt
		transport = own
	}
	return &http.Client{
		Transport: transport,
		Timeout:   attempt,
		// No service of AWS redirects. A followed redirect would be unsigned.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Transport returns the connections that a function needs: few, kept open while
// a sandbox is frozen, and resumed by a ticket after they break.
func Transport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: Attempt}).DialContext,
		TLSHandshakeTimeout:   Attempt,
		ResponseHeaderTimeout: Attempt,
		MaxIdleConnsPerHost:   2,
		IdleConnTimeout:       2 * time.Minute,
		ForceAttemptHTTP2:     false,
		TLSClientConfig:       tlsConfig(nil),
	}
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

// WithinBudget ends every operation of a client after the Budget. Attempts are
// limited already, but the pauses between them are not: a service may ask for
// one of several seconds.
func WithinBudget(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Budget", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		ctx, cancel := context.WithTimeout(ctx, Budget)
		defer cancel()
		return next.HandleInitialize(ctx, in)
	}), middleware.Before)
}
