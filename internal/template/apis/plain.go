package apis

import (
	"slices"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template/document"
)

func (r *reader) readV2(api *API, properties document.Value) {
	if properties.Get("ProtocolType").Text() == "WEBSOCKET" {
		api.Protocol = WebSocket
		return
	}
	api.CORS = r.readCORS(properties.Get("CorsConfiguration"))
	// With a target, API Gateway makes one route that is open to everybody.
	if target := properties.Get("Target"); target.Kind() != document.Absent {
		api.Routes = append(api.Routes, keyed(properties.Get("RouteKey"), api.ID, target.Line(), Auth{Open: true}))
	}
}

func (r *reader) readV2Authorizer(id string, resource document.Value) {
	properties := resource.Get("Properties")
	a := Authorizer{
		Name: id, Line: resource.Line(), Property: "AuthorizerResultTtlInSeconds",
		TTL: r.Possible(properties.Get("AuthorizerResultTtlInSeconds")), Simple: r.Possible(properties.Get("EnableSimpleResponses")),
	}
	protocol := HTTP
	if properties.Get("AuthorizerType").Text() == "JWT" {
		a.Kind = JWT
	}
	for _, source := range r.texts(properties.Get("IdentitySource")) {
		if strings.HasPrefix(source.Text(), "route.request.") {
			protocol = WebSocket
		}
		if !harmless(source) {
			a.Sources = append(a.Sources, source)
		}
	}
	api := r.api(properties.Get("ApiId"), protocol)
	api.Authorizers = append(api.Authorizers, a)
}

// harmless tells identity sources that every request has.
func harmless(source document.Value) bool {
	text := strings.TrimPrefix(source.Text(), "$")
	return strings.HasPrefix(text, "context.") || strings.HasPrefix(text, "stageVariables.")
}

func (r *reader) readV2Route(id string, resource document.Value) {
	properties := resource.Get("Properties")
	api := r.api(properties.Get("ApiId"), HTTP)
	route := keyed(properties.Get("RouteKey"), id, resource.Line(), r.plainAuth(properties))
	if api.Line == 0 && !strings.Contains(route.Path, "/") && route.Path != "$default" {
		api.Protocol = WebSocket
	}
	api.Routes = append(api.Routes, route)
}

func keyed(key document.Value, resource string, line int, auth Auth) Route {
	route := Route{Path: "$default", Resource: resource, Line: line, Auth: auth}
	if name, path, found := strings.Cut(key.String(), " "); found {
		route.Method, route.Path = method(name), path
	} else if name != "" {
		route.Path = name
	}
	return route
}

// plainAuth reads who decides about a route or method. An authorizer that is
// named is not asked unless the type says so.
func (r *reader) plainAuth(properties document.Value) Auth {
	var kinds []string
	for _, possible := range r.Possible(properties.Get("AuthorizationType")) {
		kinds = append(kinds, possible.Text())
	}
	switch {
	case slices.Contains(kinds, "") || slices.Contains(kinds, "NONE"):
		return Auth{Open: true}
	case slices.Contains(kinds, "AWS_IAM"):
		return Auth{Name: "AWS_IAM"}
	}
	return Auth{Name: properties.Get("AuthorizerId").Target()}
}

func (r *reader) readRESTAuthorizer(id string, resource document.Value) {
	properties := resource.Get("Properties")
	a := Authorizer{
		Name: id, Line: resource.Line(), Property: "AuthorizerResultTtlInSeconds",
		TTL: r.Possible(properties.Get("AuthorizerResultTtlInSeconds")),
	}
	switch properties.Get("Type").Text() {
	case "COGNITO_USER_POOLS":
		a.Kind = JWT
	case "TOKEN":
		a.Kind = Token
	}
	for _, list := range r.Possible(properties.Get("IdentitySource")) {
		for source := range strings.SplitSeq(list.String(), ",") {
			if v := list.Part(strings.TrimSpace(source)); v.Text() != "" && !harmless(v) {
				a.Sources = append(a.Sources, v)
			}
		}
	}
	api := r.api(properties.Get("RestApiId"), REST)
	api.Authorizers = append(api.Authorizers, a)
}

func (r *reader) readRESTMethod(id string, resource document.Value) {
	properties := resource.Get("Properties")
	api := r.api(properties.Get("RestApiId"), REST)
	api.Routes = append(api.Routes, Route{
		Method: method(properties.Get("HttpMethod").Text()), Path: r.path(properties.Get("ResourceId"), 0),
		Resource: id, Line: resource.Line(), Auth: r.plainAuth(properties),
	})
}

// maxDepth is more than the segments a path can have; references that go round
// in a circle end there.
const maxDepth = 100

// path returns the path of a REST resource, which knows its last segment and
// its parent. The root, and what is of another stack, is empty.
func (r *reader) path(ref document.Value, depth int) string {
	properties := r.resources.Get(ref.Target()).Get("Properties")
	segment := properties.Get("PathPart")
	if segment.Kind() == document.Absent || depth > maxDepth {
		return ""
	}
	return r.path(properties.Get("ParentId"), depth+1) + "/" + segment.String()
}
