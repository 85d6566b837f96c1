package authorizer

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// Event is an event that API Gateway sends to a backend: of an HTTP API with
// payload format 2.0, of a REST API or an HTTP API with payload format 1.0, or
// of a WebSocket API.
type Event interface {
	events.APIGatewayV2HTTPRequest | events.APIGatewayProxyRequest | events.APIGatewayWebsocketProxyRequest
}

// CallerFrom returns the caller of an event, or an error for which a backend
// should answer 401 or 403: ErrNoCaller, ErrAnonymous, ErrExpired or ErrStale.
//
// For a WebSocket API only the handshake is decided. Its decision comes with
// every later message until the access token ends, so a message may rest on a
// decision older than 30 s.
//
// For an *http.Request the caller is the one of the event that an adapter put
// into its context by [WithEvent]. Without an event the error is ErrNoCaller:
// no header can name the caller.
//
// The event is read by the zero Backend, or by the one that is given.
func CallerFrom[E Event | *http.Request](e E, by ...Backend) (Caller, error) {
	return backendOf(by).required(receivedFrom(e))
}

// OptionalCallerFrom is CallerFrom for routes whose session is optional: false
// and no error mean that nobody is signed in.
func OptionalCallerFrom[E Event | *http.Request](e E, by ...Backend) (Caller, bool, error) {
	return backendOf(by).optional(receivedFrom(e))
}

// Backend says how events are read. The zero value is ready to use.
type Backend struct {
	Now func() time.Time // nil: time.Now
	// Issuer is the stack's. With it the claims that API Gateway's own JWT
	// authorizer verified name the caller too, for GET and HEAD. Empty: only
	// this authorizer may say who calls.
	Issuer string
}

func (b Backend) now() time.Time {
	if b.Now == nil {
		return time.Now()
	}
	return b.Now()
}

// backendOf returns the last of the backends, or the zero one.
func backendOf(by []Backend) Backend {
	if len(by) == 0 {
		return Backend{}
	}
	return by[len(by)-1]
}

// eventKey is the context key of a received.
type eventKey struct{}

// WithEvent returns a context that holds what the event says of its caller,
// for CallerFrom. Adapters from events to net/http call it.
func WithEvent[E Event](ctx context.Context, e E) context.Context {
	return context.WithValue(ctx, eventKey{}, receivedFrom(e))
}

// receivedFrom returns what is said of the caller.
func receivedFrom[E Event | *http.Request](e E) received {
	switch e := any(e).(type) {
	case events.APIGatewayV2HTTPRequest:
		return receivedHTTP(e)
	case events.APIGatewayProxyRequest:
		return receivedREST(e)
	case events.APIGatewayWebsocketProxyRequest:
		return receivedWebSocket(e)
	case *http.Request:
		return receivedRequest(e)
	}
	return received{}
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
