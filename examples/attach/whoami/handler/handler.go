// Package handler answers who is calling, on an HTTP, REST or WebSocket API.
//
// It shows how a backend asks for its caller on each of them, and asserts a
// role. A function of your own will serve one kind, and need one event type.
package handler

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/authorizer"
)

// Handler is a lambda.Handler.
type Handler struct {
	Backend authorizer.Backend
	Origin  string // of the pages that may read answers of a REST API, which leaves CORS to functions; "" for none
}

// response is what all three kinds of API understand.
type response struct {
	StatusCode int               `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
}

// The routes that ask for something else than a session. They are those of HTTP
// APIs, by the key that API Gateway matched.
const (
	welcome = "GET /welcome" // nobody has to be signed in
	reports = "GET /reports" // for administrators
)

const unauthorised = `{"message":"unauthorised"}`

// Invoke answers one event: 200 and who is calling; 401 where no authorizer has
// let the caller pass, and 403 where the caller has not the role.
func (h Handler) Invoke(_ context.Context, event []byte) ([]byte, error) {
	var kind struct {
		Version        string
		RouteKey       string
		RequestContext struct{ ConnectionID string }
	}
	if err := json.Unmarshal(event, &kind); err != nil {
		return json.Marshal(h.answer(http.StatusUnauthorized, unauthorised))
	}
	caller, err := h.caller(event, kind.Version == "2.0", kind.RequestContext.ConnectionID != "")
	switch {
	case errors.Is(err, authorizer.ErrAnonymous) && kind.RouteKey == welcome:
		return json.Marshal(h.answer(http.StatusOK, `{"message":"Hello, stranger"}`))
	case err != nil:
		return json.Marshal(h.answer(http.StatusUnauthorized, unauthorised))
	}
	if kind.RouteKey == reports {
		err = caller.Require(authorizer.Includes("st-role", "admin"))
	}
	var missing *authorizer.ClaimsError
	if errors.As(err, &missing) {
		return json.Marshal(h.answer(http.StatusForbidden, string(missing.Body())))
	}
	body, err := json.Marshal(map[string]string{"user": caller.User, "session": caller.Session, "checked": caller.Checked})
	if err != nil {
		return nil, err
	}
	return json.Marshal(h.answer(http.StatusOK, string(body)))
}

// caller reads the event as the kind of API says it that sent it.
func (h Handler) caller(event []byte, isHTTP, isSocket bool) (authorizer.Caller, error) {
	switch {
	case isHTTP:
		return read[events.APIGatewayV2HTTPRequest](event, h.Backend)
	case isSocket:
		return read[events.APIGatewayWebsocketProxyRequest](event, h.Backend)
	}
	return read[events.APIGatewayProxyRequest](event, h.Backend)
}

func read[E authorizer.Event](event []byte, by authorizer.Backend) (authorizer.Caller, error) {
	var e E
	if err := json.Unmarshal(event, &e); err != nil {
		return authorizer.Caller{}, err
	}
	return authorizer.CallerFrom(e, by)
}

func (h Handler) answer(status int, body string) response {
	r := response{
		StatusCode: status, Body: body,
		Headers: map[string]string{"content-type": "application/json", "cache-control": "no-store"},
	}
	if h.Origin != "" {
		r.Headers["access-control-allow-origin"] = h.Origin
		r.Headers["access-control-allow-credentials"] = "true"
	}
	return r
}
