// Package authorizertest makes the events of both sides of an authorizer, for
// tests of backends that ask for their caller, and of rules.
//
// A backend's test takes any event and lets it be decided:
//
//	e := authorizertest.Allowed(event, authorizertest.Caller("ada"))
//	caller, err := authorizer.CallerFrom(e) // ada, and nil
//
// A test of rules gives the event of [Request] to an authorizer, made by package
// authorizer or latchkey.
package authorizertest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions"
)

// Tenant is the tenant of every Caller.
const Tenant = "public"

// Caller returns a caller with that user id and without claims. Its session was
// found live at this moment, and its token lasts an hour. A test changes the
// fields that it is about: with Checked "token", only the token was read.
func Caller(user string) authorizer.Caller {
	now := time.Now()
	return authorizer.Caller{
		User: user, RecipeUser: user, Tenant: Tenant,
		Session: sessions.NewHandle(sessions.KeyOf(Tenant, user)).String(),
		Expires: now.Add(time.Hour), Decided: now, Checked: "store", Claims: json.RawMessage("{}"),
	}
}

// Allowed returns the event as API Gateway passes it on after the authorizer
// has let that caller pass.
func Allowed[E authorizer.Event](e E, c authorizer.Caller) E {
	return with(e, map[string]any{
		"latchkey": "1", "user": c.User, "recipeUser": c.RecipeUser, "tenant": c.Tenant, "handle": c.Session,
		"expires": seconds(c.Expires), "decided": seconds(c.Decided), "checked": c.Checked, "payload": string(c.Claims),
	})
}

// Anonymous is Allowed for a request without a token, on a route whose session
// is optional.
func Anonymous[E authorizer.Event](e E) E {
	now := seconds(time.Now())
	return with(e, map[string]any{"latchkey": "1", "anonymous": "1", "decided": now, "checked": "token"})
}

// with puts the authorizer's context where the kind of event has it.
func with[E authorizer.Event](e E, context map[string]any) E {
	switch e := any(&e).(type) {
	case *events.APIGatewayV2HTTPRequest:
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: context}
	case *events.APIGatewayProxyRequest:
		e.RequestContext.Authorizer = context
	case *events.APIGatewayWebsocketProxyRequest:
		e.RequestContext.Authorizer = context
	}
	return e
}

func seconds(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// API is the id of the API in the events of Request: token.Settings must name
// it, if rules are to hold for it.
const API = "abcdef1234"

// Request returns the event that an HTTP API with payload format 2.0 sends to an
// authorizer, for a request that matched the route, such as "GET /notes/{id}".
// The token is its bearer; empty means that it has none.
func Request(route, token string) []byte {
	method, path, _ := strings.Cut(route, " ")
	headers := map[string]string{"host": API + ".execute-api.eu-central-1.amazonaws.com"}
	if token != "" {
		headers["authorization"] = "Bearer " + token
	}
	event, _ := json.Marshal(events.APIGatewayV2CustomAuthorizerV2Request{ // strings never fail
		Version: "2.0", Type: "REQUEST", RouteKey: route, RawPath: path, Headers: headers,
		RouteArn: fmt.Sprintf("arn:aws:execute-api:eu-central-1:123456789012:%s/$default/%s%s", API, method, path),
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: route, Stage: "$default", APIID: API,
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: method, Path: path},
		},
	})
	return event
}
