// Package gateway stands in for API Gateway on one machine. It serves the
// routes of an HTTP, REST or WebSocket API as the service does, with functions
// behind them.
//
// Every request becomes a real event: of payload format 2.0 for HTTP APIs, of
// proxy integrations for REST and WebSocket APIs. A route's authorizer is
// called first. Its exact error "Unauthorized" is answered with 401, and a
// policy that denies or does not allow the request with 403. Every other
// outcome but an allow is answered with 500. Answers of the authorizer are kept
// by identity source if the API says so. AWS_IAM routes need a signature, and
// routes of API Gateway's own authorizer need a JWT. The CORS configuration of
// an HTTP API answers preflights and replaces the functions' own CORS headers.
// A REST API has gateway responses. On a WebSocket API the connect is judged.
//
// It does what these pages say, and what was observed of the service:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop.html,
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html,
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html and
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html.
//
// Start with [New].
package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/latchkey-auth/latchkey/internal/gateway/sigv4"
	"github.com/latchkey-auth/latchkey/internal/template"
)

// Limits of API Gateway, in bytes.
const (
	MaxHeader  = 10240 // request line and headers
	maxBody    = 10 << 20
	maxMessage = 128 << 10 // on a WebSocket
)

// Config says what a gateway serves.
type Config struct {
	API   template.API
	APIID string // as in events: small letters and digits

	// Mapping is, for an HTTP API, the path before its own at a custom domain,
	// such as /shop.
	Mapping string

	// Invoke calls a function. It is required.
	Invoke func(ctx context.Context, function string, event []byte) ([]byte, error)

	// JWKS returns the keys of an issuer. It is required if the API's own
	// authorizer needs them.
	JWKS func(ctx context.Context, issuer string) ([]byte, error)

	Key sigv4.Key        // gives access to AWS_IAM routes
	Now func() time.Time // nil means time.Now
	Log *slog.Logger     // why requests were refused; required
}

// New returns a handler that serves one API. It is safe for concurrent use. It
// fails if a route names an authorizer that the API does not have.
func New(cfg Config) (http.Handler, error) {
	if cfg.Invoke == nil || cfg.Log == nil {
		return nil, errors.New("gateway: nothing to invoke functions with, or no log")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	var routes []route
	for _, r := range cfg.API.Routes {
		a, known := cfg.API.Authorizers[r.Auth]
		if !known && r.Auth != template.None && (r.Auth != template.IAM || cfg.API.Kind != template.HTTP) {
			return nil, fmt.Errorf("gateway: route %q has the authorizer %q, which the API has not", r.Key, r.Auth)
		}
		if a.Issuer != "" && cfg.JWKS == nil {
			return nil, fmt.Errorf("gateway: route %q needs keys of %s, and there is nothing to get them with", r.Key, a.Issuer)
		}
		routes = append(routes, newRoute(r))
	}
	s := &shared{cfg: cfg, kept: newKept()}
	switch cfg.API.Kind {
	case template.REST:
		return &restAPI{shared: s, routes: routes}, nil
	case template.WebSocket:
		return newSocketAPI(s), nil
	}
	return &httpAPI{shared: s, routes: routes}, nil
}

// shared is what all kinds of API have in common.
type shared struct {
	cfg  Config
	kept kept
}

// host returns the name in the Host header and its first label.
func host(r *http.Request) (name, prefix string) {
	name, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		name = r.Host
	}
	for i := range len(name) {
		if name[i] == '.' {
			return name, name[:i]
		}
	}
	return name, name
}

// arn names the method or route that is called.
func (s *shared) arn(rest string) string {
	return "arn:aws:execute-api:" + template.Region + ":" + template.Account + ":" + s.cfg.APIID + "/" + s.cfg.API.Stage + "/" + rest
}

// gatewayTime is how events write the time of a request.
const gatewayTime = "02/Jan/2006:15:04:05 -0700"
