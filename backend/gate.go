package backend

import (
	"context"
	"errors"
	"net/http"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// Gate stands in front of a handler. It lets a caller pass if the authorizer
// has just let it pass and if the caller's claims pass the validators. It
// answers others with 401 or 403. It puts what the handler does with the
// session into the handler's answer, for the frontend. The zero Gate lets
// nobody pass.
type Gate struct {
	client     *Client
	optional   bool
	validators []authorizer.Validator
}

// Required returns a gate that only callers with a session pass.
func (c *Client) Required(validators ...authorizer.Validator) Gate {
	return Gate{client: c, validators: validators}
}

// Optional returns a gate that lets strangers pass too, if the route's
// authorizer does. The claims of a caller with a session must pass the
// validators.
func (c *Client) Optional(validators ...authorizer.Validator) Gate {
	return Gate{client: c, optional: true, validators: validators}
}

// sessionKey is the context key of a *Session.
type sessionKey struct{}

// SessionOf returns the session of a caller that a Gate let pass. It is nil for
// a stranger that an optional Gate let pass.
func SessionOf(ctx context.Context) *Session {
	session, _ := ctx.Value(sessionKey{}).(*Session)
	return session
}

// errClosed is the error of the zero Gate.
var errClosed = errors.New("backend: a gate of no client")

// admit decides about the caller that read returns. The session is nil for a
// stranger.
func (g Gate) admit(ctx context.Context, read func(*Client) (*Session, error)) (context.Context, *Session, error) {
	if g.client == nil {
		return nil, nil, errClosed
	}
	session, err := read(g.client)
	if g.optional && errors.Is(err, authorizer.ErrAnonymous) {
		return ctx, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if err := session.Require(g.validators...); err != nil {
		return nil, nil, err
	}
	return context.WithValue(ctx, sessionKey{}, session), session, nil
}

// HTTPHandler is a function behind an HTTP API (payload format 2.0).
type HTTPHandler func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)

// RESTHandler is a function behind a REST API, or an HTTP API with payload
// format 1.0.
type RESTHandler func(context.Context, events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error)

// HTTP returns the handler behind the gate. Errors of the handler that Refusal
// knows are answered. Others are returned.
func (g Gate) HTTP(next HTTPHandler) HTTPHandler {
	return func(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		inner, session, err := g.admit(ctx, func(c *Client) (*Session, error) { return c.FromHTTP(e) })
		var answer events.APIGatewayV2HTTPResponse
		if err == nil {
			answer, err = next(inner, e)
		}
		if status, body := Refusal(err); status != 0 {
			err = nil
			answer = events.APIGatewayV2HTTPResponse{StatusCode: status, Headers: jsonHeaders(), Body: string(body)}
		}
		session.Reply().IntoHTTP(&answer)
		return answer, err
	}
}

// REST is HTTP for the other kind of handler.
func (g Gate) REST(next RESTHandler) RESTHandler {
	return func(ctx context.Context, e events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
		inner, session, err := g.admit(ctx, func(c *Client) (*Session, error) { return c.FromREST(e) })
		var answer events.APIGatewayProxyResponse
		if err == nil {
			answer, err = next(inner, e)
		}
		if status, body := Refusal(err); status != 0 {
			err = nil
			answer = events.APIGatewayProxyResponse{StatusCode: status, Headers: jsonHeaders(), Body: string(body)}
		}
		session.Reply().IntoREST(&answer)
		return answer, err
	}
}

// Handler returns the handler behind the gate. It needs an adapter, as
// FromRequest does. What the handler does with the session after the first byte
// of its answer does not reach the frontend.
func (g Gate) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, session, err := g.admit(r.Context(), func(c *Client) (*Session, error) { return c.FromRequest(r) })
		if err != nil {
			Refuse(w, err)
			return
		}
		answer := &writer{ResponseWriter: w, session: session}
		next.ServeHTTP(answer, r.WithContext(ctx))
		answer.begin()
	})
}

// Refusal returns FDI's answer to an error that keeps a caller out: 401 if
// there is no session or it is over, 403 with claimValidationErrors if claims
// are missing, and 503 for ErrUnavailable. For any other error the status is 0.
func Refusal(err error) (status int, body []byte) {
	for _, none := range []error{
		authorizer.ErrNoCaller, authorizer.ErrAnonymous, authorizer.ErrExpired, authorizer.ErrStale, ErrOver,
	} {
		if errors.Is(err, none) {
			return http.StatusUnauthorized, []byte(`{"message":"` + fdi.MessageUnauthorised + `"}`)
		}
	}
	var missing *authorizer.ClaimsError
	switch {
	case errors.As(err, &missing):
		return http.StatusForbidden, missing.Body()
	case errors.Is(err, ErrUnavailable):
		return http.StatusServiceUnavailable, []byte(`{"message":"temporarily unavailable, please try again"}`)
	}
	return 0, nil
}

// Refuse answers an error with its Refusal, or with 500 if it has none.
func Refuse(w http.ResponseWriter, err error) {
	status, body := Refusal(err)
	if status == 0 {
		status, body = http.StatusInternalServerError, []byte(`{"message":"internal error"}`)
	}
	for name, value := range jsonHeaders() {
		w.Header().Set(name, value)
	}
	w.WriteHeader(status)
	w.Write(body)
}

func jsonHeaders() map[string]string {
	return map[string]string{"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}
}

// writer puts the session's reply into the answer before the answer begins.
type writer struct {
	http.ResponseWriter
	session *Session
	begun   bool
}

func (w *writer) begin() {
	if !w.begun {
		w.begun = true
		w.session.Reply().Into(w.Header())
	}
}

// WriteHeader begins the answer, unless the status only announces one.
func (w *writer) WriteHeader(status int) {
	if status >= http.StatusOK {
		w.begin()
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write begins the answer.
func (w *writer) Write(b []byte) (int, error) {
	w.begin()
	return w.ResponseWriter.Write(b)
}

// FlushError begins the answer, for http.ResponseController.
func (w *writer) FlushError() error {
	w.begin()
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap returns the writer beneath, for http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
