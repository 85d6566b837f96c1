// Package web turns the events of an HTTP API (payload format 2.0) into calls
// of handlers. It turns what they return, including errors, into responses.
//
// A request is dispatched by the route key that API Gateway matched, never by
// its path, which the caller may spell in many ways. Bodies are capped and
// decoded strictly. One table says which status an error has; only the table's
// own words reach the client. If a handler panics the answer is 500.
//
// Start with [Mux].
package web

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// Response is what API Gateway turns into the HTTP response.
type Response = events.APIGatewayV2HTTPResponse

// Handler answers one request. Its error becomes the response that the table
// has for it.
type Handler func(ctx context.Context, r *Request) (Response, error)

// Route is a handler and the form in which its errors are reported.
type Route struct {
	Handler Handler
	Errors  Form
}

// Mux answers the events of one function. It is a lambda.Handler, safe for
// concurrent use.
type Mux struct {
	Routes map[string]Route // by route key: "POST /auth/signin"
	Log    *slog.Logger     // required
	// Viewer names, in lower case, the header in which the one proxy in front of
	// the API states the address of each request. All requests must come through
	// that proxy: otherwise a client could write there what it likes. "" means that
	// there is none.
	Viewer string
}

// Invoke answers one event. It returns an error only if the event is not that
// of an HTTP API: a panic of a handler is answered like an error.
func (m *Mux) Invoke(ctx context.Context, payload []byte) (answer []byte, err error) {
	var event events.APIGatewayV2HTTPRequest
	if err := jsonv2.Unmarshal(payload, &event, jsontext.AllowInvalidUTF8(true)); err != nil {
		// The error's text may quote the event, and so a token.
		return nil, fmt.Errorf("web: not an event of an HTTP API, payload format 2.0")
	}
	route, ok := m.Routes[event.RouteKey]
	if !ok {
		return encode(Problem.response(told(404, "no_such_route", "no such route")))
	}
	defer func() {
		if p := recover(); p != nil {
			m.Log.ErrorContext(ctx, "handler panicked", "route", event.RouteKey, "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			answer, err = encode(route.Errors.response(internal()))
		}
	}()
	body := []byte(event.Body)
	if event.IsBase64Encoded {
		if body, err = base64.StdEncoding.DecodeString(event.Body); err != nil {
			return encode(m.failed(ctx, event.RouteKey, route.Errors, fmt.Errorf("%w: body is not base64", ErrBadRequest)))
		}
	}
	headers := map[string][]string{}
	for name, value := range event.Headers {
		name = strings.ToLower(name)
		headers[name] = append(headers[name], value)
	}
	source := event.RequestContext.HTTP.SourceIP
	if m.Viewer != "" {
		source = cmp.Or(viewer(headers[m.Viewer]), source)
	}
	response, err := route.Handler(ctx, &Request{
		Event:  event,
		FDI:    fdi.NewRequest(func(name string) []string { return headers[name] }, event.Cookies),
		Path:   event.PathParameters,
		Query:  event.QueryStringParameters,
		Body:   body,
		Source: source,
	})
	if err != nil {
		response = m.failed(ctx, event.RouteKey, route.Errors, err)
	}
	return encode(response)
}

// failed logs an error that the client did not cause, and returns the response
// to it.
func (m *Mux) failed(ctx context.Context, route string, f Form, err error) Response {
	a := answerTo(err)
	switch {
	case sessions.Overloaded(err):
		// A user can cause that alone, and only for that same user.
		m.Log.WarnContext(ctx, "user overloaded", "route", route, "error", err)
	case a.status >= 500:
		m.Log.ErrorContext(ctx, "request failed", "route", route, "error", err)
	}
	return f.response(a)
}

func encode(r Response) ([]byte, error) { return jsonv2.Marshal(r, jsonv2.Deterministic(true)) }
