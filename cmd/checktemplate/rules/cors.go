package rules

import (
	"slices"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template/apis"
)

func corsRules() []Rule {
	return []Rule{
		{Name: "cors-allow-headers", Demands: "CORS allows the headers that frontends send: " + list(sent()) + ".", find: corsAllow},
		{Name: "cors-expose-headers", Demands: "CORS of an HTTP API exposes the headers that frontends read: " + list(read()) + ".", find: corsExpose},
		{Name: "cors-credentials", Demands: "CORS allows credentials, which frontends always send, and so exact origins.", find: corsCredentials},
		{Name: "cors-on-refusals", Demands: "With CORS, a REST API's gateway responses for 401, 403 and 500 carry it too.", find: corsRefusals},
	}
}

// sent returns the headers that SuperTokens' frontends add to requests.
func sent() []string {
	return []string{"content-type", "rid", "fdi-version", "anti-csrf", "authorization", "st-auth-mode"}
}

// read returns the headers that those frontends read from answers.
func read() []string {
	return []string{"front-token", "st-access-token", "st-refresh-token", "anti-csrf"}
}

func corsAllow(api apis.API) []Finding {
	return ofCORS(api, func(c apis.CORS) (fact, breaks, mend string) {
		lacks := lacking(sent(), c.Allow)
		if len(lacks) == 0 || c.Hides("AllowHeaders") {
			return "", "", ""
		}
		return "AllowHeaders lacks " + list(lacks), "browsers do not send requests that carry them, so frontends reach nothing from another origin",
			"add " + list(lacks) + "; with credentials, * stands for no header"
	})
}

func corsExpose(api apis.API) []Finding {
	if api.Protocol == apis.REST {
		return nil // there, the functions' own answers have the header
	}
	return ofCORS(api, func(c apis.CORS) (fact, breaks, mend string) {
		lacks := lacking(read(), c.Expose)
		if len(lacks) == 0 || c.Hides("ExposeHeaders") {
			return "", "", ""
		}
		return "ExposeHeaders lacks " + list(lacks), "browsers hide them from the frontend, which then holds no session or does not see it end",
			"add " + list(lacks) + "; with credentials, * stands for no header"
	})
}

func corsCredentials(api apis.API) []Finding {
	return ofCORS(api, func(c apis.CORS) (fact, breaks, mend string) {
		const breaksAll = "browsers withhold the answer from frontends, which send every request with credentials"
		const write = "write AllowCredentials: true and the exact origins of your pages"
		switch {
		case !c.Credentials && !c.Hides("AllowCredentials"):
			return "AllowCredentials is not true", breaksAll, write
		case slices.Contains(c.Origins, "*"):
			return "every origin is allowed", breaksAll + "; or else every page there is may use a visitor's cookies", write
		}
		return "", "", ""
	})
}

// corsRefusals checks gateway responses, which are the answers that come from
// no function.
func corsRefusals(api apis.API) []Finding {
	if api.Protocol != apis.REST || len(lambdas(api)) == 0 || api.CORS == nil && !sendsCORS(api) {
		return nil
	}
	var lacks []string
	for _, kind := range []struct{ name, family string }{
		{"UNAUTHORIZED", "DEFAULT_4XX"}, {"ACCESS_DENIED", "DEFAULT_4XX"}, {"AUTHORIZER_FAILURE", "DEFAULT_5XX"},
	} {
		if !allowed(api, kind.name, kind.family) {
			lacks = append(lacks, kind.name)
		}
	}
	if len(lacks) == 0 {
		return nil
	}
	return []Finding{{
		Line: api.Line, Resource: api.ID,
		Fact: "the gateway responses " + list(lacks) + " lack Access-Control-Allow-Origin or Access-Control-Allow-Credentials",
		Breaks: "browsers show a refusal to the frontend as a network error: it does not see the 401 that tells it to refresh, " +
			"nor the claims that a 403 names",
		Mend: "set both headers on UNAUTHORIZED, ACCESS_DENIED and DEFAULT_5XX",
	}}
}

// allowed reports whether the most specific response has the headers.
func allowed(api apis.API, kinds ...string) bool {
	for _, kind := range kinds {
		for _, response := range api.Responses {
			if response.Type == kind {
				return carries(response)
			}
		}
	}
	return false
}

func carries(r apis.Response) bool {
	return !absent(r.Header("Access-Control-Allow-Origin")) && !absent(r.Header("Access-Control-Allow-Credentials"))
}

// sendsCORS reports whether any gateway response has CORS headers.
func sendsCORS(api apis.API) bool {
	return slices.ContainsFunc(api.Responses, func(r apis.Response) bool { return !absent(r.Header("Access-Control-Allow-Origin")) })
}

// ofCORS reports on the API's configuration, if it has one.
func ofCORS(api apis.API, rule func(apis.CORS) (fact, breaks, mend string)) []Finding {
	if api.CORS == nil {
		return nil
	}
	fact, breaks, mend := rule(*api.CORS)
	if fact == "" {
		return nil
	}
	return []Finding{{Line: api.CORS.Line, Resource: api.ID, Fact: fact, Breaks: breaks, Mend: mend}}
}

func lacking(want, have []string) []string {
	return slices.DeleteFunc(want, func(name string) bool {
		return slices.ContainsFunc(have, func(other string) bool { return strings.EqualFold(name, other) })
	})
}

func list(names []string) string { return strings.Join(names, ", ") }
