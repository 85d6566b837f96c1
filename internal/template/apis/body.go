package apis

import (
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// readBodies reads those OpenAPI documents of an API that are in the template.
func (r *reader) readBodies(api *API) {
	p := api.Properties
	for _, name := range []string{"DefinitionUri", "BodyS3Location", "CloneFrom"} {
		r.unread(api.ID, p.Get(name), name+", which names a body elsewhere,")
	}
	if api.Protocol == GraphQL {
		return
	}
	for _, name := range []string{"DefinitionBody", "Body"} {
		if body := r.written(api.ID, p.Get(name), name); body.Kind() == document.Mapping {
			r.readBody(api, body)
		}
	}
}

func (r *reader) readBody(api *API, body document.Value) {
	extension := func(name string) document.Value {
		return r.written(api.ID, body.Get("x-amazon-apigateway-"+name), name)
	}
	if cors := extension("cors"); cors.Kind() != document.Absent {
		api.CORS = readCORS(cors, "AllowOrigins")
	}
	r.readResponses(api, extension("gateway-responses"))
	components := r.written(api.ID, body.Get("components"), "components")
	for _, list := range []document.Value{body.Get("securityDefinitions"), components.Get("securitySchemes")} {
		for name, scheme := range r.written(api.ID, list, "security schemes").Members() {
			a := r.written(api.ID, r.written(api.ID, scheme, name).Get("x-amazon-apigateway-authorizer"), name)
			if a.Kind() != document.Mapping {
				continue
			}
			read := plain(name, a.Line(), a)
			read.Property = "authorizerResultTtlInSeconds"
			api.Authorizers = append(api.Authorizers, read)
		}
	}
	for path, item := range r.written(api.ID, body.Get("paths"), "paths").Members() {
		r.unread(api.ID, r.written(api.ID, item, path).Get("$ref"), "$ref of "+path)
		for name, operation := range item.Members() {
			r.readOperation(api, body, path, name, operation)
		}
	}
}

func (r *reader) readOperation(api *API, body document.Value, path, name string, operation document.Value) {
	if !isMethod(name) || r.written(api.ID, operation, name+" "+path).Kind() != document.Mapping {
		return
	}
	route := Route{Method: method(name), Path: path, Resource: api.ID, Line: operation.Line(), Written: operation}
	if strings.TrimPrefix(path, "/") == "$default" {
		route.Method, route.Path = "", "$default"
	}
	integration := operation.Get("x-amazon-apigateway-integration")
	if ref, found := strings.CutPrefix(integration.Get("$ref").Text(), "#/"); found {
		integration = body
		for part := range strings.SplitSeq(ref, "/") {
			integration = integration.Get(part)
		}
	}
	route.Function, route.Format = r.Function(integration.Get("uri")), integration.Get("payloadFormatVersion")
	route.Auth = r.operationAuth(api, body, operation)
	api.Routes = append(api.Routes, route)
}

// isMethod tells operations from the other members of a path.
func isMethod(name string) bool {
	switch strings.ToLower(name) {
	case "parameters", "summary", "description", "servers", "$ref":
		return false
	}
	return strings.ToLower(name) == "x-amazon-apigateway-any-method" || !strings.HasPrefix(strings.ToLower(name), "x-")
}

// operationAuth reads what decides about an operation: its own security
// requirements, otherwise SAM's default. API Gateway ignores those of the whole
// document. One requirement of several is enough. So an empty one opens the
// operation, and so does a scheme that is not an authorizer, such as an API
// key.
func (r *reader) operationAuth(api *API, body, operation document.Value) Auth {
	if kind := operation.Get("x-amazon-apigateway-auth").Get("type"); kind.Kind() != document.Absent {
		return r.auth(api.ID, kind)
	}
	var decides Auth
	for _, demand := range operation.Get("security").Texts() {
		one := Auth{Open: true}
		for name := range demand.Members() {
			if guards(api, body, name) {
				one = Auth{Name: name}
			}
		}
		if one.Open || demand.Kind() != document.Mapping {
			return Auth{Open: true}
		}
		decides = one
	}
	if decides.Name == "" {
		return r.auth(api.ID, api.Properties.Get("Auth").Get("DefaultAuthorizer"))
	}
	return decides
}

// guards reports whether the scheme is an authorizer or signed requests.
func guards(api *API, body document.Value, name string) bool {
	if _, found := api.Authorizer(Route{Auth: Auth{Name: name}}); found {
		return true
	}
	for _, list := range []document.Value{body.Get("securityDefinitions"), body.Get("components").Get("securitySchemes")} {
		if strings.EqualFold(list.Get(name).Get("x-amazon-apigateway-authtype").Text(), "awsSigv4") {
			return true
		}
	}
	return false
}
