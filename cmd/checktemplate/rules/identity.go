package rules

import (
	"fmt"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template/apis"
)

func identityRules() []Rule {
	return []Rule{{
		Name:    "identity-source",
		Demands: "A Lambda authorizer is asked about every request: no header or query string is its identity source.",
		find:    hidden,
	}}
}

func hidden(api apis.API) []Finding {
	const breaks = "API Gateway answers 401 to a caller without it, before the authorizer is asked: "
	var findings []Finding
	for _, a := range lambdas(api) {
		if a.Kind == apis.Token {
			findings = append(findings, Finding{
				Line: a.Line, Resource: api.ID + ", authorizer " + a.Name, Fact: "it is a TOKEN authorizer, which sees one header only",
				Breaks: breaks + "callers whose token is in a cookie, and anonymous ones of optional routes",
				Mend:   "make it a REQUEST authorizer (SAM: FunctionPayloadType: REQUEST) without an identity source",
			})
			continue
		}
		for _, source := range a.Sources {
			if harmless(source.Text()) {
				continue
			}
			findings = append(findings, Finding{
				Line: source.Line(), Resource: api.ID + ", authorizer " + a.Name, Fact: fmt.Sprintf("%s is an identity source", source),
				Breaks: breaks + "with a header named, callers whose token is in a cookie, and the other way round; " +
					"and anonymous ones of optional routes",
				Mend: "remove the identity source; without a cache it serves no purpose",
			})
		}
	}
	return findings
}

// harmless reports whether every request has the identity source.
func harmless(source string) bool {
	return strings.HasPrefix(source, "$context.") || strings.HasPrefix(source, "$stageVariables.")
}
