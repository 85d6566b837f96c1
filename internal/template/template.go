// Package template reads a SAM template as a local run needs it: which
// functions there are and with what environment, which routes reach them, who
// authorizes each route, and what the API says to browsers.
//
// [Read] parses a template, [Template.Stack] sets its parameters. The
// expressions Ref, Fn::GetAtt, Fn::Sub, Fn::Join, Fn::Split, Fn::Select and
// those of conditions are evaluated, in their long and their short form.
//
// What bears on who may pass is read strictly: where a local run could not do
// what API Gateway does, the template is refused with the place and the
// reason, and no request is served. What does not reach a request (policies,
// schedules, outputs) is not read.
//
// Names and meanings are those of
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html.
package template

import (
	"errors"
	"regexp"
	"time"
)

// The pseudo parameters of a local stack.
const (
	Region  = "us-east-1"
	Account = "123456789012"
	Name    = "latchkey-local" // of the stack, and so the head of its tables' names
)

// Template is a parsed template whose parameters are not set yet.
type Template struct {
	parameters []Parameter
	conditions object
	globals    any
	resources  object
	exports    map[string]string // see Import
}

// Stack is a template with its parameters set.
type Stack struct {
	Functions []Function // in the order of the template
	APIs      []API      // likewise
	Mappings  []Mapping  // of the one custom domain there can be

	domain string // of the mappings
}

// Function is one Lambda function.
type Function struct {
	ID          string            // logical id
	Environment map[string]string // with the parameters filled in
	Timeout     time.Duration     // of one invocation
}

// API is one API.
type API struct {
	ID          string // logical id
	Kind        Kind
	Stage       string // $default for HTTP APIs
	Routes      []Route
	Authorizers map[string]Authorizer      // by name
	CORS        *CORS                      // nil if the API leaves it to its functions; of a REST API, what it says to preflights
	Responses   map[string]GatewayResponse // of a REST API, by type
	DomainOnly  bool                       // not reached at a host of its own
	Selection   string                     // of a WebSocket API: member of a message that names its route
}

// Route is one route of an API.
type Route struct {
	Key      string // "GET /notes/{id}", "ANY /files/{proxy+}", "$default" or "$connect"
	Function string // logical id of the function behind it
	Auth     string // None, IAM or the name of an authorizer; never empty
}

// What Auth can be besides the name of an authorizer, as the template has it.
const (
	None = "NONE"
	IAM  = "AWS_IAM"
)

// Authorizer is one authorizer of an API: a function whose answers are
// policies (on HTTP APIs by payload format 2.0), or API Gateway's own of JWTs.
type Authorizer struct {
	Function string         // logical id, and behind a colon the alias that its ARN names, as Lambda writes both
	Sources  []string       // identity sources, such as $request.header.authorization
	TTL      time.Duration  // how long an answer is kept; 0 means not at all
	Token    bool           // of a REST API: it is given one header, the only source
	Pattern  *regexp.Regexp // what that header must match; nil: anything
	Issuer   string         // of JWTs; "" if a function decides
	Audience []string       // of JWTs: one of these
}

// CORS is what an API tells browsers about other origins.
type CORS struct {
	Origins     []string
	Methods     []string
	Headers     []string
	Expose      []string
	MaxAge      time.Duration // 0 means not said
	Credentials bool
}

// Read parses a template. The error says where it is not understood.
func Read(data []byte) (*Template, error) {
	root, err := parse(data)
	if err != nil {
		return nil, err
	}
	r := &resolver{}
	top := r.field("", root)
	t := &Template{
		parameters: readParameters(top.get("Parameters")),
		conditions: top.get("Conditions").object(),
		globals:    top.get("Globals").v,
		resources:  top.get("Resources").object(),
	}
	if len(t.resources.names) == 0 {
		top.fault("no Resources")
	}
	if err := errors.Join(r.faults...); err != nil {
		return nil, err
	}
	return t, nil
}

// Parameters returns the template's parameters in its order.
func (t *Template) Parameters() []Parameter { return t.parameters }

// Stack sets the parameters, those that are not given to their defaults. All
// that is wrong with the values, and all that is not understood of the
// functions and their APIs, is in the error.
func (t *Template) Stack(given map[string]string) (*Stack, error) {
	values, err := t.values(given)
	if err != nil {
		return nil, err
	}
	r := &resolver{template: t, values: values}
	s := &Stack{}
	globals := r.field("Globals", t.globals)
	for _, section := range []string{"HttpApi", "Api", "WebSocketApi"} {
		globals.get(section).absent("is not read here: set it on the API")
	}
	for name, resource := range r.field("Resources", t.resources).entries() {
		if condition := resource.get("Condition"); condition.v != nil && !r.condition(condition.text()) {
			continue
		}
		properties := resource.get("Properties")
		switch resource.get("Type").text() {
		case "AWS::Serverless::HttpApi":
			s.APIs = append(s.APIs, readAPI(name, properties))
		case "AWS::Serverless::Function":
			s.Functions = append(s.Functions, readFunction(name, properties, globals.get("Function")))
		case "AWS::Serverless::Api":
			s.APIs = append(s.APIs, readREST(name, properties))
		case "AWS::Serverless::WebSocketApi":
			s.APIs = append(s.APIs, readWebSocket(name, properties))
		case "AWS::ApiGatewayV2::ApiMapping":
			s.readMapping(properties)
		}
	}
	s.readRoutes(r)
	s.checkAuthorizers(r)
	if err := errors.Join(r.faults...); err != nil {
		return nil, err
	}
	return s, nil
}

// Function returns the function of that logical id.
func (s *Stack) Function(id string) (Function, bool) {
	for _, f := range s.Functions {
		if f.ID == id {
			return f, true
		}
	}
	return Function{}, false
}
