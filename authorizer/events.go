package authorizer

import (
	"fmt"
	"strings"

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

// request is what an event says, independent of its kind.
type request struct {
	kind     kind
	target   target      // what the policy will be about
	method   string      // "" if there is none, it cannot be read, or the event contradicts itself
	template string      // the route's path as configured, never as the caller wrote it; "" if the event has none
	apiID    string      // "" if the event contradicts itself
	doubt    bool        // the event contradicts itself about its API or its resource
	fdi      fdi.Request // tokens, and what is needed to check them
}

// read reports whether a token alone may let the request pass: the method is
// certainly GET or HEAD.
func (r request) read() bool { return isRead(r.method) }

func isRead(method string) bool { return method == "GET" || method == "HEAD" }

// parseRequest reads an event. The error is ErrEvent.
func parseRequest(payload []byte) (request, error) {
	e, err := decodeEvent(payload)
	if err != nil {
		return request{}, err
	}
	r := request{kind: e.kind()}
	if r.kind == unknown {
		return request{}, fmt.Errorf("%w: unknown kind", ErrEvent)
	}
	arn := e.methodARN
	if r.kind == http2 {
		arn = e.routeARN
	}
	if r.target, err = parseTarget(arn); err != nil {
		return request{}, err
	}
	r.apiID = agreed(r.target.apiID, e.context.apiID)
	r.doubt = r.apiID == "" || e.context.resourcePath != e.resource
	r.method, r.template = e.route(r)
	if r.kind == restToken {
		r.fdi.Authorization = []string{e.authorizationToken}
		return r, nil
	}
	h := &e.headers
	if !e.multiValueHeaders.empty() {
		h = &e.multiValueHeaders
	}
	if e.headers.override() || e.multiValueHeaders.override() {
		r.method = ""
	}
	r.fdi = fdi.NewRequest(h.get, e.cookies)
	return r, nil
}

func (e *event) kind() kind {
	socket := e.context.eventType == "CONNECT" || e.routeKey == "$connect" || e.context.routeKey == "$connect"
	switch {
	case e.version == "2.0" && e.typ == "REQUEST":
		return http2
	case e.version == "1.0" && e.typ == "REQUEST":
		return http1
	case e.version == "" && e.typ == "TOKEN":
		return restToken
	case e.version == "" && e.typ == "REQUEST" && socket:
		return webSocket
	case e.version == "" && e.typ == "REQUEST" && e.context.eventType == "":
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
		return agreed(r.target.verb, e.httpMethod, e.context.httpMethod), e.resource
	case http2:
		method = agreed(r.target.verb, e.context.method)
		verb, path, found := strings.Cut(e.routeKey, " ")
		if !found || verb == "ANY" {
			return method, ""
		}
		if e.context.routeKey != e.routeKey {
			return "", path
		}
		return agreed(method, verb), path
	}
	return "", ""
}

// agreed returns the text if all texts are the same, otherwise "".
func agreed(texts ...string) string {
	for _, t := range texts {
		if t != texts[0] {
			return ""
		}
	}
	return texts[0]
}
