package gateway

import (
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/internal/template"
)

// proxied is a request in the terms of proxy integrations. A name may have
// several values. Where there is room for one, it is the last.
type proxied struct {
	headers map[string][]string
	query   map[string][]string
}

// newProxied describes a request. Names of headers are spelled as in Go
// (Content-Type). API Gateway keeps the caller's spelling.
func newProxied(r *http.Request) proxied {
	headers := r.Header.Clone()
	headers.Set("Host", r.Host)
	source, _, _ := net.SplitHostPort(r.RemoteAddr)
	if before := strings.Join(headers.Values("X-Forwarded-For"), ", "); before != "" {
		source = before + ", " + source
	}
	headers.Set("X-Forwarded-For", source)
	headers.Set("X-Forwarded-Proto", "http")
	return proxied{headers: headers, query: r.URL.Query()}
}

func last(many map[string][]string) map[string]string {
	if len(many) == 0 {
		return nil
	}
	one := map[string]string{}
	for name, values := range many {
		one[name] = values[len(values)-1]
	}
	return one
}

// value returns the value of an identity source.
func (p proxied) value(source string) string {
	if name, ok := strings.CutPrefix(source, "$request.header."); ok {
		return http.Header(p.headers).Get(name)
	}
	if name, ok := strings.CutPrefix(source, "$request.querystring."); ok {
		return url.Values(p.query).Get(name)
	}
	return ""
}

// restRequest is a request to a REST API.
type restRequest struct {
	call
	proxied
	path    string // without the stage
	context events.APIGatewayProxyRequestContext
	arn     string
}

func (g *restAPI) newRequest(r *http.Request, c call, path string) restRequest {
	now := g.cfg.Now().UTC()
	domain, prefix := host(r)
	source, _, _ := net.SplitHostPort(r.RemoteAddr)
	resource := pathOf(c.route.Key)
	return restRequest{
		call: c, proxied: newProxied(r), path: path, arn: g.arn(r.Method + path),
		context: events.APIGatewayProxyRequestContext{
			AccountID: template.Account, ResourceID: resourceID(resource), Stage: g.cfg.API.Stage, DomainName: domain,
			DomainPrefix: prefix, RequestID: c.id, ExtendedRequestID: c.id, Protocol: r.Proto,
			Identity:     events.APIGatewayRequestIdentity{SourceIP: source, UserAgent: r.UserAgent()},
			ResourcePath: resource, Path: r.URL.Path, HTTPMethod: r.Method,
			RequestTime: now.Format(gatewayTime), RequestTimeEpoch: now.UnixMilli(), APIID: g.cfg.APIID,
		},
	}
}

// resourceID makes an id of six letters from a path. The same path always gets
// the same id.
func resourceID(path string) string {
	const letters = "abcdefghijklmnopqrstuvwxyz"
	sum := 0
	for _, c := range []byte(path) {
		sum = sum*31 + int(c)
	}
	id := make([]byte, 6)
	for i := range id {
		id[i] = letters[uint(sum)%26]
		sum /= 26
	}
	return string(id)
}

// value returns the value of an identity source.
func (in restRequest) value(source string) string {
	switch source {
	case "$context.httpMethod":
		return in.context.HTTPMethod
	case "$context.path":
		return in.context.Path
	}
	return in.proxied.value(source)
}

// event returns the event for the function behind the route.
func (in restRequest) event(who map[string]any, body string) []byte {
	context := in.context
	context.Authorizer = who
	payload, _ := json.Marshal(events.APIGatewayProxyRequest{ // texts only
		Resource: context.ResourcePath, Path: in.path, HTTPMethod: context.HTTPMethod,
		Headers: last(in.headers), MultiValueHeaders: in.headers,
		QueryStringParameters: last(in.query), MultiValueQueryStringParameters: in.query,
		PathParameters: in.parameters, RequestContext: context, Body: body,
	})
	return payload
}

// authorizerEvent returns the event for the authorizer of the route: one
// header, or the request without its body.
func (in restRequest) authorizerEvent(a template.Authorizer, identity []string) []byte {
	if a.Token {
		payload, _ := json.Marshal(events.APIGatewayCustomAuthorizerRequest{ // texts only
			Type: "TOKEN", AuthorizationToken: identity[0], MethodArn: in.arn,
		})
		return payload
	}
	c := in.context
	payload, _ := json.Marshal(events.APIGatewayCustomAuthorizerRequestTypeRequest{ // texts only
		Type: "REQUEST", MethodArn: in.arn, Resource: c.ResourcePath, Path: in.path, HTTPMethod: c.HTTPMethod,
		Headers: last(in.headers), MultiValueHeaders: in.headers,
		QueryStringParameters: last(in.query), MultiValueQueryStringParameters: in.query, PathParameters: in.parameters,
		RequestContext: events.APIGatewayCustomAuthorizerRequestTypeRequestContext{
			Path: c.Path, AccountID: c.AccountID, ResourceID: c.ResourceID, Stage: c.Stage, RequestID: c.RequestID,
			Identity:     events.APIGatewayCustomAuthorizerRequestTypeRequestIdentity{SourceIP: c.Identity.SourceIP},
			ResourcePath: c.ResourcePath, HTTPMethod: c.HTTPMethod, APIID: c.APIID,
		},
	})
	return payload
}
