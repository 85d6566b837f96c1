package openapi_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// answer is what the API answered.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// carried are the headers of HTTP itself, and those of API Gateway, which the
// document names once for all answers.
func carried(name string) bool {
	switch name {
	case "Content-Type", "Content-Length", "Date", "Vary", "Apigw-Requestid":
		return true
	}
	return strings.HasPrefix(name, "Access-Control-")
}

// check returns what of an answer is not as described: its status, a header, or
// a member of its body.
func (o operation) check(a answer) error {
	described := o.Responses.Value(strconv.Itoa(a.status))
	if described == nil {
		return fmt.Errorf("status %d is not described", a.status)
	}
	return errors.Join(checkHeaders(described.Value, a.header), checkBody(described.Value, a))
}

func checkHeaders(described *openapi3.Response, header http.Header) error {
	var errs []error
	known := map[string]bool{}
	for name, h := range described.Headers {
		known[http.CanonicalHeaderKey(name)] = true
		values := header.Values(name)
		if h.Value.Required && len(values) == 0 {
			errs = append(errs, fmt.Errorf("header %s is missing", name))
		}
		for _, value := range values {
			if err := h.Value.Schema.Value.VisitJSON(value, openapi3.EnableJSONSchema2020()); err != nil {
				errs = append(errs, fmt.Errorf("header %s: %w", name, err))
			}
		}
	}
	for name := range header {
		if !known[name] && !carried(name) {
			errs = append(errs, fmt.Errorf("header %s is not described", name))
		}
	}
	return errors.Join(errs...)
}

func checkBody(described *openapi3.Response, a answer) error {
	if len(described.Content) == 0 && len(a.body) == 0 {
		return nil
	}
	kind, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil {
		return err
	}
	media := described.Content[kind]
	if media == nil {
		return fmt.Errorf("%s is not described", kind)
	}
	var body any
	if err := json.Unmarshal(a.body, &body); err != nil {
		return fmt.Errorf("body: %w", err)
	}
	return media.Schema.Value.VisitJSON(body, openapi3.EnableJSONSchema2020())
}
