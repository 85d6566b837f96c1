package rules

import (
	"regexp"

	"github.com/latchkey-auth/latchkey/internal/template/apis"
)

func preflightRules() []Rule {
	return []Rule{
		{Name: "preflight-behind-authorizer", Demands: "No OPTIONS route has an authorizer.", find: guardedPreflights},
		{Name: "preflight-missing", Demands: "A guarded ANY or $default route of an API with CORS has an open OPTIONS route beside it.", find: missingPreflights},
	}
}

const preflightBreaks = "browsers send the preflight without a token, it is refused, and pages of other origins cannot call the route"

func guardedPreflights(api apis.API) []Finding {
	var findings []Finding
	if api.Preflight > 0 {
		findings = append(findings, Finding{
			Line: api.Preflight, Resource: api.ID,
			Fact:   "the default authorizer guards the OPTIONS methods that Cors makes, because AddDefaultAuthorizerToCorsPreflight is not false",
			Breaks: preflightBreaks, Mend: "write AddDefaultAuthorizerToCorsPreflight: false",
		})
	}
	for _, route := range api.Routes {
		if route.Method != "OPTIONS" || route.Auth.Open {
			continue
		}
		findings = append(findings, Finding{
			Line: route.Line, Resource: on(route), Fact: route.Auth.Name + " guards an OPTIONS route",
			Breaks: preflightBreaks, Mend: "leave the route without an authorizer (SAM: Auth: {Authorizer: NONE})",
		})
	}
	return findings
}

// missingPreflights checks routes that catch OPTIONS requests without naming
// that method. A greedy route of one method does not: for such an API, the
// gateway itself answers preflights.
func missingPreflights(api apis.API) []Finding {
	if !browsed(api) {
		return nil
	}
	open := make(map[string]bool)
	for _, route := range api.Routes {
		if route.Method == "OPTIONS" {
			open[shape(route.Path)] = true // a guarded one is found by its own rule
		}
	}
	var findings []Finding
	for _, route := range api.Routes {
		if !route.Preflighted() || route.Auth.Open || open[shape(route.Path)] {
			continue
		}
		findings = append(findings, Finding{
			Line: route.Line, Resource: on(route), Fact: "it catches OPTIONS requests and is guarded, and no open OPTIONS route stands beside it",
			Breaks: preflightBreaks,
			Mend:   "add a route OPTIONS " + sample(route.Path) + " without an authorizer, or name the methods instead of ANY",
		})
	}
	return findings
}

// browsed reports whether pages of other origins are meant to call the API, and
// whether the template itself has to answer preflights. With SAM's Cors, a REST
// API has OPTIONS methods everywhere.
func browsed(api apis.API) bool {
	switch api.Protocol {
	case apis.HTTP:
		return api.CORS != nil
	case apis.REST:
		return api.CORS == nil && sendsCORS(api)
	}
	return false
}

var variable = regexp.MustCompile(`\{[^}+]*(\+?)\}`)

// shape returns the same text for paths that catch the same requests.
func shape(path string) string {
	return variable.ReplaceAllString(sample(path), "{$1}")
}

func sample(path string) string {
	if path == "$default" {
		return "/{proxy+}"
	}
	return path
}
