// Package gateway stands in for API Gateway on one machine: it serves the
// routes of an HTTP API as the service does, with functions behind them.
//
// Every request becomes a real event (payload format 2.0). A route's
// authorizer is called first: its exact error "Unauthorized" is answered by
// 401, a policy that denies the request, or does not allow it, by 403, and any
// other outcome by 500. Answers of the authorizer are kept by identity source
// where the API says so. Routes of AWS_IAM need a signature. Where the API has
// a CORS configuration, preflights are answered here, and the functions' own
// CORS headers are replaced.
//
// What it does is what these pages say, and what was observed of the service:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop.html and
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html.
//
// Start with [New].
package gateway

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/functions/local/sigv4"
	"github.com/latchkey-auth/latchkey/functions/local/template"
)

// Limits of HTTP APIs, in bytes.
const (
	MaxHeader = 10240 // request line and headers
	maxBody   = 10 << 20
)

// Config is what a Gateway serves.
type Config struct {
	API    template.API
	APIID  string                                                                   // as it stands in events; small letters and digits
	Invoke func(ctx context.Context, function string, event []byte) ([]byte, error) // required
	Key    sigv4.Key                                                                // admits to routes of AWS_IAM
	Now    func() time.Time                                                         // nil means time.Now
	Log    *slog.Logger                                                             // why requests were refused; required
}

// Gateway serves one HTTP API. It is safe for concurrent use.
type Gateway struct {
	cfg    Config
	routes []route
	kept   kept
}

// New returns a Gateway. It fails if a route has an authorizer that the API
// has not.
func New(cfg Config) (*Gateway, error) {
	if cfg.Invoke == nil || cfg.Log == nil {
		return nil, errors.New("gateway: nothing to invoke functions with, or no log")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	g := &Gateway{cfg: cfg, kept: newKept()}
	for _, r := range cfg.API.Routes {
		_, known := cfg.API.Authorizers[r.Auth]
		if !known && r.Auth != template.None && r.Auth != template.IAM {
			return nil, fmt.Errorf("gateway: route %q has the authorizer %q, which the API has not", r.Key, r.Auth)
		}
		g.routes = append(g.routes, newRoute(r))
	}
	return g, nil
}

// ServeHTTP implements http.Handler.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := rand.Text()
	w.Header().Set("Apigw-Requestid", id)
	if g.preflight(w, r) {
		return
	}
	answer := g.answer(w, r, id)
	g.allowOrigin(r, answer.header)
	answer.write(w)
}

// answer returns the response but for CORS.
func (g *Gateway) answer(w http.ResponseWriter, r *http.Request, id string) response {
	matched, parameters := g.match(r)
	if matched == nil {
		return message(http.StatusNotFound)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return message(http.StatusRequestEntityTooLarge)
	}
	in := g.newRequest(r, call{route: matched, parameters: parameters, id: id})
	who, refusal := g.authorize(r, in, body)
	if refusal != 0 {
		return message(refusal)
	}
	return g.integrate(r, in.event(who, body))
}

// integrate calls the function behind the route.
func (g *Gateway) integrate(r *http.Request, e functionEvent) response {
	answer, err := g.cfg.Invoke(r.Context(), e.function, e.payload)
	if err == nil {
		var parsed response
		if parsed, err = parseResponse(answer); err == nil {
			return parsed
		}
	}
	g.cfg.Log.Error("the function failed", "function", e.function, "error", err)
	return message(http.StatusInternalServerError)
}

// caller is what the gateway found out about who calls; nil on open routes.
type caller = *events.APIGatewayV2HTTPRequestContextAuthorizerDescription
