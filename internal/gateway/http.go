package gateway

import (
	"crypto/rand"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// httpAPI serves one HTTP API.
type httpAPI struct {
	*shared
	routes []route
}

// caller is what the gateway found out about the caller. It is nil on open
// routes.
type caller = *events.APIGatewayV2HTTPRequestContextAuthorizerDescription

// ServeHTTP implements http.Handler.
func (g *httpAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := rand.Text()
	w.Header().Set("Apigw-Requestid", id)
	if g.preflight(w, r) {
		return
	}
	answer := g.answer(w, r, id)
	g.allowOrigin(r, answer.header)
	answer.write(w)
}

// answer returns the response without the CORS headers.
func (g *httpAPI) answer(w http.ResponseWriter, r *http.Request, id string) response {
	path, mapped := strings.CutPrefix(r.URL.EscapedPath(), g.cfg.Mapping)
	matched, parameters := find(g.routes, r.Method, decodedFirst(path))
	if matched == nil || !mapped || !strings.HasPrefix(path, "/") {
		return message(http.StatusNotFound)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return message(http.StatusRequestEntityTooLarge)
	}
	in := g.newRequest(r, call{route: matched, parameters: parameters, id: id})
	who, refusal := g.authorize(r, in, body)
	if refusal != nil {
		return *refusal
	}
	return g.integrate(r, in.event(who, body))
}

// integrate calls the function behind the route.
func (g *httpAPI) integrate(r *http.Request, e functionEvent) response {
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
