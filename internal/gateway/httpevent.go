package gateway

import (
	"encoding/base64"
	"encoding/json"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/internal/template"
)

// call says where a request goes.
type call struct {
	route      *route
	parameters map[string]string
	id         string
}

// request is a request in the terms of payload format 2.0.
type request struct {
	call
	headers map[string]string // by name in lower case, values joined by commas, without cookies
	cookies []string
	query   map[string]string
	raw     string // the query as it came
	context events.APIGatewayV2HTTPRequestContext
	arn     string // of the function or authorizer that is called
}

// newRequest describes a request as functions and authorizers see it. Paths
// are passed on unescaped.
func (g *httpAPI) newRequest(r *http.Request, c call) request {
	now := g.cfg.Now().UTC()
	domain, prefix := host(r)
	source, _, _ := net.SplitHostPort(r.RemoteAddr)
	in := request{call: c, headers: headers(r, source), query: query(r.URL), raw: r.URL.RawQuery}
	for _, line := range r.Header.Values("Cookie") {
		for cookie := range strings.SplitSeq(line, ";") {
			in.cookies = append(in.cookies, strings.TrimSpace(cookie))
		}
	}
	in.context = events.APIGatewayV2HTTPRequestContext{
		RouteKey: c.route.Key, AccountID: template.Account, Stage: g.cfg.API.Stage, RequestID: c.id, APIID: g.cfg.APIID,
		DomainName: domain, DomainPrefix: prefix, Time: now.Format(gatewayTime), TimeEpoch: now.UnixMilli(),
		HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
			Method: r.Method, Path: r.URL.Path, Protocol: r.Proto, SourceIP: source, UserAgent: r.UserAgent(),
		},
	}
	in.arn = g.arn(r.Method + r.URL.Path)
	return in
}

// headers returns the headers that the gateway passes on, with those it adds
// itself.
func headers(r *http.Request, source string) map[string]string {
	h := map[string]string{}
	for name, values := range r.Header {
		h[strings.ToLower(name)] = strings.Join(values, ",")
	}
	delete(h, "cookie")
	h["host"] = r.Host
	h["x-forwarded-proto"] = "http"
	if _, port, err := net.SplitHostPort(r.Host); err == nil {
		h["x-forwarded-port"] = port
	}
	if before := h["x-forwarded-for"]; before != "" {
		source = before + ", " + source
	}
	h["x-forwarded-for"] = source
	return h
}

func query(u *url.URL) map[string]string {
	q := map[string]string{}
	for name, values := range u.Query() {
		q[name] = strings.Join(values, ",")
	}
	if len(q) == 0 {
		return nil
	}
	return q
}

// functionEvent is an event and the function it is for.
type functionEvent struct {
	function string
	payload  []byte
}

// event returns the event for the function behind the route.
func (in request) event(who caller, body []byte) functionEvent {
	context := in.context
	context.Authorizer = who
	text, encoded := bodyText(in.headers["content-type"], body)
	payload, _ := json.Marshal(events.APIGatewayV2HTTPRequest{ // texts, and an authorizer's JSON
		Version: "2.0", RouteKey: in.route.Key, RawPath: context.HTTP.Path, RawQueryString: in.raw, Cookies: in.cookies,
		Headers: in.headers, QueryStringParameters: in.query, PathParameters: in.parameters, RequestContext: context,
		Body: text, IsBase64Encoded: encoded,
	})
	return functionEvent{function: in.route.Function, payload: payload}
}

// authorizerEvent returns the event for the authorizer of the route. It never
// contains the body.
func (in request) authorizerEvent(identity []string) []byte {
	payload, _ := json.Marshal(events.APIGatewayV2CustomAuthorizerV2Request{ // texts only
		Version: "2.0", Type: "REQUEST", RouteArn: in.arn, IdentitySource: identity, RouteKey: in.route.Key,
		RawPath: in.context.HTTP.Path, RawQueryString: in.raw, Cookies: in.cookies, Headers: in.headers,
		QueryStringParameters: in.query, RequestContext: in.context, PathParameters: in.parameters,
	})
	return payload
}

// bodyText returns the body as an event has it: text for the types that the
// gateway treats as text, base64 for all others.
func bodyText(contentType string, body []byte) (text string, encoded bool) {
	kind, _, _ := mime.ParseMediaType(contentType)
	isText := strings.HasPrefix(kind, "text/") || kind == "application/json" || kind == "application/javascript" || kind == "application/xml"
	if len(body) == 0 || isText && utf8.Valid(body) {
		return string(body), false
	}
	return base64.StdEncoding.EncodeToString(body), true
}
