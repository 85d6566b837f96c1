// Package handler answers who is calling, on an HTTP, REST or WebSocket API.
//
// It shows how a backend asks for its caller on each of them. A function of
// your own will serve one kind, and need one of the three calls.
package handler

import (
	"context"
	"encoding/json"
	"net/http"

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

// Invoke answers one event: 200 and who is calling, or 401 where no authorizer
// has let the caller pass.
func (h Handler) Invoke(_ context.Context, event []byte) ([]byte, error) {
	caller, err := h.caller(event)
	if err != nil {
		return json.Marshal(h.answer(http.StatusUnauthorized, map[string]string{"message": "unauthorised"}))
	}
	return json.Marshal(h.answer(http.StatusOK, map[string]string{
		"user": caller.User, "session": caller.Session, "checked": caller.Checked,
	}))
}

// caller reads the event as the kind of API says it that sent it.
func (h Handler) caller(event []byte) (authorizer.Caller, error) {
	var kind struct {
		Version        string
		RequestContext struct{ ConnectionID string }
	}
	if err := json.Unmarshal(event, &kind); err != nil {
		return authorizer.Caller{}, err
	}
	switch {
	case kind.Version == "2.0":
		return read(event, h.Backend.CallerFromHTTP)
	case kind.RequestContext.ConnectionID != "":
		return read(event, h.Backend.CallerFromWebSocket)
	}
	return read(event, h.Backend.CallerFromREST)
}

func read[E authorizer.Event](event []byte, caller func(E) (authorizer.Caller, error)) (authorizer.Caller, error) {
	var e E
	if err := json.Unmarshal(event, &e); err != nil {
		return authorizer.Caller{}, err
	}
	return caller(e)
}

func (h Handler) answer(status int, body map[string]string) response {
	text, _ := json.Marshal(body) // texts
	r := response{
		StatusCode: status, Body: string(text),
		Headers: map[string]string{"content-type": "application/json", "cache-control": "no-store"},
	}
	if h.Origin != "" {
		r.Headers["access-control-allow-origin"] = h.Origin
		r.Headers["access-control-allow-credentials"] = "true"
	}
	return r
}
