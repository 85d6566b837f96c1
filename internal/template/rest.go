package template

import (
	"regexp"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template/apis"
	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// rest reads what only REST APIs have.
func (r *reader) rest(declared apis.API, api *API) {
	p := declared.Properties
	if types := p.Get("BinaryMediaTypes"); types.Kind() != document.Absent {
		r.fault(types, "is not understood here")
	}
	r.only(p.Get("Auth"), "DefaultAuthorizer", "AddDefaultAuthorizerToCorsPreflight", "Authorizers")
	r.stage(declared, api, "")
	if declared.Preflight > 0 {
		r.fault(p.Get("Auth"), "AddDefaultAuthorizerToCorsPreflight is not false: every preflight would be refused")
	}
	api.Responses = map[string]GatewayResponse{}
	for _, response := range declared.Responses {
		api.Responses[response.Type] = r.response(response)
	}
}

// constant returns a text without its single quotes. It must have them: any
// other value of a mapping is computed from the request.
func (r *reader) constant(v document.Value) string {
	text := r.text(v)
	inner, found := strings.CutPrefix(text, "'")
	inner, closed := strings.CutSuffix(inner, "'")
	if text != "" && (!found || !closed) {
		r.fault(v, "is no constant in single quotes")
	}
	return inner
}

// contextVariable matches the variables that gateway responses can contain
// here.
var contextVariable = regexp.MustCompile(`\$context\.(error\.(messageString|message|responseType)|requestId|authorizer\.[A-Za-z0-9_]+)`)

func (r *reader) response(declared apis.Response) GatewayResponse {
	v := declared.Written
	r.only(v, "StatusCode", "ResponseParameters", "ResponseTemplates", "RestApiId", "ResponseType",
		"statusCode", "responseParameters", "responseTemplates") // OpenAPI's
	g := GatewayResponse{Status: r.number(v.Either("StatusCode"), 0, 599), Headers: map[string]string{}}
	for _, header := range declared.Headers {
		g.Headers[header.Name] = r.constant(header.Value)
	}
	templates := v.Either("ResponseTemplates")
	r.only(templates, "application/json")
	body := templates.Get("application/json")
	g.Body = r.text(body)
	if strings.Contains(contextVariable.ReplaceAllString(g.Body, ""), "$") {
		r.fault(body, "holds a variable that is not understood here")
	}
	return g
}
