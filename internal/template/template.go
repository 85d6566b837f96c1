// Package template reads a template for a local run: the functions and their
// environment, the routes that reach them, what authorizes each route, and what
// the APIs tell browsers.
//
// [Read] parses a template and [Template.Stack] sets its parameters. Packages
// document and apis read the file, for a local run and for checktemplate alike.
// This package decides what of it can be served.
//
// Everything that affects who may pass is read strictly. If a local run cannot
// do what API Gateway does, the template is refused with the line and the
// reason, and no request is served. What does not reach API Gateway (policies,
// schedules, function URLs, AppSync) is ignored.
package template

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/latchkey-auth/latchkey/internal/template/apis"
	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// The pseudo parameters of a local stack.
const (
	Region  = "us-east-1"
	Account = "123456789012"
	Name    = "latchkey-local" // of the stack, which begins the names of its tables
)

// Template is a parsed template whose parameters are not set yet.
type Template struct {
	document   *document.Document
	parameters []Parameter
	exports    map[string]string // see Import
}

// Stack is a template with its parameters set.
type Stack struct {
	Functions []Function // in the order of the template
	APIs      []API      // likewise
	Mappings  []Mapping  // of the one custom domain there can be
}

// Function is one Lambda function.
type Function struct {
	ID          string            // logical id
	Environment map[string]string // with the values of parameters
	Timeout     time.Duration     // of one invocation
}

// Kind is the kind of an API.
type Kind = apis.Protocol

// The kinds of API.
const (
	HTTP      = apis.HTTP
	REST      = apis.REST
	WebSocket = apis.WebSocket
)

// API is one API.
type API struct {
	ID          string // logical id
	Kind        Kind
	Stage       string // $default for HTTP APIs
	Routes      []Route
	Authorizers map[string]Authorizer      // by name
	CORS        *CORS                      // nil if functions set the headers; for a REST API, answers to preflights
	Responses   map[string]GatewayResponse // of a REST API, by type
	DomainOnly  bool                       // has no host of its own
	Selection   string                     // of a WebSocket API: the member of a message that names its route
}

// Route is one route of an API.
type Route struct {
	Key      string // "GET /notes/{id}", "ANY /files/{proxy+}", "$default" or "$connect"
	Function string // logical id of the function behind it
	Auth     string // None, IAM or the name of an authorizer; never empty
}

// The values of Auth besides the name of an authorizer, as the template has
// them.
const (
	None = "NONE"
	IAM  = "AWS_IAM"
)

// Authorizer is one authorizer of an API. It is a function that answers with
// policies (payload format 2.0 on HTTP APIs), or API Gateway's own for JWTs.
type Authorizer struct {
	Function string         // logical id, with a colon and the alias if its ARN names one, as Lambda writes both
	Sources  []string       // identity sources, such as $request.header.authorization
	TTL      time.Duration  // how long an answer is kept; 0 means not at all
	Token    bool           // of a REST API: it gets one header, the only source
	Pattern  *regexp.Regexp // what that header must match; nil means anything
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

// GatewayResponse is what a REST API itself answers in one kind of case.
type GatewayResponse struct {
	Status  int               // 0 means that of the case
	Headers map[string]string // fixed values by name
	Body    string            // may contain $context variables; "" means the gateway's own
}

// Mapping is a path of a custom domain and the API behind it.
type Mapping struct {
	Path string // "" or of the form /shop
	API  string // logical id, or an imported value
}

// Read parses a template. The error says which part it does not understand.
func Read(data []byte) (*Template, error) {
	d, err := document.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	r := &reader{}
	t := &Template{document: d, parameters: r.parameters(d.Root.Get("Parameters"))}
	if resources := r.mapping(d.Root.Get("Resources")).String(); resources == "" || resources == "{}" {
		r.fault(d.Root, "no Resources")
	}
	if err := errors.Join(r.faults...); err != nil {
		return nil, err
	}
	return t, nil
}

// Parameters returns the template's parameters in its order.
func (t *Template) Parameters() []Parameter { return t.parameters }

// Import sets the values of Fn::ImportValue. The names of the exports come
// without the name of the stack and the hyphen after it, because the exporting
// stack has another name here.
func (t *Template) Import(exports map[string]string) { t.exports = exports }

// Imports reports whether the template imports anything from another stack.
func (t *Template) Imports() bool {
	return strings.Contains(t.document.Root.Get("Resources").String(), "!ImportValue ")
}

// Stack sets the parameters. Those not given have their defaults. The error
// contains everything that is wrong with the values, and everything in the
// functions and APIs that is not understood.
func (t *Template) Stack(given map[string]string) (*Stack, error) {
	values, lists, err := t.values(given)
	if err != nil {
		return nil, err
	}
	reading := t.document.Reading(values, lists, t.exports)
	declared := apis.Read(reading)
	r := &reader{declared: declared, exports: t.exports}
	r.reading = reading.Naming(r.name)
	for _, part := range declared.Unread {
		r.faults = append(r.faults, fmt.Errorf("template: line %d: %s: %s is not read here", part.Line, part.Resource, part.What))
	}
	s := &Stack{Functions: r.functions(), Mappings: r.mappings()}
	for _, api := range declared.APIs {
		if api.Protocol != apis.GraphQL {
			s.APIs = append(s.APIs, r.api(*api, s.Functions))
		}
	}
	for _, err := range reading.Faults() {
		r.faults = append(r.faults, fmt.Errorf("template: %w", err))
	}
	if err := errors.Join(r.faults...); err != nil {
		return nil, err
	}
	return s, nil
}

// Function returns the function of that logical id.
func (s *Stack) Function(id string) (Function, bool) {
	i := slices.IndexFunc(s.Functions, func(f Function) bool { return f.ID == id })
	if i < 0 {
		return Function{}, false
	}
	return s.Functions[i], true
}
