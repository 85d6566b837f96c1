package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/cmd/local/invoke"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/template"
)

// exports returns what Latchkey's stack exports, by the names in its template
// without the name of the stack.
func (w world) exports() (map[string]string, error) {
	f, found := w.stack.Function("JwksFunction")
	if !found {
		return nil, errors.New("the template has no JwksFunction, whose configuration names the issuer")
	}
	cfg, err := w.config(f)
	if err != nil {
		return nil, err
	}
	issuer := setup.Issuer(cfg, w.url)
	const account = "arn:aws:iam::" + template.Account + ":role/"
	exports := map[string]string{
		"ApiId":                   apiID,
		"ApiUrl":                  w.url,
		"Issuer":                  issuer,
		"JwksUrl":                 issuer + "/jwt/jwks.json",
		"AuthorizerInvokeRoleArn": account + template.Name + "-AuthorizerInvokeRole",
	}
	for alias, export := range aliases() {
		exports[export] = template.FunctionARN(authorizerID) + ":" + string(alias)
	}
	return exports, nil
}

// authorizerID is the logical id of the authorizer.
const authorizerID = "AuthorizerFunction"

// aliases returns the aliases of the authorizer, by the names of their exports.
func aliases() map[authorizer.Alias]string {
	return map[authorizer.Alias]string{
		authorizer.AliasLive:     "AuthorizerArn",
		authorizer.AliasChecked:  "AuthorizerCheckedArn",
		authorizer.AliasOptional: "AuthorizerOptionalArn",
	}
}

// aliasesOf returns the aliases of a function.
func aliasesOf(id string) (names []string) {
	if id != authorizerID {
		return nil
	}
	for alias := range aliases() {
		names = append(names, string(alias))
	}
	return names
}

// jwks returns a function that fetches the keys of an issuer. Latchkey is the
// only one.
func (w world) jwks(functions *invoke.Functions) func(context.Context, string) ([]byte, error) {
	const route = "GET /auth/jwt/jwks.json"
	return func(ctx context.Context, issuer string) ([]byte, error) {
		exports, err := w.exports()
		if err != nil || issuer != exports["Issuer"] {
			return nil, errors.Join(err, errors.New("the issuer is not Latchkey's"))
		}
		e := events.APIGatewayV2HTTPRequest{Version: "2.0", RouteKey: route}
		e.RequestContext.HTTP.Method = http.MethodGet
		event, _ := json.Marshal(e) // texts
		answer, err := functions.Invoke(ctx, "JwksFunction", event)
		if err != nil {
			return nil, err
		}
		var response events.APIGatewayV2HTTPResponse
		if err := json.Unmarshal(answer, &response); err != nil || response.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("it answers %d", response.StatusCode)
		}
		return []byte(response.Body), nil
	}
}
