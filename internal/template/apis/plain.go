package apis

import (
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template/document"
)

func (r *reader) readV2(api *API) {
	p := api.Properties
	if p.Get("ProtocolType").Text() == "WEBSOCKET" {
		api.Protocol = WebSocket
		return
	}
	api.CORS = readCORS(p.Get("CorsConfiguration"), "AllowOrigins")
	// With a target, API Gateway makes one route that is open to all.
	if target := p.Get("Target"); target.Kind() != document.Absent {
		api.Routes = append(api.Routes, Route{
			Resource: api.ID, Line: target.Line(), Auth: Auth{Open: true}, Function: r.Function(target), Written: p,
		}.keyed(p.Get("RouteKey")))
	}
}

// readAuthorizer reads an authorizer resource of any kind of API.
func (r *reader) readAuthorizer(resource Resource) {
	p := resource.Properties
	ref, protocol := p.Get("RestApiId"), REST
	if resource.Type == "AWS::ApiGatewayV2::Authorizer" {
		ref, protocol = p.Get("ApiId"), HTTP
		if strings.Contains(p.Get("IdentitySource").String(), "route.request.") {
			protocol = WebSocket
		}
	}
	api := r.api(ref, protocol)
	api.Authorizers = append(api.Authorizers, plain(resource.ID, resource.Line, p))
}

// plain reads the properties of CloudFormation's authorizers. In OpenAPI their
// first letter is small.
func plain(name string, line int, v document.Value) Authorizer {
	a := Authorizer{
		Name: name, Line: line, Written: v, Property: "AuthorizerResultTtlInSeconds", TTL: v.Either("AuthorizerResultTtlInSeconds"),
		Function: v.Either("AuthorizerUri"), Simple: v.Either("EnableSimpleResponses"),
		Sources: identitySources(v.Either("IdentitySource")),
	}
	for _, role := range []string{"AuthorizerCredentialsArn", "AuthorizerCredentials"} {
		a.Invocable = a.Invocable || v.Either(role).Kind() != document.Absent
	}
	switch kind := v.Get("AuthorizerType").Text() + v.Either("Type").Text(); strings.ToUpper(kind) {
	case "JWT", "COGNITO_USER_POOLS":
		a.Kind = JWT
	case "TOKEN":
		a.Kind = Token
	}
	return a
}

// identitySources returns the items of a list, or the parts of a text with
// commas, in the form that HTTP APIs have.
func identitySources(list document.Value) []document.Value {
	var sources []document.Value
	for _, item := range list.Texts() {
		if item.Kind() == document.Expression {
			sources = append(sources, item)
			continue
		}
		for text := range strings.SplitSeq(item.Text(), ",") {
			text = strings.TrimPrefix(strings.TrimSpace(text), "$")
			for _, prefix := range []string{"method.", "route."} {
				text = strings.TrimPrefix(text, prefix)
			}
			if text != "" {
				sources = append(sources, item.Part("$"+text))
			}
		}
	}
	return sources
}

func (r *reader) readRoute(resource Resource) {
	p := resource.Properties
	api := r.api(p.Get("ApiId"), HTTP)
	route := Route{
		Resource: resource.ID, Line: resource.Line, Auth: r.plainAuth(resource), Function: r.Function(p.Get("Target")), Written: p,
	}
	for _, id := range p.Get("Target").References() {
		route.Format = r.resource(id).Properties.Get("PayloadFormatVersion")
	}
	route = route.keyed(p.Get("RouteKey"))
	if api.Line == 0 && !strings.Contains(route.Path, "/") && route.Path != "$default" {
		api.Protocol = WebSocket
	}
	api.Routes = append(api.Routes, route)
}

// keyed returns the route with that key.
func (r Route) keyed(key document.Value) Route {
	r.Path = "$default"
	if name, path, found := strings.Cut(key.String(), " "); found {
		r.Method, r.Path = method(name), path
	} else if name != "" {
		r.Path = name
	}
	return r
}

// plainAuth reads what decides about a route or method. A named authorizer is
// only asked if the type says so.
func (r *reader) plainAuth(resource Resource) Auth {
	auth := r.auth(resource.ID, resource.Properties.Get("AuthorizationType"))
	if !auth.Open && auth.Name != "AWS_IAM" {
		auth.Name = resource.Properties.Get("AuthorizerId").Target()
	}
	return auth
}

func (r *reader) readMethod(resource Resource) {
	p := resource.Properties
	api := r.api(p.Get("RestApiId"), REST)
	api.Routes = append(api.Routes, Route{
		Method: method(p.Get("HttpMethod").Text()), Path: r.path(p.Get("ResourceId"), 0), Resource: resource.ID, Line: resource.Line,
		Auth: r.plainAuth(resource), Function: r.Function(p.Get("Integration").Get("Uri")), Written: p,
	})
}

// maxDepth is more than the number of segments in a path. It ends circles of
// references.
const maxDepth = 100

// path returns the path of a REST resource, which knows its last segment and
// its parent. The root has the path "/", and so do resources of another stack.
func (r *reader) path(ref document.Value, depth int) string {
	p := r.resource(ref.Target()).Properties
	segment := p.Get("PathPart")
	if segment.Kind() == document.Absent || depth > maxDepth {
		return "/"
	}
	return strings.TrimSuffix(r.path(p.Get("ParentId"), depth+1), "/") + "/" + segment.String()
}

// readStage reads the name of the stage. An API may have one here.
func (r *reader) readStage(resource Resource) {
	p := resource.Properties
	for _, property := range []string{"ApiId", "RestApiId"} {
		for _, api := range r.APIs {
			if api.ID == p.Get(property).Target() {
				api.Stage = p.Get("StageName")
			}
		}
	}
}
