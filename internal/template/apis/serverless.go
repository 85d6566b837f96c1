package apis

import (
	"iter"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// The APIs that SAM makes for events that name none.
const (
	implicitHTTP = "ServerlessHttpApi"
	implicitREST = "ServerlessRestApi"
)

func (r *reader) global(section string) document.Value {
	return r.Root.Get("Globals").Get(section)
}

func (r *reader) readServerlessHTTP(api *API, properties document.Value) {
	properties = properties.Over(r.global("HttpApi"))
	api.Protocol = HTTP
	api.CORS = r.readCORS(properties.Get("CorsConfiguration"))
	auth := api.written(properties.Get("Auth"), "Auth")
	for name, v := range api.authorizers(auth) {
		a := Authorizer{Name: name, Line: v.Line(), Property: "ReauthorizeEvery", Simple: r.Possible(v.Get("EnableSimpleResponses"))}
		if v.Get("FunctionArn").Kind() == document.Absent {
			a.Kind = JWT
		}
		r.readIdentity(&a, v.Get("Identity"))
		api.Authorizers = append(api.Authorizers, a)
	}
}

func (r *reader) readServerlessREST(api *API, properties document.Value) {
	properties = properties.Over(r.global("Api"))
	api.Protocol = REST
	api.CORS = r.readRESTCORS(properties.Get("Cors"))
	api.readResponses(properties.Get("GatewayResponses"))
	auth := api.written(properties.Get("Auth"), "Auth")
	for name, v := range api.authorizers(auth) {
		a := Authorizer{Name: name, Line: v.Line(), Property: "ReauthorizeEvery"}
		switch {
		case v.Get("FunctionArn").Kind() == document.Absent:
			a.Kind = JWT
		case !strings.EqualFold(v.Get("FunctionPayloadType").Text(), "REQUEST"):
			a.Kind = Token
		}
		r.readIdentity(&a, v.Get("Identity"))
		api.Authorizers = append(api.Authorizers, a)
	}
	preflight := auth.Get("AddDefaultAuthorizerToCorsPreflight")
	protects := auth.Get("DefaultAuthorizer").Kind() != document.Absent && !strings.EqualFold(preflight.Text(), "false")
	if len(api.CORS) > 0 && protects {
		api.Preflight = max(preflight.Line(), auth.Get("DefaultAuthorizer").Line())
	}
}

// authorizers ranges over the authorizers that are written out.
func (a *API) authorizers(auth document.Value) iter.Seq2[string, document.Value] {
	return func(yield func(string, document.Value) bool) {
		for name, v := range a.written(auth.Get("Authorizers"), "Authorizers").Members() {
			if !opaque(a.written(v, "authorizer "+name)) && !yield(name, v) {
				return
			}
		}
	}
}

// readIdentity reads what SAM calls the identity of a caller.
func (r *reader) readIdentity(a *Authorizer, identity document.Value) {
	a.TTL = r.Possible(identity.Get("ReauthorizeEvery"))
	for _, list := range []string{"Headers", "QueryStrings"} {
		a.Sources = append(a.Sources, r.texts(identity.Get(list))...)
	}
}

// readServerlessWebSocket reads a WebSocket API, whose routes stand with it.
func (r *reader) readServerlessWebSocket(api *API, properties document.Value) {
	api.Protocol = WebSocket
	auth := api.written(properties.Over(r.global("WebSocketApi")).Get("Auth"), "Auth")
	decides := Auth{Open: true}
	switch kind := auth.Get("AuthType").Text(); kind {
	case "", "NONE":
	case "CUSTOM":
		decides = Auth{Name: "CUSTOM"}
		a := Authorizer{Name: "CUSTOM", Line: auth.Line(), Sources: r.texts(auth.Get("IdentitySource"))}
		api.Authorizers = append(api.Authorizers, a)
	default:
		decides = Auth{Name: kind}
	}
	for path, route := range api.written(properties.Get("Routes"), "Routes").Members() {
		api.Routes = append(api.Routes, Route{Path: path, Resource: api.ID, Line: route.Line(), Auth: decides})
	}
}

// readEvents reads the routes that a function or state machine asks for.
func (r *reader) readEvents(id string, events document.Value) {
	unread := &API{ID: id}
	for name, event := range unread.written(events, "Events").Members() {
		properties := unread.written(event, "event "+name).Get("Properties")
		kind := event.Get("Type").Text()
		if kind != "HttpApi" && kind != "Api" {
			continue
		}
		switch unread.written(properties, "Properties of event "+name); {
		case opaque(properties):
		case kind == "HttpApi":
			r.readEvent(id, event, r.eventAPI(properties.Get("ApiId"), HTTP, implicitHTTP))
		default:
			r.readEvent(id, event, r.eventAPI(properties.Get("RestApiId"), REST, implicitREST))
		}
	}
	if len(unread.Unread) > 0 {
		r.apis = append(r.apis, unread)
	}
}

func (r *reader) eventAPI(ref document.Value, protocol Protocol, implicit string) *API {
	if ref.Kind() != document.Absent {
		return r.api(ref, protocol)
	}
	for _, api := range r.apis {
		if api.ID == implicit {
			return api
		}
	}
	api := &API{ID: implicit}
	if protocol == HTTP {
		r.readServerlessHTTP(api, document.Value{})
	} else {
		r.readServerlessREST(api, document.Value{})
	}
	r.apis = append(r.apis, api)
	return api
}

func (r *reader) readEvent(id string, event document.Value, api *API) {
	properties := event.Get("Properties")
	route := Route{Resource: id, Line: event.Line(), Path: properties.Get("Path").Text(), Method: method(properties.Get("Method").Text())}
	if route.Path == "" || route.Path == "$default" {
		route.Path, route.Method = "$default", ""
	}
	name := api.written(properties.Get("Auth"), "Auth of "+route.Key()).Get("Authorizer")
	if says(name, "") {
		name = r.resources.Get(api.ID).Get("Properties").Over(r.globalOf(api)).Get("Auth").Get("DefaultAuthorizer")
	}
	route.Auth = Auth{Name: name.String()}
	for _, possible := range r.Possible(name) {
		if says(possible, "") || says(possible, "NONE") {
			route.Auth = Auth{Open: true}
		}
	}
	api.Routes = append(api.Routes, route)
}

// says reports whether the value is that text. An absent value is empty, as it
// is to SAM.
func says(v document.Value, text string) bool {
	return (v.Kind() == document.Absent || v.Kind() == document.Scalar) && v.Text() == text
}

func (r *reader) globalOf(api *API) document.Value {
	if api.Protocol == REST {
		return r.global("Api")
	}
	return r.global("HttpApi")
}

// method returns a method in upper case, ANY for all and for one that is
// missing or an expression.
func method(text string) string {
	switch upper := strings.ToUpper(text); upper {
	case "", "*", "X-AMAZON-APIGATEWAY-ANY-METHOD":
		return "ANY"
	default:
		return upper
	}
}
