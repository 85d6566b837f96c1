// Package apis reads from a template what decides who may call its APIs: the
// APIs, their authorizers, their routes and what they tell browsers.
//
// SAM's resources and plain CloudFormation's come out alike. Names and
// meanings are those of
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html
// and
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGatewayV2.html.
// What cannot be read, such as routes in an OpenAPI document, is not guessed:
// it is listed as unread.
package apis

import (
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// Protocol is the kind of an API.
type Protocol int

// The kinds of API.
const (
	HTTP Protocol = iota
	REST
	WebSocket
)

// API is one API, or what a template adds to an API of another stack.
type API struct {
	ID          string // logical id, or how the template refers to the API
	Line        int    // 0 if it is not in this template
	Protocol    Protocol
	Authorizers []Authorizer
	Routes      []Route
	CORS        []CORS // what it can be told to say to browsers; none if nothing
	Preflight   int    // line that puts SAM's own OPTIONS methods behind the authorizer, or 0
	Responses   []Response
	Unread      []Unread
}

// Authorizer is one authorizer of an API.
type Authorizer struct {
	Name     string
	Line     int
	Kind     AuthorizerKind
	Sources  []document.Value // identity sources that are headers or query strings
	Property string           // that sets how long decisions are kept
	TTL      []document.Value // what it can come to; absent where it is not set
	Simple   []document.Value // likewise EnableSimpleResponses
}

// AuthorizerKind tells what an authorizer is.
type AuthorizerKind int

// The kinds of authorizer.
const (
	Request AuthorizerKind = iota // a Lambda function that is given the request
	Token                         // a Lambda function that is given one header (REST)
	JWT                           // API Gateway itself, or Cognito: no function of ours
)

// Route is one route of an HTTP or WebSocket API, or one method of a REST API.
type Route struct {
	Method   string // in upper case; ANY for all; empty for $default and a WebSocket's routes
	Path     string // as in /files/{proxy+}; $default, $connect …
	Resource string // logical id of the resource that has it
	Line     int
	Auth     Auth
}

// Auth is who decides about a route.
type Auth struct {
	Open bool   // nobody does
	Name string // of the authorizer, as the template refers to it; AWS_IAM; empty if Open
}

// Response is one gateway response of a REST API.
type Response struct {
	Type    string            // UNAUTHORIZED, DEFAULT_4XX …
	Headers map[string]string // values by name in lower case
}

// Key names the route as HTTP APIs do: "GET /notes", "$default".
func (r Route) Key() string {
	return strings.TrimSpace(r.Method + " " + r.Path)
}

// Writes reports whether the route takes requests that change state: every
// method is taken for one but those that by RFC 9110, section 9.2.1, are safe.
// Of a WebSocket the connect is; only there can an authorizer stand.
func (a API) Writes(r Route) bool {
	if a.Protocol == WebSocket {
		return r.Path == "$connect"
	}
	return r.Method != "GET" && r.Method != "HEAD" && r.Method != "OPTIONS"
}

// Preflighted reports whether the route takes OPTIONS requests too, without
// being named for them.
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
