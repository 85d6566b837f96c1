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
	Unknown     []string // properties that are expressions and were not read
	Written     document.Value
}

// Hides reports whether the property was not read.
func (c CORS) Hides(property string) bool { return slices.Contains(c.Unknown, property) }

// readCORS reads the configuration of an HTTP API, OpenAPI's with a small
// letter at the head of each property.
func readCORS(v document.Value) *CORS {
	c := &CORS{Line: v.Line(), Written: v}
	switch v.Kind() {
	case document.Scalar:
		// true: SAM allows every origin and says nothing else.
		if !Yes(v) {
			return nil
		}
		c.Origins = []string{"*"}
	case document.Mapping:
		c.Origins = c.names(v, "AllowOrigins")
		c.Methods = c.names(v, "AllowMethods")
		c.Allow = c.names(v, "AllowHeaders")
		c.Expose = c.names(v, "ExposeHeaders")
		c.Credentials = Yes(v.Either("AllowCredentials"))
	case document.Expression:
		c.Unknown = []string{"AllowOrigins", "AllowHeaders", "ExposeHeaders", "AllowCredentials"}
	default:
		return nil
	}
	return c
}

// names returns a list of headers, methods or origins. A list that is an
// expression is noted as unknown.
func (c *CORS) names(v document.Value, property string) []string {
	var names []string
	for _, text := range v.Either(property).Texts() {
		if text.Kind() == document.Expression {
			c.Unknown = append(c.Unknown, property)
			continue
		}
		names = append(names, text.Text())
	}
	return names
}

// readRESTCORS reads what SAM's Cors of a REST API becomes: OPTIONS methods
// that answer preflights. Its values are texts in single quotes. What other
// responses say is up to the functions behind the routes.
func readRESTCORS(v document.Value) *CORS {
	c := &CORS{Line: v.Line(), Written: v}
	switch v.Kind() {
	case document.Scalar:
		c.Origins = []string{unquote(v.Text())}
	case document.Mapping:
		c.Origins = c.quoted(v, "AllowOrigin")
		c.Methods = c.quoted(v, "AllowMethods")
		c.Allow = c.quoted(v, "AllowHeaders")
		c.Credentials = Yes(v.Get("AllowCredentials"))
	case document.Expression:
		c.Unknown = []string{"AllowOrigin", "AllowHeaders", "AllowCredentials"}
	default:
		return nil
	}
	return c
}

func (c *CORS) quoted(v document.Value, property string) []string {
	var names []string
	if v = v.Get(property); v.Kind() == document.Expression {
		c.Unknown = append(c.Unknown, property)
		return nil
	}
	for name := range strings.SplitSeq(unquote(v.Text()), ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

func unquote(s string) string {
	return strings.TrimSuffix(strings.TrimPrefix(s, "'"), "'")
}

// responseHeader is how CloudFormation and OpenAPI name a header.
const responseHeader = "gatewayresponse.header."

// readResponses reads the gateway responses of SAM's REST API, or of OpenAPI.
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
