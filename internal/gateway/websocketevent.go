package gateway

import (
	"crypto/rand"
	"encoding/json"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/internal/template"
)

// connection is one connection to a WebSocket API.
type connection struct {
	proxied
	id      string
	arn     string // of $connect
	since   time.Time
	domain  string
	who     map[string]any // what the authorizer said at the handshake
	context events.APIGatewayRequestIdentity
}

func (g *socketAPI) newConnection(r *http.Request) *connection {
	domain, _ := host(r)
	source, _, _ := net.SplitHostPort(r.RemoteAddr)
	return &connection{
		proxied: newProxied(r), id: rand.Text(), arn: g.arn("$connect"), since: g.cfg.Now(), domain: domain,
		context: events.APIGatewayRequestIdentity{SourceIP: source, UserAgent: r.UserAgent()},
	}
}

// requestContext is the part of an event that says what it is about.
func (c *connection) requestContext(g *socketAPI, route, kind string) events.APIGatewayWebsocketProxyRequestContext {
	now := g.cfg.Now().UTC()
	context := events.APIGatewayWebsocketProxyRequestContext{
		AccountID: template.Account, Stage: g.cfg.API.Stage, RequestID: rand.Text(), Identity: c.context, APIID: g.cfg.APIID,
		ConnectedAt: c.since.UnixMilli(), ConnectionID: c.id, DomainName: c.domain, EventType: kind, MessageDirection: "IN",
		RequestTime: now.Format(gatewayTime), RequestTimeEpoch: now.UnixMilli(), RouteKey: route,
	}
	context.ExtendedRequestID = context.RequestID
	if kind == "MESSAGE" {
		context.MessageID = rand.Text()
	}
	return context
}

// event returns the event for the function behind a route. Only the handshake
// has the request's headers and query. Every event has what the authorizer
// said.
func (c *connection) event(g *socketAPI, route, kind, body string) []byte {
	e := events.APIGatewayWebsocketProxyRequest{RequestContext: c.requestContext(g, route, kind), Body: body}
	if c.who != nil {
		e.RequestContext.Authorizer = c.who
	}
	if kind == "CONNECT" {
		e.Headers, e.MultiValueHeaders = last(c.headers), c.headers
		e.QueryStringParameters, e.MultiValueQueryStringParameters = last(c.query), c.query
	}
	payload, _ := json.Marshal(e) // texts only
	return payload
}

// authorizerEvent returns the event for the authorizer of $connect. The module
// aws-lambda-go has no type for it.
func (c *connection) authorizerEvent(g *socketAPI) []byte {
	payload, _ := json.Marshal(struct { // texts only
		Type           string              `json:"type"`
		MethodARN      string              `json:"methodArn"`
		Headers        map[string]string   `json:"headers"`
		MultiHeaders   map[string][]string `json:"multiValueHeaders"`
		Query          map[string]string   `json:"queryStringParameters"`
		MultiQuery     map[string][]string `json:"multiValueQueryStringParameters"`
		StageVariables map[string]string   `json:"stageVariables"`
		Context        any                 `json:"requestContext"`
	}{"REQUEST", c.arn, last(c.headers), c.headers, last(c.query), c.query, map[string]string{}, c.requestContext(g, "$connect", "CONNECT")})
	return payload
}
