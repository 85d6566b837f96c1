package template

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/latchkey-auth/latchkey/internal/template/apis"
	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// api returns what is served of an API that the template declares.
func (r *reader) api(declared apis.API, functions []Function) API {
	if declared.Line == 0 {
		for _, route := range declared.Routes {
			r.fault(route.Written, "%s is no API of this template", declared.ID)
		}
		return API{ID: declared.ID}
	}
	p := declared.Properties
	api := API{
		ID: declared.ID, Kind: declared.Protocol, Stage: r.text(declared.Stage), Authorizers: map[string]Authorizer{},
		CORS: r.cors(declared), DomainOnly: r.flag(p.Get("DisableExecuteApiEndpoint")),
	}
	switch api.Kind {
	case HTTP:
		r.only(p.Get("Auth"), "DefaultAuthorizer", "EnableIamAuthorizer", "Authorizers")
		r.stage(declared, &api, "$default")
	case REST:
		r.rest(declared, &api)
	case WebSocket:
		r.webSocket(declared, &api)
	}
	for _, a := range declared.Authorizers {
		api.Authorizers[a.Name] = r.authorizer(declared, a, functions)
	}
	for _, route := range declared.Routes {
		r.route(declared, &api, route, functions)
	}
	return api
}

// stageForm matches the names that stages of REST and WebSocket APIs can have.
var stageForm = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// stage reads the stage's name, or takes the given one if there is none. HTTP
// APIs are served at their root only.
func (r *reader) stage(declared apis.API, api *API, otherwise string) {
	if api.Stage == "" {
		api.Stage = otherwise
	}
	switch {
	case api.Kind == HTTP && api.Stage != "$default":
		r.fault(declared.Stage, "only the stage $default is served here")
	case api.Kind != HTTP && !stageForm.MatchString(api.Stage):
		r.faultAt(declared.Line, declared.ID, "StageName is no name of a stage")
	}
}

func (r *reader) webSocket(declared apis.API, api *API) {
	p := declared.Properties
	r.stage(declared, api, "default") // SAM's default
	if declared.Serverless {
		r.only(p, "Name", "Description", "StageName", "RouteSelectionExpression", "Auth", "Routes", "AccessLogSettings", "Tags",
			"DefaultRouteSettings")
		r.only(p.Get("Auth"), "AuthType", "AuthArn", "InvokeRole", "IdentitySource", "Name")
	}
	member, found := strings.CutPrefix(r.text(p.Get("RouteSelectionExpression")), "$request.body.")
	if !found || member == "" || strings.Contains(member, ".") {
		r.fault(p.Get("RouteSelectionExpression"), "only a member of the body is understood here, such as $request.body.action")
	}
	api.Selection = member
}

// form matches the paths that a route can have.
var form = regexp.MustCompile(`^/$|^(/([^/{}+ ]+|\{[^/{}+ ]+\}))*(/[^/{}+ ]+|/\{[^/{}+ ]+\+?\})/?$`)

func (r *reader) route(declared apis.API, api *API, route apis.Route, functions []Function) {
	if declared.Serverless && api.Kind != WebSocket && route.Event {
		ref := map[Kind]string{HTTP: "ApiId", REST: "RestApiId"}[api.Kind]
		r.only(route.Written, ref, "Path", "Method", "Auth", "PayloadFormatVersion", "TimeoutInMillis")
		r.only(route.Written.Get("Auth"), "Authorizer")
	}
	switch method := r.text(route.Written.Get("Method")); {
	case api.Kind == WebSocket:
		r.only(route.Written, "FunctionArn", "ApiId", "RouteKey", "AuthorizationType", "AuthorizerId", "Target")
		if v := route.Written.Get("FunctionArn"); !strings.HasPrefix(r.text(v), functionPrefix) && v.Kind() != document.Absent {
			r.fault(v, "is not the ARN of a function of this template")
		}
	case api.Kind == REST && route.Path == "$default":
		r.fault(route.Written, "a REST API has no route $default")
	case route.Path != "$default" && !form.MatchString(route.Path):
		r.fault(route.Written, "%q is no path of a route", route.Path)
	case strings.Trim(route.Method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || method == "" && route.Event && route.Method != "":
		r.fault(route.Written, "%q is no method", route.Method)
	case api.Kind == HTTP && route.Format.Text() != "2.0":
		r.fault(route.Written, `only PayloadFormatVersion "2.0" is served here`)
	}
	if !has(functions, route.Function) {
		r.fault(route.Written, "%s is not a function of this template", route.Function)
	}
	if slices.ContainsFunc(api.Routes, func(other Route) bool { return other.Key == route.Key() }) {
		r.fault(route.Written, "there is a route %q already", route.Key())
	}
	api.Routes = append(api.Routes, Route{Key: route.Key(), Function: route.Function, Auth: r.auth(declared, api, route)})
}

func has(functions []Function, id string) bool {
	return slices.ContainsFunc(functions, func(f Function) bool { return f.ID == id })
}

// auth returns what authorizes a route.
func (r *reader) auth(declared apis.API, api *API, route apis.Route) string {
	if own := route.Written.Get("Auth").Get("Authorizer"); own.Kind() == document.Scalar && own.Text() == "" {
		r.fault(own, "is empty, which does not say who authorizes")
	}
	switch {
	case route.Auth.Open, api.Kind == WebSocket && route.Path != "$connect":
		return None
	case route.Auth.Name == IAM && api.Kind == HTTP:
		if declared.Serverless && !r.flag(declared.Properties.Get("Auth").Get("EnableIamAuthorizer")) {
			r.fault(route.Written, "AWS_IAM needs EnableIamAuthorizer on the API")
		}
		return IAM
	}
	if _, known := api.Authorizers[route.Auth.Name]; !known {
		names := slices.Sorted(maps.Keys(api.Authorizers))
		r.fault(route.Written, "there is no authorizer %q; there are %v", route.Auth.Name, names)
	}
	return route.Auth.Name
}

func (r *reader) cors(declared apis.API) *CORS {
	c := declared.CORS
	if c == nil {
		return nil
	}
	for _, property := range c.Unknown {
		r.fault(c.Written, "%s is not known here", property)
	}
	r.only(c.Written, "AllowOrigins", "AllowMethods", "AllowHeaders", "ExposeHeaders", "MaxAge", "AllowCredentials",
		"AllowOrigin",                                                                                 // of a REST API
		"allowOrigins", "allowMethods", "allowHeaders", "exposeHeaders", "maxAge", "allowCredentials") // OpenAPI's
	age := c.Written.Either("MaxAge")
	if declared.Protocol == apis.REST {
		for _, property := range []string{"AllowOrigin", "AllowMethods", "AllowHeaders"} {
			r.constant(c.Written.Get(property))
		}
		if age.Kind() != document.Absent {
			age = age.Part(r.constant(age))
		}
	}
	return &CORS{
		Origins: c.Origins, Methods: c.Methods, Headers: c.Allow, Expose: c.Expose,
		MaxAge: time.Duration(r.number(age, 0, 86400)) * time.Second, Credentials: r.flag(c.Written.Either("AllowCredentials")),
	}
}
