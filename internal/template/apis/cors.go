package apis

import (
	"slices"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// CORS is what an API tells browsers about pages of other origins.
type CORS struct {
	Line        int
	Origins     []string
	Methods     []string
	Allow       []string // request headers
	Expose      []string // response headers
	Credentials bool
	Unknown     []string // properties that were not read because they are expressions
	Written     document.Value
}

// Hides reports whether the property was not read.
func (c CORS) Hides(property string) bool { return slices.Contains(c.Unknown, property) }

// readCORS reads the configuration of an HTTP API, where OpenAPI's properties
// have a small first letter. It also reads the Cors of SAM's REST API, where
// the origins are AllowOrigin. That one becomes OPTIONS methods that answer
// preflights: the functions behind the routes decide what other responses say.
func readCORS(v document.Value, origins string) *CORS {
	c := &CORS{Line: v.Line(), Written: v}
	switch v.Kind() {
	case document.Absent, document.List:
		return nil
	case document.Scalar:
		// true: SAM allows every origin and says nothing else.
		if c.Origins = constants(v); origins == "AllowOrigins" {
			c.Origins = []string{"*"}
		}
		if No(v) {
			return nil
		}
	case document.Expression:
		c.Unknown = []string{origins, "AllowHeaders", "ExposeHeaders", "AllowCredentials"}
	}
	c.Origins = append(c.Origins, c.names(origins)...)
	c.Methods = c.names("AllowMethods")
	c.Allow = c.names("AllowHeaders")
	c.Expose = c.names("ExposeHeaders")
	c.Credentials = Yes(v.Either("AllowCredentials"))
	return c
}

// names returns a list of headers, methods or origins. An expression is noted
// as unknown.
func (c *CORS) names(property string) []string {
	var names []string
	for _, text := range c.Written.Either(property).Texts() {
		if text.Kind() == document.Expression {
			c.Unknown = append(c.Unknown, property)
		}
		names = append(names, constants(text)...)
	}
	return names
}

// constants returns the parts of a text. A text in single quotes has commas
// between its parts.
func constants(v document.Value) []string {
	inner, quoted := strings.CutPrefix(v.Text(), "'")
	switch {
	case v.Kind() == document.Expression, inner == "":
		return nil
	case !quoted:
		return []string{inner}
	}
	var parts []string
	for part := range strings.SplitSeq(strings.TrimSuffix(inner, "'"), ",") {
		parts = append(parts, strings.TrimSpace(part))
	}
	return parts
}

// responseHeader is the form of a header's name in CloudFormation and OpenAPI.
const responseHeader = "gatewayresponse.header."

// readResponses reads the gateway responses of SAM's REST API or of OpenAPI.
func (r *reader) readResponses(api *API, v document.Value) {
	for kind, response := range r.written(api.ID, v, "gateway responses").Members() {
		api.Responses = append(api.Responses, readResponse(kind, response))
	}
}

// readResponse reads a gateway response of plain CloudFormation.
func (r *reader) readResponse(resource Resource) {
	p := resource.Properties
	api := r.api(p.Get("RestApiId"), REST)
	api.Responses = append(api.Responses, readResponse(p.Get("ResponseType").Text(), p))
}

func readResponse(kind string, v document.Value) Response {
	response := Response{Type: kind, Written: v}
	parameters := v.Either("ResponseParameters")
	for name, value := range parameters.Get("Headers").Members() { // SAM's
		response.Headers = append(response.Headers, Header{name, value})
	}
	for name, value := range parameters.Members() {
		if header, found := strings.CutPrefix(name, responseHeader); found {
			response.Headers = append(response.Headers, Header{header, value})
		}
	}
	return response
}
