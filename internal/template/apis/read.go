package apis

import (
	"slices"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// reader gathers the APIs of one template.
type reader struct {
	*document.Document
	resources document.Value
	apis      []*API
}

// Read returns the APIs of the template, those first that stand first.
func Read(d *document.Document) []API {
	r := &reader{Document: d, resources: d.Root.Get("Resources")}
	for id, resource := range r.resources.Members() {
		r.readAPI(id, resource)
	}
	for id, resource := range r.resources.Members() {
		r.readPart(id, resource)
	}
	var apis []API
	for _, api := range r.apis {
		apis = append(apis, *api)
	}
	return apis
}

// readAPI reads a resource that is an API.
func (r *reader) readAPI(id string, resource document.Value) {
	properties := resource.Get("Properties")
	api := &API{ID: id, Line: resource.Line()}
	switch kind := resource.Get("Type").Text(); {
	case kind == "AWS::Serverless::HttpApi":
		r.readServerlessHTTP(api, properties)
	case kind == "AWS::Serverless::Api":
		r.readServerlessREST(api, properties)
	case kind == "AWS::Serverless::WebSocketApi":
		r.readServerlessWebSocket(api, properties)
	case kind == "AWS::ApiGatewayV2::Api":
		r.readV2(api, properties)
	case kind == "AWS::ApiGateway::RestApi":
		api.Protocol = REST
	case strings.HasPrefix(id, "Fn::"):
		api.unread(resource, id)
	default:
		return
	}
	api.written(properties, "Properties")
	for _, name := range []string{"DefinitionBody", "DefinitionUri", "Body", "BodyS3Location"} {
		api.unread(properties.Get(name), name)
	}
	r.apis = append(r.apis, api)
}

// parts are the types of resources that add to an API.
func parts() []string {
	return []string{
		"AWS::Serverless::Function", "AWS::Serverless::StateMachine", "AWS::ApiGatewayV2::Authorizer", "AWS::ApiGatewayV2::Route",
		"AWS::ApiGateway::Authorizer", "AWS::ApiGateway::Method", "AWS::ApiGateway::GatewayResponse",
	}
}

// readPart reads a resource that adds to an API.
func (r *reader) readPart(id string, resource document.Value) {
	properties := resource.Get("Properties")
	kind := resource.Get("Type").Text()
	if slices.Contains(parts(), kind) && opaque(properties) {
		unread := &API{ID: id}
		unread.written(properties, "Properties")
		r.apis = append(r.apis, unread)
		return
	}
	switch kind {
	case "AWS::Serverless::Function", "AWS::Serverless::StateMachine":
		r.readEvents(id, properties.Get("Events"))
	case "AWS::ApiGatewayV2::Authorizer":
		r.readV2Authorizer(id, resource)
	case "AWS::ApiGatewayV2::Route":
		r.readV2Route(id, resource)
	case "AWS::ApiGateway::Authorizer":
		r.readRESTAuthorizer(id, resource)
	case "AWS::ApiGateway::Method":
		r.readRESTMethod(id, resource)
	case "AWS::ApiGateway::GatewayResponse":
		r.readResponse(properties)
	}
}

// api returns the API that ref points at. One that is not in the template is
// noted as being of that protocol.
func (r *reader) api(ref document.Value, otherwise Protocol) *API {
	target := ref.Target()
	for _, api := range r.apis {
		if api.ID == target {
			return api
		}
	}
	api := &API{ID: target, Protocol: otherwise}
	r.apis = append(r.apis, api)
	return api
}

// texts returns what the items of a list can come to: scalars and expressions.
func (r *reader) texts(list document.Value) []document.Value {
	var texts []document.Value
	for _, possible := range r.Possible(list) {
		items := possible.Items()
		if possible.Kind() != document.List {
			items = []document.Value{possible}
		}
		for _, item := range items {
			texts = append(texts, r.Possible(item)...)
		}
	}
	return slices.DeleteFunc(texts, func(v document.Value) bool { return v.Kind() == document.Absent })
}

// Yes reports whether the value is written as true.
func Yes(v document.Value) bool { return strings.EqualFold(v.Text(), "true") }

// No reports whether the value is written as false.
func No(v document.Value) bool { return strings.EqualFold(v.Text(), "false") }
