package apis

import (
	"iter"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// The APIs that SAM makes for events without an API.
const (
	implicitHTTP = "ServerlessHttpApi"
	implicitREST = "ServerlessRestApi"
)

func (r *reader) readServerlessHTTP(api *API) {
	api.Protocol, api.Serverless = HTTP, true
	api.CORS = readCORS(api.Properties.Get("CorsConfiguration"), "AllowOrigins")
	for name, v := range r.authorizers(api) {
		a := serverless(name, v)
		a.Simple = v.Get("EnableSimpleResponses")
		a.Invocable = a.Invocable || Yes(v.Get("EnableFunctionDefaultPermissions"))
		api.Authorizers = append(api.Authorizers, a)
	}
}

func (r *reader) readServerlessREST(api *API) {
	api.Protocol, api.Serverless = REST, true
	api.CORS = readCORS(api.Properties.Get("Cors"), "AllowOrigin")
	r.readResponses(api, api.Properties.Get("GatewayResponses"))
	for name, v := range r.authorizers(api) {
		a := serverless(name, v)
		if kind := v.Get("FunctionPayloadType"); a.Kind == Request && !strings.EqualFold(kind.Text(), "REQUEST") {
			a.Kind = Token
		}
		a.Invocable = a.Invocable || !Yes(v.Get("DisableFunctionDefaultPermissions"))
		api.Authorizers = append(api.Authorizers, a)
	}
	auth := api.Properties.Get("Auth")
	preflight := auth.Get("AddDefaultAuthorizerToCorsPreflight")
	if api.CORS != nil && auth.Get("DefaultAuthorizer").Kind() != document.Absent && !No(preflight) {
		api.Preflight = max(preflight.Line(), auth.Get("DefaultAuthorizer").Line())
	}
}

// authorizers ranges over the authorizers that are written as mappings.
func (r *reader) authorizers(api *API) iter.Seq2[string, document.Value] {
	return func(yield func(string, document.Value) bool) {
		auth := r.written(api.ID, api.Properties.Get("Auth"), "Auth")
		for name, v := range r.written(api.ID, auth.Get("Authorizers"), "Authorizers").Members() {
			if r.written(api.ID, v, "authorizer "+name).Kind() == document.Mapping && !yield(name, v) {
				return
			}
		}
	}
}

// serverless reads what SAM's authorizers have on every API.
func serverless(name string, v document.Value) Authorizer {
	identity := v.Get("Identity")
	a := Authorizer{
		Name: name, Line: v.Line(), Written: v, Function: v.Get("FunctionArn"),
		Property: "ReauthorizeEvery", TTL: identity.Get("ReauthorizeEvery"),
		Invocable: v.Get("FunctionInvokeRole").Kind() != document.Absent, Sources: identitySources(v.Get("IdentitySource")),
	}
	if a.Function.Kind() == document.Absent {
		a.Kind = JWT
	}
	for _, of := range []struct{ list, prefix string }{
		{"Headers", "$request.header."}, {"QueryStrings", "$request.querystring."},
		{"Context", "$context."}, {"StageVariables", "$stageVariables."},
	} {
		for _, source := range identity.Get(of.list).Texts() {
			if source.Kind() == document.Scalar {
				source = source.Part(of.prefix + source.Text())
			}
			a.Sources = append(a.Sources, source)
		}
	}
	return a
}

// readServerlessWebSocket reads a WebSocket API and its routes.
func (r *reader) readServerlessWebSocket(api *API) {
	api.Protocol, api.Serverless = WebSocket, true
	auth := r.written(api.ID, api.Properties.Get("Auth"), "Auth")
	decides := r.auth(api.ID, auth.Get("AuthType"))
	if decides.Name == "CUSTOM" {
		// Without a role, SAM gives a permission.
		a := Authorizer{Name: "CUSTOM", Line: auth.Line(), Function: auth.Get("AuthArn"), Invocable: true, Written: auth,
			Sources: identitySources(auth.Get("IdentitySource"))}
		api.Authorizers = append(api.Authorizers, a)
	}
	for path, route := range r.written(api.ID, api.Properties.Get("Routes"), "Routes").Members() {
		api.Routes = append(api.Routes, Route{Path: path, Resource: api.ID, Line: route.Line(), Auth: decides,
			Function: r.Function(route.Get("FunctionArn")), Written: route})
	}
}

// readEvents reads the routes of a function's or state machine's events.
func (r *reader) readEvents(resource Resource) {
	for name, event := range r.written(resource.ID, resource.Properties.Get("Events"), "Events").Members() {
		p := r.written(resource.ID, event, "event "+name).Get("Properties")
		kind := event.Get("Type").Text()
		if kind != "HttpApi" && kind != "Api" {
			r.readEventType(resource.ID, name, event)
			continue
		}
		if r.written(resource.ID, p, "Properties of event "+name).Kind() == document.Expression {
			continue
		}
		api, protocol := r.eventAPI(event, kind)
		if api.Protocol != protocol {
			r.unread(resource.ID, event, "event "+name+", of another kind than its API,")
			continue
		}
		r.readEvent(resource.ID, event, api)
	}
}

// eventAPI returns the API of an event. If the event names none, it is the one
// that SAM makes.
func (r *reader) eventAPI(event document.Value, kind string) (*API, Protocol) {
	protocol, implicit, section := HTTP, implicitHTTP, "HttpApi"
	ref := event.Get("Properties").Get("ApiId")
	if kind == "Api" {
		protocol, implicit, section = REST, implicitREST, "Api"
		ref = event.Get("Properties").Get("RestApiId")
	}
	if ref.Kind() == document.Absent {
		ref = ref.Part(implicit)
	}
	api := r.api(ref, protocol)
	if api.ID != implicit || api.Line != 0 {
		return api, protocol
	}
	api.Line, api.Properties = event.Line(), r.global(section)
	if kind == "Api" {
		api.Stage = event.Part("Prod") // SAM's default
		r.readServerlessREST(api)
	} else {
		r.readServerlessHTTP(api)
	}
	return api, protocol
}

func (r *reader) readEvent(id string, event document.Value, api *API) {
	p := event.Get("Properties")
	route := Route{
		Resource: id, Line: event.Line(), Path: p.Get("Path").String(), Method: method(p.Get("Method").Text()), Function: id,
		Event: true, Format: p.Get("PayloadFormatVersion"), Written: p,
	}
	if route.Format.Kind() == document.Absent {
		route.Format = p.Part("2.0") // SAM's default
	}
	if route.Path == "" || route.Path == "$default" {
		route.Path, route.Method = "$default", ""
	}
	name := r.written(id, p.Get("Auth"), "Auth of "+route.Key()).Get("Authorizer")
	for i, other := range api.Routes {
		if other.Resource == api.ID && other.Key() == route.Key() { // from the API's body
			if says(name, "") {
				return
			}
			api.Routes = append(api.Routes[:i], api.Routes[i+1:]...)
			break
		}
	}
	if says(name, "") {
		name = api.Properties.Get("Auth").Get("DefaultAuthorizer")
	}
	route.Auth = r.auth(id, name)
	api.Routes = append(api.Routes, route)
}

// auth returns what decides where that name is written.
func (r *reader) auth(resource string, name document.Value) Auth {
	if name.Kind() == document.Expression {
		r.unread(resource, name, name.Name()+", an expression,")
	}
	if says(name, "", "NONE") {
		return Auth{Open: true}
	}
	return Auth{Name: name.String()}
}

// method returns a method in upper case. It returns ANY for all methods, for a
// missing one and for an expression.
func method(text string) string {
	switch upper := strings.ToUpper(text); upper {
	case "", "*", "X-AMAZON-APIGATEWAY-ANY-METHOD":
		return "ANY"
	default:
		return upper
	}
}
