package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/functions/local/template"
)

// unauthorized is the one error of an authorizer that means 401.
const unauthorized = "Unauthorized"

// authorize returns who calls, or the status of the refusal, 0 if there is
// none. Every path but the two that prove something ends in a refusal.
func (g *Gateway) authorize(r *http.Request, in request, body []byte) (who caller, refusal int) {
	switch in.route.Auth {
	case template.None:
		return nil, 0
	case template.IAM:
		return g.iam(r, body)
	}
	authorizer, known := g.cfg.API.Authorizers[in.route.Auth]
	if !known {
		return nil, http.StatusInternalServerError
	}
	identity, complete := in.identity(authorizer.Sources)
	if !complete {
		return nil, http.StatusUnauthorized
	}
	v, err := g.verdict(r, in, authorizer, identity)
	switch {
	case err != nil && err.Error() == unauthorized:
		return nil, http.StatusUnauthorized
	case err != nil:
		g.cfg.Log.Error("the authorizer failed", "route", in.route.Key, "error", err)
		return nil, http.StatusInternalServerError
	case !v.policy.allows(in.arn):
		return nil, http.StatusForbidden
	}
	return &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: v.context}, 0
}

// iam checks the signature of a request to a route of AWS_IAM.
func (g *Gateway) iam(r *http.Request, body []byte) (who caller, refusal int) {
	if err := g.cfg.Key.Verify(r, body, g.cfg.Now()); err != nil {
		g.cfg.Log.Warn("AWS_IAM refused a request", "method", r.Method, "path", r.URL.Path, "error", err)
		return nil, http.StatusForbidden
	}
	return &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
		IAM: &events.APIGatewayV2HTTPRequestContextAuthorizerIAMDescription{
			AccessKey: g.cfg.Key.ID, AccountID: template.Account, CallerID: g.cfg.Key.ID, UserID: g.cfg.Key.ID,
			UserARN: "arn:aws:iam::" + template.Account + ":user/local",
		},
	}, 0
}

// verdict is what an authorizer answered.
type verdict struct {
	policy  policy
	context map[string]any
}

// verdict returns what the authorizer says, or said lately of the same
// identity where the API keeps its answers.
func (g *Gateway) verdict(r *http.Request, in request, a template.Authorizer, identity []string) (verdict, error) {
	key := keptKey(in.route.Auth, identity)
	if a.TTL > 0 {
		if v, found := g.kept.get(key, g.cfg.Now()); found {
			return v, nil
		}
	}
	answer, err := g.cfg.Invoke(r.Context(), a.Function, in.authorizerEvent(identity))
	if err != nil {
		return verdict{}, err
	}
	v, err := parseVerdict(answer)
	if err == nil && a.TTL > 0 {
		g.kept.put(key, v, g.cfg.Now().Add(a.TTL))
	}
	return v, err
}

func parseVerdict(answer []byte) (verdict, error) {
	var a struct {
		PrincipalID string          `json:"principalId"`
		Policy      json.RawMessage `json:"policyDocument"`
		Context     map[string]any  `json:"context"`
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return verdict{}, errors.New("its answer is not understood")
	}
	if a.PrincipalID == "" {
		return verdict{}, errors.New("its answer has no principalId")
	}
	p, err := parsePolicy(a.Policy)
	if err != nil {
		return verdict{}, fmt.Errorf("its policy is not understood: %w", err)
	}
	return verdict{policy: p, context: a.Context}, nil
}

// identity returns the values of the identity sources, and whether all are
// there.
func (in request) identity(sources []string) (values []string, complete bool) {
	for _, source := range sources {
		value := in.value(source)
		if value == "" {
			return nil, false
		}
		values = append(values, value)
	}
	return values, true
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
