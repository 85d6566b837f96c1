// Package apis reads from a template what decides who may call its functions:
// its APIs with their authorizers, routes and CORS settings, and the URLs of
// functions.
//
// The result is the same for SAM's resources, plain CloudFormation and OpenAPI
// bodies with x-amazon-apigateway extensions. Names and meanings are those of
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html,
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGatewayV2.html
// and
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html.
// Parts that cannot be read, such as another template, are not guessed but
// listed as unread.
package apis

import (
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// Template is what a template says in one reading.
type Template struct {
	Resources []Resource // in the order of the file
	APIs      []*API
	URLs      []URL
	Unread    []Unread
}

// Resource is one resource that exists in the reading.
type Resource struct {
	ID, Type   string
	Line       int
	Properties document.Value // with SAM's Globals laid under
}

// Protocol is the kind of an API.
type Protocol int

// The kinds of API.
const (
	HTTP Protocol = iota
	REST
	WebSocket
	GraphQL // and events of AppSync
)

// API is one API, or an addition to an API of another stack.
type API struct {
	ID          string // logical id, or how the template refers to the API
	Line        int    // 0 if it is not in this template
	Protocol    Protocol
	Serverless  bool // SAM's
	Stage       document.Value
	Properties  document.Value
	Authorizers []Authorizer
	Routes      []Route
	CORS        *CORS // nil if it tells browsers nothing
	Preflight   int   // line that puts SAM's own OPTIONS methods behind the authorizer, or 0
	Responses   []Response
}

// Authorizer is one authorizer of an API.
type Authorizer struct {
	Name      string
	Line      int
	Kind      AuthorizerKind
	Function  document.Value   // as the template refers to it
	Invocable bool             // API Gateway has a role or a permission to invoke it
	Sources   []document.Value // identity sources, in the form that HTTP APIs have
	Property  string           // that sets how long decisions are kept
	TTL       document.Value   // absent if not set
	Simple    document.Value   // EnableSimpleResponses
	Written   document.Value   // everything that is said of it
}

// AuthorizerKind is the kind of an authorizer.
type AuthorizerKind int

// The kinds of authorizer.
const (
	Request AuthorizerKind = iota // a Lambda function that gets the request
	Token                         // a Lambda function that gets one header
	JWT                           // API Gateway itself, or Cognito: no function of ours
)

// Route is one route of an HTTP or WebSocket API, or one method of a REST API.
type Route struct {
	Method   string // in upper case; ANY for all; empty for $default and a WebSocket's routes
	Path     string // as in /files/{proxy+}; $default, $connect …
	Resource string // logical id of the resource that has it
	Line     int
	Auth     Auth
	Function string         // logical id of the function behind it, or how the template refers to it
	Event    bool           // SAM's, of a function
	Format   document.Value // of the function's payload
	Written  document.Value // everything that is said of it
}

// Auth is what decides about a route.
type Auth struct {
	Open bool   // nothing decides
	Name string // of the authorizer, as the template refers to it; AWS_IAM; empty if Open
}

// Response is one gateway response of a REST API.
type Response struct {
	Type    string   // UNAUTHORIZED, DEFAULT_4XX …
	Headers []Header // in the order of the file
	Written document.Value
}

// Header is one header of a response.
type Header struct {
	Name  string
	Value document.Value
}

// URL is a function URL, a way to a function without an API.
type URL struct {
	Function string // logical id, or how the template refers to it
	Line     int
	Auth     document.Value
}

// Key names the route as HTTP APIs do: "GET /notes", "$default".
func (r Route) Key() string {
	return strings.TrimSpace(r.Method + " " + r.Path)
}

// Writes reports whether the route takes requests that change state. Every
// method counts except those that are safe by RFC 9110, section 9.2.1. On a
// WebSocket API it is the connect, the only place for an authorizer.
func (a API) Writes(r Route) bool {
	if a.Protocol == WebSocket {
		return r.Path == "$connect"
	}
	return r.Method != "GET" && r.Method != "HEAD" && r.Method != "OPTIONS"
}

// Preflighted reports whether the route also takes OPTIONS requests without
// naming that method.
func (r Route) Preflighted() bool {
	return r.Method == "ANY" || r.Path == "$default"
}

// Authorizer returns the authorizer that decides about the route.
func (a API) Authorizer(r Route) (Authorizer, bool) {
	for _, authorizer := range a.Authorizers {
		if authorizer.Name == r.Auth.Name {
			return authorizer, true
		}
	}
	return Authorizer{}, false
}

// Header returns the value of the header, which is absent if it is not sent.
func (r Response) Header(name string) document.Value {
	for _, header := range r.Headers {
		if strings.EqualFold(header.Name, name) {
			return header.Value
		}
	}
	return document.Value{}
}
