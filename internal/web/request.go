package web

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/go-json-experiment/json"

	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// MaxBody is the longest request body in bytes, where a route says nothing else.
const MaxBody = 64 << 10

// Request is one HTTP request as API Gateway handed it over.
type Request struct {
	Event events.APIGatewayV2HTTPRequest
	FDI   fdi.Request // what the Frontend Driver Interface reads of it
}

func newRequest(event events.APIGatewayV2HTTPRequest) *Request {
	headers := map[string][]string{}
	for name, value := range event.Headers {
		name = strings.ToLower(name)
		headers[name] = append(headers[name], value)
	}
	read := func(name string) []string { return headers[name] }
	return &Request{Event: event, FDI: fdi.NewRequest(read, event.Cookies)}
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

// Path returns the path parameter of that name.
func (r *Request) Path(name string) string { return r.Event.PathParameters[name] }

// Query returns the query parameter of that name.
func (r *Request) Query(name string) string { return r.Event.QueryStringParameters[name] }

// Source is the address the request came from, as API Gateway states it; what
// headers say about it is the client's word.
func (r *Request) Source() string { return r.Event.RequestContext.HTTP.SourceIP }

// Body returns the body, or ErrTooLarge if it is longer than limit bytes.
func (r *Request) Body(limit int) ([]byte, error) {
	body := r.Event.Body
	if r.Event.IsBase64Encoded {
		if base64.StdEncoding.DecodedLen(len(body)) > limit+3 {
			return nil, ErrTooLarge
		}
		decoded, err := base64.StdEncoding.DecodeString(body)
		if err != nil {
			return nil, fmt.Errorf("%w: body is not base64", ErrBadRequest)
		}
		body = string(decoded)
	}
	if len(body) > limit {
		return nil, ErrTooLarge
	}
	return []byte(body), nil
}

// noObject is the answer to a body that is no JSON object.
const noObject = Invalid("the body must be one JSON object, in UTF-8, with no name twice")

// JSON decodes the body of at most limit bytes, an object. Repeated names and
// invalid UTF-8 are Invalid, as is what does not fit into.
func (r *Request) JSON(limit int, into any) error {
	body, err := r.Body(limit)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return noObject
	}
	return nil
}
