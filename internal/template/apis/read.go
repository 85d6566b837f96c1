package apis

import (
	"slices"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// reader collects what a template says in one reading.
type reader struct {
	*Template
	root document.Value
}

// Read returns what the template says in that reading, with the APIs in the
// order of the file.
func Read(w *document.Reading) *Template {
	r := &reader{Template: &Template{}, root: w.Root()}
	r.readTransforms(r.root.Get("Transform"))
	r.unread("template", r.root.Get("Fn::Transform"), "Fn::Transform")
	for id, resource := range r.written("template", r.root.Get("Resources"), "Resources").Members() {
		condition := resource.Get("Condition")
		if condition.Kind() == document.Absent || !decides(resource.Get("Type").Text()) || w.Holds(condition.Text()) {
			r.addResource(id, resource)
		}
	}
	for _, resource := range r.Resources {
		r.readAPI(resource)
	}
	for _, resource := range r.Resources {
		r.readPart(resource)
	}
	for _, api := range r.APIs {
		for i := range api.Authorizers {
			a := &api.Authorizers[i]
			a.Invocable = a.Invocable || r.permitted(a.Function)
		}
	}
	return r.Template
}

func (r *reader) addResource(id string, v document.Value) {
	resource := Resource{ID: id, Type: v.Get("Type").Text(), Line: v.Line(), Properties: v.Get("Properties")}
	if name, found := strings.CutPrefix(resource.Type, "AWS::Serverless::"); found {
		resource.Properties = resource.Properties.Over(r.global(name))
	}
	r.readType(resource, v)
	r.Resources = append(r.Resources, resource)
}

// global returns what SAM's Globals says about that type of resource.
func (r *reader) global(section string) document.Value { return r.root.Get("Globals").Get(section) }

func (t *Template) resource(id string) Resource {
	for _, resource := range t.Resources {
		if resource.ID == id {
			return resource
		}
	}
	return Resource{}
}

// readAPI reads a resource that is an API.
func (r *reader) readAPI(resource Resource) {
	p := resource.Properties
	api := &API{ID: resource.ID, Line: resource.Line, Properties: p, Stage: p.Get("StageName")}
	switch resource.Type {
	case "AWS::Serverless::HttpApi":
		r.readServerlessHTTP(api)
	case "AWS::Serverless::Api":
		r.readServerlessREST(api)
	case "AWS::Serverless::WebSocketApi":
		r.readServerlessWebSocket(api)
	case "AWS::ApiGatewayV2::Api":
		r.readV2(api)
	case "AWS::ApiGateway::RestApi":
		api.Protocol = REST
	case "AWS::Serverless::GraphQLApi", "AWS::AppSync::GraphQLApi", "AWS::AppSync::Api":
		r.readGraphQL(api)
	default:
		return
	}
	r.APIs = append(r.APIs, api)
	r.written(api.ID, p, "Properties")
	r.readBodies(api)
}

// readPart reads a resource that adds to an API, or is a function.
func (r *reader) readPart(resource Resource) {
	read := map[string]func(Resource){
		"AWS::Serverless::Function":        r.readFunction,
		"AWS::Serverless::StateMachine":    r.readEvents,
		"AWS::Lambda::Url":                 r.readURL,
		"AWS::ApiGatewayV2::Authorizer":    r.readAuthorizer,
		"AWS::ApiGatewayV2::Route":         r.readRoute,
		"AWS::ApiGatewayV2::Stage":         r.readStage,
		"AWS::ApiGateway::Authorizer":      r.readAuthorizer,
		"AWS::ApiGateway::Method":          r.readMethod,
		"AWS::ApiGateway::Stage":           r.readStage,
		"AWS::ApiGateway::GatewayResponse": r.readResponse,
	}[resource.Type]
	if read == nil {
		return
	}
	if r.written(resource.ID, resource.Properties, "Properties").Kind() != document.Expression {
		read(resource)
	}
}

// api returns the API that ref points at. One that is not in the template is
// recorded with that protocol.
func (r *reader) api(ref document.Value, otherwise Protocol) *API {
	target := ref.Target()
	for _, api := range r.APIs {
		if api.ID == target {
			return api
		}
	}
	api := &API{ID: target, Protocol: otherwise}
	r.APIs = append(r.APIs, api)
	return api
}

// Yes reports whether the value is written as true.
func Yes(v document.Value) bool { return strings.EqualFold(v.Text(), "true") }

// No reports whether the value is written as false.
func No(v document.Value) bool { return strings.EqualFold(v.Text(), "false") }

// says reports whether the value is one of these texts. An absent value counts
// as empty, as in SAM.
func says(v document.Value, texts ...string) bool {
	return (v.Kind() == document.Absent || v.Kind() == document.Scalar) && slices.Contains(texts, v.Text())
}
