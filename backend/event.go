package backend

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// FromHTTP returns the session of the caller of an HTTP API's request (payload
// format 2.0), or an error of authorizer.CallerFrom.
func (c *Client) FromHTTP(e events.APIGatewayV2HTTPRequest) (*Session, error) {
	return c.session(requestOfHTTP(e))(authorizer.CallerFrom(e, c.reader))
}

// FromREST is FromHTTP for REST APIs, and for HTTP APIs with payload format
// 1.0.
func (c *Client) FromREST(e events.APIGatewayProxyRequest) (*Session, error) {
	return c.session(requestOfREST(e))(authorizer.CallerFrom(e, c.reader))
}

// FromRequest is FromHTTP for an http.Handler behind an adapter that put the
// event into the request's context by authorizer.WithEvent.
func (c *Client) FromRequest(r *http.Request) (*Session, error) {
	return c.session(requestOf(r))(authorizer.CallerFrom(r, c.reader))
}

// ModeHTTP returns how the frontend wants its tokens at a sign-in, for Start.
func ModeHTTP(e events.APIGatewayV2HTTPRequest) fdi.Transport { return requestOfHTTP(e).Mode() }

// ModeREST is ModeHTTP for REST APIs, and for HTTP APIs with payload format 1.0.
func ModeREST(e events.APIGatewayProxyRequest) fdi.Transport { return requestOfREST(e).Mode() }

// ModeRequest is ModeHTTP for http.Handlers.
func ModeRequest(r *http.Request) fdi.Transport { return requestOf(r).Mode() }

func (c *Client) session(r fdi.Request) func(authorizer.Caller, error) (*Session, error) {
	return func(caller authorizer.Caller, err error) (*Session, error) {
		if err != nil {
			return nil, err
		}
		return &Session{client: c, mode: carriedBy(r, caller.Session), caller: caller}, nil
	}
}

// carriedBy returns how the request carries a token of that session. A cookie
// counts first. A script in the page must not see the cookie, but it can add a
// Bearer with the same session: it must not be given in a header what the
// cookie hides.
func carriedBy(r fdi.Request, handle string) fdi.Transport {
	tokens, err := r.AccessTokens()
	if err != nil {
		return fdi.None
	}
	for _, cookie := range tokens.Cookies {
		if names(cookie, handle) {
			return fdi.Cookie
		}
	}
	if names(tokens.Bearer, handle) {
		return fdi.Header
	}
	return fdi.None
}

// names reports whether a token names the session. It does not verify the
// token: the authorizer did that.
func names(token, handle string) bool {
	segments := strings.Split(token, ".")
	if len(segments) != 3 {
		return false
	}
	var payload struct {
		Session string `json:"sessionHandle"`
	}
	text, err := base64.RawURLEncoding.DecodeString(segments[1])
	return err == nil && json.Unmarshal(text, &payload) == nil && payload.Session == handle
}

func requestOfHTTP(e events.APIGatewayV2HTTPRequest) fdi.Request {
	return fdi.NewRequest(headerOf(e.Headers, nil).Values, e.Cookies)
}

func requestOfREST(e events.APIGatewayProxyRequest) fdi.Request {
	return fdi.NewRequest(headerOf(e.Headers, e.MultiValueHeaders).Values, nil)
}

func requestOf(r *http.Request) fdi.Request { return fdi.NewRequest(r.Header.Values, nil) }
