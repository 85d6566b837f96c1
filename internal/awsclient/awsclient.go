// Package awsclient is what the clients of AWS services have in common: where
// credentials come from, how long a call may take, and the connections.
//
// A call ends within [Budget], retries included, whatever the service does:
// refuses, hangs, sends half an answer or asks for patience. A function that
// waits longer than its caller answers nobody.
//
// The SDK's config package is left out on purpose: it looks for credentials in
// files, profiles and services that a Lambda function has not, and costs every
// start of a function 2 MB and 2 ms.
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

// The time a call may take. An attempt is everything from dialling to the
// last byte of the answer.
const (
	Attempts = 2
	Attempt  = 400 * time.Millisecond
	Budget   = 900 * time.Millisecond

	longestPause = 50 * time.Millisecond
)

// errNoCredentials means the environment names no access key.
var errNoCredentials = errors.New("no AWS credentials in the environment")

// Environment returns a provider that reads AWS_ACCESS_KEY_ID,
// AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, where Lambda puts a function's
// credentials, at every call. A nil provider of a client means nobody signs.
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

// PatientHTTP is HTTP for a service that is slow and that nobody waits for.
func PatientHTTP(attempt time.Duration, transport http.RoundTripper) *http.Client {
	if transport == nil {
		own := AWS()
		own.ResponseHeaderTimeout = attempt
		transport = own
	}
	return &http.Client{
		Transport: transport,
		Timeout:   attempt,
		// No service of AWS redirects; a redirect would be followed unsigned.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Transport returns connections as a function needs them: few, kept open
// while a sandbox is frozen, and resumed by a ticket where they broke.
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

// tlsConfig trusts the roots, and where they are nil those of the system.
func tlsConfig(roots *x509.CertPool) *tls.Config {
	return &tls.Config{
		RootCAs:            roots,
		MinVersion:         tls.VersionTLS12,
		ClientSessionCache: tls.NewLRUClientSessionCache(4),
		// The post-quantum hybrid costs a fifth of a handshake, and what
		// passes here is worth nothing by the time it could be broken.
		CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384},
	}
}

// Retryer returns the rule for a second attempt: after faults of the network
// and the service, soon, and at most once.
func Retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = Attempts
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) {
			return rand.N(longestPause), nil
		})
	})
}

// WithinBudget ends every operation of a client after the Budget. Attempts are
// limited already; the pause between them is not, because a service may ask
// for one of seconds.
func WithinBudget(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Budget", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		ctx, cancel := context.WithTimeout(ctx, Budget)
		defer cancel()
		return next.HandleInitialize(ctx, in)
	}), middleware.Before)
}
