package authorizer

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// Backend reads callers of events. The zero value is ready to use, and the
// functions of this package are its methods.
type Backend struct {
	Now func() time.Time // nil: time.Now
	// Issuer is the stack's, by whose tokens API Gateway's own JWT authorizer
	// may say who calls. Empty: only our authorizer may.
	Issuer string
}

func (b Backend) now() time.Time {
	if b.Now == nil {
		return time.Now()
	}
	return b.Now()
}

// CallerFromHTTP returns the caller of an HTTP API's request (payload format
// 2.0), or an error for which a backend should answer 401 or 403: ErrNoCaller,
// ErrAnonymous, ErrExpired or ErrStale. A Backend with an Issuer also reads the
// claims of API Gateway's own JWT authorizer, for GET and HEAD.
func CallerFromHTTP(e events.APIGatewayV2HTTPRequest) (Caller, error) {
	return Backend{}.CallerFromHTTP(e)
}

// CallerFromREST is CallerFromHTTP for REST APIs, and for HTTP APIs with
// payload format 1.0.
func CallerFromREST(e events.APIGatewayProxyRequest) (Caller, error) {
	return Backend{}.CallerFromREST(e)
}

// CallerFromWebSocket is CallerFromHTTP for WebSocket APIs. Of a WebSocket the
// handshake is judged: its context comes with every later message until the
// access token ends, so a message may rest on a decision older than 30 s.
func CallerFromWebSocket(e events.APIGatewayWebsocketProxyRequest) (Caller, error) {
	return Backend{}.CallerFromWebSocket(e)
}

// CallerFromRequest is CallerFromHTTP for an http.Handler behind an adapter
// that put the event into the request's context by WithEvent. Without one it
// returns ErrNoCaller: headers are never asked who the caller is.
func CallerFromRequest(r *http.Request) (Caller, error) {
	return Backend{}.CallerFromRequest(r)
}

// OptionalCallerFromHTTP is CallerFromHTTP for routes whose session is
// optional: false and no error mean that nobody is signed in.
func OptionalCallerFromHTTP(e events.APIGatewayV2HTTPRequest) (Caller, bool, error) {
	return Backend{}.OptionalCallerFromHTTP(e)
}

// OptionalCallerFromREST is OptionalCallerFromHTTP for REST APIs.
func OptionalCallerFromREST(e events.APIGatewayProxyRequest) (Caller, bool, error) {
	return Backend{}.OptionalCallerFromREST(e)
}

// OptionalCallerFromRequest is OptionalCallerFromHTTP for http.Handlers.
func OptionalCallerFromRequest(r *http.Request) (Caller, bool, error) {
	return Backend{}.OptionalCallerFromRequest(r)
}

// CallerFromHTTP is the function of that name by the backend's clock.
func (b Backend) CallerFromHTTP(e events.APIGatewayV2HTTPRequest) (Caller, error) {
	return b.required(receivedHTTP(e))
}

// CallerFromREST is the function of that name by the backend's clock.
func (b Backend) CallerFromREST(e events.APIGatewayProxyRequest) (Caller, error) {
	return b.required(receivedREST(e))
}

// CallerFromWebSocket is the function of that name by the backend's clock.
func (b Backend) CallerFromWebSocket(e events.APIGatewayWebsocketProxyRequest) (Caller, error) {
	return b.required(receivedWebSocket(e))
}

// CallerFromRequest is the function of that name by the backend's clock.
func (b Backend) CallerFromRequest(r *http.Request) (Caller, error) {
	return b.required(receivedRequest(r))
}

// OptionalCallerFromHTTP is the function of that name by the backend's clock.
func (b Backend) OptionalCallerFromHTTP(e events.APIGatewayV2HTTPRequest) (Caller, bool, error) {
	return b.optional(receivedHTTP(e))
}

// OptionalCallerFromREST is the function of that name by the backend's clock.
func (b Backend) OptionalCallerFromREST(e events.APIGatewayProxyRequest) (Caller, bool, error) {
	return b.optional(receivedREST(e))
}

// OptionalCallerFromRequest is the function of that name by the backend's clock.
func (b Backend) OptionalCallerFromRequest(r *http.Request) (Caller, bool, error) {
	return b.optional(receivedRequest(r))
}

// Event is an event that a backend receives.
type Event interface {
	events.APIGatewayV2HTTPRequest | events.APIGatewayProxyRequest | events.APIGatewayWebsocketProxyRequest
}

// eventKey is the context key of a received.
type eventKey struct{}

// WithEvent returns a context that holds what the event says of its caller,
// for CallerFromRequest. Adapters from events to net/http call it.
func WithEvent[E Event](ctx context.Context, e E) context.Context {
	var r received
	switch e := any(e).(type) {
	case events.APIGatewayV2HTTPRequest:
		r = receivedHTTP(e)
	case events.APIGatewayProxyRequest:
		r = receivedREST(e)
	case events.APIGatewayWebsocketProxyRequest:
		r = receivedWebSocket(e)
	}
	return context.WithValue(ctx, eventKey{}, r)
}

// receivedRequest takes the event's word, and the request's too where it is
// the stricter one.
func receivedRequest(r *http.Request) received {
	e, _ := r.Context().Value(eventKey{}).(received)
	e.read = e.read && isRead(r.Method) && !overridden(r.Header)
	return e
}

func receivedHTTP(e events.APIGatewayV2HTTPRequest) received {
	r := received{read: isRead(e.RequestContext.HTTP.Method) && !overridden(e.Headers)}
	a := e.RequestContext.Authorizer
	if a == nil {
		return r
	}
	r.context = a.Lambda
	if a.JWT != nil {
		r.jwt = a.JWT.Claims
	}
	return r
}

func receivedREST(e events.APIGatewayProxyRequest) received {
	r := received{context: e.RequestContext.Authorizer}
	r.read = isRead(agreed(e.HTTPMethod, e.RequestContext.HTTPMethod)) &&
		!overridden(e.Headers) && !overridden(e.MultiValueHeaders)
	claims, ok := r.context["claims"].(map[string]any)
	if _, ours := r.context["latchkey"]; !ok || ours {
		return r
	}
	r.context, r.jwt = nil, map[string]string{}
	for name, value := range claims {
		if text, ok := value.(string); ok {
			r.jwt[name] = text
		}
	}
	return r
}

func receivedWebSocket(e events.APIGatewayWebsocketProxyRequest) received {
	context, _ := e.RequestContext.Authorizer.(map[string]any)
	kind := e.RequestContext.EventType
	return received{context: context, joined: kind == "MESSAGE" || kind == "DISCONNECT"}
}

// overridden reports whether the headers ask for another method than the
// request's own, which the backend's framework may honour.
func overridden[V any](headers map[string]V) bool {
	for name := range headers {
		if i, ok := place(name); ok && i >= firstOverride {
			return true
		}
	}
	return false
}
