package web

import (
	"errors"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	jsonv2 "github.com/go-json-experiment/json"

	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// MaxBody is the longest request body in bytes, unless a route says otherwise.
const MaxBody = 64 << 10

// Request is one HTTP request as API Gateway handed it over.
type Request struct {
	Event  events.APIGatewayV2HTTPRequest
	FDI    fdi.Request       // the part that the Frontend Driver Interface reads
	Path   map[string]string // the path's parameters
	Query  map[string]string // the query's
	Body   []byte            // the body, decoded
	Source string            // the client's address, from API Gateway or from the proxy that Mux.Viewer trusts
}

// Header returns the value of the header of that lower-case name, or "". Names
// are compared without regard to case: not every gateway lower-cases them.
func (r *Request) Header(name string) string {
	if value, ok := r.Event.Headers[name]; ok {
		return value
	}
	for key, value := range r.Event.Headers {
		if strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}

// notJSON is the message for a body from which nothing can be read.
const notJSON Invalid = "the body must be one JSON object, in UTF-8, with no name twice"

// JSON decodes the body. If it has more than limit bytes JSON returns
// ErrTooLarge. Repeated names, invalid UTF-8 and values that do not fit into
// are Invalid; the error names the member.
func (r *Request) JSON(limit int, into any, options ...jsonv2.Options) error {
	if len(r.Body) > limit {
		return ErrTooLarge
	}
	if err := jsonv2.Unmarshal(r.Body, into, options...); err != nil {
		return malformed(err)
	}
	return nil
}

// Strict is JSON for a body that has only the members of into.
func (r *Request) Strict(limit int, into any) error {
	return r.JSON(limit, into, jsonv2.RejectUnknownMembers(true))
}

// Form decodes the body as an HTML form. If it has more than limit bytes Form
// returns ErrTooLarge. A body that is not a form is Invalid.
func (r *Request) Form(limit int) (url.Values, error) {
	if len(r.Body) > limit {
		return nil, ErrTooLarge
	}
	form, err := url.ParseQuery(string(r.Body))
	if err != nil {
		return nil, Invalid("the body must be a form, application/x-www-form-urlencoded")
	}
	return form, nil
}

// longestName is how much of a member's name an error repeats to the client.
const longestName = 100

// malformed says what is wrong with a body.
func malformed(err error) Invalid {
	var semantic *jsonv2.SemanticError
	if !errors.As(err, &semantic) || semantic.JSONPointer == "" {
		return notJSON
	}
	name := string(semantic.JSONPointer)
	name = strings.ToValidUTF8(name[:min(len(name), longestName)], "")
	if errors.Is(err, jsonv2.ErrUnknownName) {
		return Invalid("the body must have no member " + name)
	}
	return Invalid("the body's member " + name + " is not what it must be")
}
