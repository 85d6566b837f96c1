package rules

import (
	"fmt"

	"github.com/latchkey-auth/latchkey/internal/template/apis"
)

func routeRules() []Rule {
	return []Rule{
		{Name: "open-write", Demands: "Every route that takes a method other than GET, HEAD and OPTIONS has an authorizer.", find: openWrites},
		{Name: "write-without-check", Demands: "Beside a Lambda authorizer, API Gateway's own JWT authorizer guards reads only.", find: unchecked},
		{Name: "function-url", Demands: "A function behind a guarded route has no URL that is open to everybody.", scan: openURLs},
	}
}

func openWrites(api apis.API) []Finding {
	var findings []Finding
	for _, route := range api.Routes {
		if !route.Auth.Open || !api.Writes(route) {
			continue
		}
		findings = append(findings, Finding{
			Line: route.Line, Resource: on(route), Fact: "no authorizer guards it, and it takes requests that change state",
			Breaks: "everybody may send them, with a session or without",
			Mend: "name the authorizer on the route or as the API's default; where the function behind it checks for itself " +
				"(sign-in, refresh), say so in a comment: # latchkey:ignore open-write reason",
		})
	}
	return findings
}

// unchecked checks APIs with both kinds of authorizer. API Gateway's own does
// not know about revoked sessions.
func unchecked(api apis.API) []Finding {
	checking := lambdas(api)
	if len(checking) == 0 {
		return nil
	}
	var findings []Finding
	for _, route := range api.Routes {
		a, ok := api.Authorizer(route)
		if !ok || a.Kind != apis.JWT || !api.Writes(route) {
			continue
		}
		findings = append(findings, Finding{
			Line: route.Line, Resource: on(route), Fact: a.Name + " guards it, which looks at the token alone",
			Breaks: "a revoked session may change state until its access token ends",
			Mend:   "use " + checking[0].Name + " for every method but GET and HEAD",
		})
	}
	return findings
}

// openURLs checks functions that can be reached without the authorizer.
func openURLs(t *apis.Template) []Finding {
	var findings []Finding
	for _, url := range t.URLs {
		route, guarded := guardedRoute(t, url.Function)
		if url.Auth.Text() == "AWS_IAM" || !guarded {
			continue
		}
		findings = append(findings, Finding{
			Line: url.Line, Resource: url.Function + ", function URL",
			Fact:   fmt.Sprintf("its AuthType is %s, and %s is guarded", url.Auth, on(route)),
			Breaks: "everybody may call the function by its URL, which no authorizer stands before",
			Mend:   "remove the URL, or write AuthType: AWS_IAM",
		})
	}
	return findings
}

func guardedRoute(t *apis.Template, function string) (apis.Route, bool) {
	for _, api := range t.APIs {
		for _, route := range api.Routes {
			if route.Function == function && !route.Auth.Open {
				return route, true
			}
		}
	}
	return apis.Route{}, false
}
