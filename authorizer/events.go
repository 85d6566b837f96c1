package authorizer

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// kind is one of the five events that API Gateway sends to authorizers.
type kind int

const (
	unknown     kind = iota
	restToken        // REST API, TOKEN
	restRequest      // REST API, REQUEST
	http1            // HTTP API, payload format 1.0
	http2            // HTTP API, payload format 2.0
	webSocket        // WebSocket API, $connect
)

// event is what is read of any of them. Members that are not named here are
// skipped, because the gateway may add some at any time. Names, types and
// meaning are from
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html and
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html.
type event struct {
	Version            string   `json:"version"`
	Type               string   `json:"type"`
	AuthorizationToken string   `json:"authorizationToken"`
	MethodARN          string   `json:"methodArn"`
	RouteARN           string   `json:"routeArn"`
	HTTPMethod         string   `json:"httpMethod"`
	Resource           string   `json:"resource"`
	RouteKey           string   `json:"routeKey"`
	Headers            headers  `json:"headers"`
	MultiValueHeaders  headers  `json:"multiValueHeaders"`
	Cookies            []string `json:"cookies"`
	RequestContext     struct {
		APIID        string `json:"apiId"`
		EventType    string `json:"eventType"`
		RouteKey     string `json:"routeKey"`
		ResourcePath string `json:"resourcePath"`
		HTTPMethod   string `json:"httpMethod"`
		HTTP         struct {
			Method string `json:"method"`
		} `json:"http"`
	} `json:"requestContext"`
}

// request is an event in terms that do not depend on its kind.
type request struct {
	kind     kind
	target   target      // what the policy will be about
	method   string      // what all of the event agrees on; "" if it does not, or cannot be read
	template string      // path of the route as configured, never as the caller spelled it; "" where the event names none
	apiID    string      // "" if the event does not agree on it
	fdi      fdi.Request // tokens and what is needed to judge them
}

// read reports whether the request is one that a token alone may pass: the
// method is exactly GET or HEAD, beyond doubt.
func (r request) read() bool {
	return r.kind != webSocket && isRead(r.method)
}

func isRead(method string) bool { return method == "GET" || method == "HEAD" }

// parseRequest reads an event. The error is ErrEvent.
func parseRequest(payload []byte) (request, error) {
	var e event
	if err := json.Unmarshal(payload, &e, jsontext.AllowInvalidUTF8(true)); err != nil {
		// The error's text may quote the event, and so a token.
		return request{}, fmt.Errorf("%w: no JSON object of the known types", ErrEvent)
	}
	r := request{kind: e.kind()}
	if r.kind == unknown {
		return request{}, fmt.Errorf("%w: unknown kind", ErrEvent)
	}
	arn := e.MethodARN
	if r.kind == http2 {
		arn = e.RouteARN
	}
	var err error
	if r.target, err = parseTarget(arn); err != nil {
		return request{}, err
	}
	if e.RequestContext.APIID == r.target.apiID {
		r.apiID = r.target.apiID
	}
	r.method, r.template = e.route(r)
	if r.kind == restToken {
		r.fdi.Authorization = []string{e.AuthorizationToken}
		return r, nil
	}
	h := e.Headers
	if len(e.MultiValueHeaders) > 0 {
		h = e.MultiValueHeaders
	}
	if h.override() {
		r.method = ""
	}
	r.fdi = fdi.NewRequest(func(name string) []string { return h[name] }, e.Cookies)
	return r, nil
}

func (e *event) kind() kind {
	socket := e.RequestContext.EventType == "CONNECT" || e.RouteKey == "$connect" || e.RequestContext.RouteKey == "$connect"
	switch {
	case e.Version == "2.0" && e.Type == "REQUEST":
		return http2
	case e.Version == "1.0" && e.Type == "REQUEST":
		return http1
	case e.Version == "" && e.Type == "TOKEN":
		return restToken
	case e.Version == "" && e.Type == "REQUEST" && socket:
		return webSocket
	case e.Version == "" && e.Type == "REQUEST" && e.RequestContext.EventType == "":
		return restRequest
	}
	return unknown
}

// route returns the method on which every part of the event agrees, and the
// path template of the route that was matched.
func (e *event) route(r request) (method, template string) {
	switch r.kind {
	case restToken:
		return r.target.verb, ""
	case restRequest, http1:
		template = e.Resource
		if e.RequestContext.ResourcePath != e.Resource {
			template = ""
		}
		return agreed(r.target.verb, e.HTTPMethod, e.RequestContext.HTTPMethod), template
	case http2:
		method = agreed(r.target.verb, e.RequestContext.HTTP.Method)
		verb, path, found := strings.Cut(e.RouteKey, " ")
		if !found || verb == "ANY" {
			return method, ""
		}
		return agreed(method, verb, e.routeVerb()), path
	}
	return "", ""
}

// routeVerb returns the verb of the route key in the request context, which
// repeats the event's own.
func (e *event) routeVerb() string {
	if e.RequestContext.RouteKey != e.RouteKey {
		return ""
	}
	verb, _, _ := strings.Cut(e.RouteKey, " ")
	return verb
}

// agreed returns the method if all of them are the same, else "".
func agreed(methods ...string) string {
	for _, m := range methods {
		if m != methods[0] {
			return ""
		}
	}
	return methods[0]
}
