package gateway

import (
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/internal/template"
)

// authorize returns who calls, or the refusal. Every path that does not prove
// something ends in a refusal.
func (g *httpAPI) authorize(r *http.Request, in request, body []byte) (caller, *response) {
	switch in.route.Auth {
	case template.None:
		return nil, nil
	case template.IAM:
		return g.iam(r, body)
	}
	authorizer, known := g.cfg.API.Authorizers[in.route.Auth]
	if !known {
		return nil, refuse(http.StatusInternalServerError)
	}
	if authorizer.Issuer != "" {
		return g.jwt(r, in, authorizer)
	}
	identity, complete := identify(authorizer.Sources, in.value)
	if !complete {
		return nil, refuse(http.StatusUnauthorized)
	}
	v, err := g.ask(r.Context(), question{in.route.Auth, authorizer, identity, in.authorizerEvent(identity)})
	switch {
	case err != nil && err.Error() == unauthorized:
		return nil, refuse(http.StatusUnauthorized)
	case err != nil:
		g.cfg.Log.Error("the authorizer failed", "route", in.route.Key, "error", err)
		return nil, refuse(http.StatusInternalServerError)
	case !v.policy.allows(in.arn):
		return nil, refuse(http.StatusForbidden)
	}
	return &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: v.context}, nil
}

// refuse returns one of the gateway's own answers.
func refuse(status int) *response {
	answer := message(status)
	return &answer
}

// iam checks the signature of a request to an AWS_IAM route.
func (g *httpAPI) iam(r *http.Request, body []byte) (caller, *response) {
	if err := g.cfg.Key.Verify(r, body, g.cfg.Now()); err != nil {
		g.cfg.Log.Warn("AWS_IAM refused a request", "method", r.Method, "path", r.URL.Path, "error", err)
		return nil, refuse(http.StatusForbidden)
	}
	return &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
		IAM: &events.APIGatewayV2HTTPRequestContextAuthorizerIAMDescription{
			AccessKey: g.cfg.Key.ID, AccountID: template.Account, CallerID: g.cfg.Key.ID, UserID: g.cfg.Key.ID,
			UserARN: "arn:aws:iam::" + template.Account + ":user/local",
		},
	}, nil
}

func (in request) value(source string) string {
	if name, ok := strings.CutPrefix(source, "$request.header."); ok {
		name = strings.ToLower(name)
		if name == "cookie" {
			return strings.Join(in.cookies, "; ")
		}
		return in.headers[name]
	}
	if name, ok := strings.CutPrefix(source, "$request.querystring."); ok {
		return in.query[name]
	}
	switch source {
	case "$context.httpMethod":
		return in.context.HTTP.Method
	case "$context.routeKey":
		return in.context.RouteKey
	case "$context.path":
		return in.context.HTTP.Path
	}
	return ""
}
