// Package handler is a small backend behind Latchkey's authorizer: notes that
// a signed-in user reads and writes, a greeting that strangers get as well, and
// reports for administrators.
//
// It shows the one thing that every backend has to do: ask the event who is
// calling, and refuse when that is an error. The notes are kept in memory, for
// as long as the sandbox lives.
package handler

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"sync"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/authorizer"
)

const (
	maxNotes = 100  // of one user; the oldest gives way
	maxText  = 1000 // bytes of one note
	maxUsers = 1000 // whose notes are kept
)

type (
	request  = events.APIGatewayV2HTTPRequest
	response = events.APIGatewayV2HTTPResponse
)

// Handler answers the routes /notes, /greeting and /reports.
type Handler struct {
	backend authorizer.Backend

	mu    sync.Mutex
	notes map[owner][]note
}

// owner is whose notes they are. A user id means nothing without its tenant.
type owner struct{ tenant, user string }

type note struct {
	Text string `json:"text"`
}

// New returns a handler without notes.
func New(backend authorizer.Backend) *Handler {
	return &Handler{backend: backend, notes: map[owner][]note{}}
}

// Handle answers one request by the route that API Gateway matched.
func (h *Handler) Handle(_ context.Context, e request) (response, error) {
	switch e.RouteKey {
	case "GET /notes":
		return h.signedIn(e, h.list), nil
	case "POST /notes":
		return h.signedIn(e, h.add), nil
	case "GET /greeting":
		return h.greet(e), nil
	case "GET /reports":
		return h.signedIn(e, h.reports), nil
	}
	return message(http.StatusNotFound, "no such route"), nil
}

// signedIn calls next for the caller whom the authorizer let pass just now.
func (h *Handler) signedIn(e request, next func(authorizer.Caller, request) response) response {
	caller, err := authorizer.CallerFrom(e, h.backend)
	if err != nil {
		return message(http.StatusUnauthorized, "unauthorised")
	}
	return next(caller, e)
}

func (h *Handler) list(caller authorizer.Caller, _ request) response {
	h.mu.Lock()
	defer h.mu.Unlock()
	notes := h.notes[owner{caller.Tenant, caller.User}]
	if notes == nil {
		notes = []note{}
	}
	return answer(http.StatusOK, map[string]any{"notes": notes})
}

func (h *Handler) add(caller authorizer.Caller, e request) response {
	var n note
	if err := json.Unmarshal(body(e), &n); err != nil || n.Text == "" || len(n.Text) > maxText {
		return message(http.StatusBadRequest, "a note is a JSON object with a text of at most 1,000 bytes")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	of := owner{caller.Tenant, caller.User}
	if _, known := h.notes[of]; !known && len(h.notes) >= maxUsers {
		return message(http.StatusInsufficientStorage, "no room for another user's notes")
	}
	notes := append(h.notes[of], n)
	if len(notes) > maxNotes {
		notes = notes[1:]
	}
	h.notes[of] = notes
	return answer(http.StatusCreated, n)
}

// greet is behind a route with an optional session: only OptionalCallerFrom
// lets strangers in.
func (h *Handler) greet(e request) response {
	caller, known, err := authorizer.OptionalCallerFrom(e, h.backend)
	switch {
	case err != nil:
		return message(http.StatusUnauthorized, "unauthorised")
	case !known:
		return message(http.StatusOK, "Hello, stranger")
	}
	return message(http.StatusOK, "Hello, "+caller.User)
}

// reports asserts again what the authorizer's rule for the route asks, so that
// a mistake in the rules opens nothing.
func (h *Handler) reports(caller authorizer.Caller, _ request) response {
	err := caller.Require(authorizer.Includes("st-role", "admin"))
	var missing *authorizer.ClaimsError
	if errors.As(err, &missing) {
		return answer(http.StatusForbidden, json.RawMessage(missing.Body()))
	}
	if err != nil {
		return message(http.StatusForbidden, "forbidden")
	}
	return answer(http.StatusOK, map[string]any{"reports": []string{}})
}

// body returns the request's body, which API Gateway hands over in base64
// unless its Content-Type says that it is text.
func body(e request) []byte {
	if !e.IsBase64Encoded {
		return []byte(e.Body)
	}
	decoded, err := base64.StdEncoding.DecodeString(e.Body)
	if err != nil {
		return nil
	}
	return decoded
}

func message(status int, text string) response {
	return answer(status, map[string]string{"message": text})
}

func answer(status int, body any) response {
	text, err := json.Marshal(body)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"message":"internal error"}`)
	}
	return response{
		StatusCode: status,
		Headers:    map[string]string{"content-type": "application/json; charset=utf-8", "cache-control": "no-store"},
		Body:       string(text),
	}
}
