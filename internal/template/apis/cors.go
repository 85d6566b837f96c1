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
	Allow       []string // request headers, in lower case
	Expose      []string // response headers, in lower case
	Credentials bool
	Unknown     []string // properties that are expressions and were not read
}

// Hides reports whether the property was not read.
func (c CORS) Hides(property string) bool { return slices.Contains(c.Unknown, property) }

// readCORS reads every form the configuration of an HTTP API can take.
func (r *reader) readCORS(v document.Value) []CORS {
	var all []CORS
	for _, possible := range r.Possible(v) {
		c := CORS{Line: possible.Line()}
		switch possible.Kind() {
		case document.Absent:
			continue
		case document.Scalar:
			// true: SAM allows every origin and says nothing else.
			if !Yes(possible) {
				continue
			}
			c.Origins = []string{"*"}
		case document.Mapping:
			c.Origins = r.names(&c, possible, "AllowOrigins")
			c.Allow = r.names(&c, possible, "AllowHeaders")
			c.Expose = r.names(&c, possible, "ExposeHeaders")
			c.Credentials = r.all(possible.Get("AllowCredentials"))
		default:
			c.Unknown = []string{"AllowOrigins", "AllowHeaders", "ExposeHeaders", "AllowCredentials"}
		}
		all = append(all, c)
	}
	return all
}

// names returns a list of headers or origins in lower case. A list that is an
// expression is noted as unknown.
func (r *reader) names(c *CORS, v document.Value, property string) []string {
	var names []string
	for _, text := range r.texts(v.Get(property)) {
		if text.Kind() == document.Expression {
			c.Unknown = append(c.Unknown, property)
			continue
		}
		names = append(names, strings.ToLower(text.Text()))
	}
	return names
}

// all reports whether the value is true whatever it comes to.
func (r *reader) all(v document.Value) bool {
	for _, possible := range r.Possible(v) {
		if !Yes(possible) {
			return false
		}
	}
	return true
}

// readRESTCORS reads what SAM's Cors of a REST API becomes: OPTIONS methods
// that answer preflights. Its values are texts in single quotes. What other
// responses say is up to the functions behind the routes.
func (r *reader) readRESTCORS(v document.Value) []CORS {
	var all []CORS
	for _, possible := range r.Possible(v) {
		c := CORS{Line: possible.Line()}
		switch possible.Kind() {
		case document.Absent:
			continue
		case document.Scalar:
			c.Origins = []string{unquote(possible.Text())}
		case document.Mapping:
			c.Origins = r.quoted(&c, possible, "AllowOrigin")
			c.Allow = r.quoted(&c, possible, "AllowHeaders")
			c.Credentials = r.all(possible.Get("AllowCredentials"))
		default:
			c.Unknown = []string{"AllowOrigin", "AllowHeaders", "AllowCredentials"}
		}
		all = append(all, c)
	}
	return all
}

func (r *reader) quoted(c *CORS, v document.Value, property string) []string {
	var names []string
	for _, possible := range r.Possible(v.Get(property)) {
		if name, _ := possible.Expression(); name != "" {
			c.Unknown = append(c.Unknown, property)
			continue
		}
		for name := range strings.SplitSeq(unquote(possible.Text()), ",") {
			names = append(names, strings.ToLower(strings.TrimSpace(name)))
		}
	}
	return names
}

func unquote(s string) string {
	return strings.TrimSuffix(strings.TrimPrefix(s, "'"), "'")
}

// readResponses reads the gateway responses of SAM's REST API.
func (a *API) readResponses(v document.Value) {
	for kind, response := range v.Members() {
		headers := map[string]string{}
		for name, value := range response.Get("ResponseParameters").Get("Headers").Members() {
			headers[strings.ToLower(name)] = value.String()
		}
		a.Responses = append(a.Responses, Response{Type: kind, Headers: headers})
	}
}

// readResponse reads a gateway response of plain CloudFormation.
func (r *reader) readResponse(properties document.Value) {
	headers := map[string]string{}
	for name, value := range properties.Get("ResponseParameters").Members() {
		if header, ok := strings.CutPrefix(name, "gatewayresponse.header."); ok {
			headers[strings.ToLower(header)] = value.String()
		}
	}
	api := r.api(properties.Get("RestApiId"), REST)
	api.Responses = append(api.Responses, Response{Type: properties.Get("ResponseType").Text(), Headers: headers})
}
