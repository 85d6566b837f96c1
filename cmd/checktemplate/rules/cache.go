package rules

import (
	"fmt"

	"github.com/latchkey-auth/latchkey/internal/template/apis"
	"github.com/latchkey-auth/latchkey/internal/template/document"
)

func cacheRules() []Rule {
	return []Rule{
		{Name: "authorizer-cache", Demands: "No decision of a Lambda authorizer is kept, by API Gateway or AppSync: its TTL is 0.", find: cached},
		{Name: "authorizer-ttl-unset", Demands: "The TTL of a Lambda authorizer is written down, whatever the default may be.", find: unset},
		{Name: "simple-responses", Demands: "A Lambda authorizer answers by policies, which name the methods they are good for.", find: simple},
	}
}

const keeps = "decisions are kept for as long as the service or a tool pleases, and a revoked session passes for so long"

func cached(api apis.API) []Finding {
	var findings []Finding
	for _, a := range lambdas(api) {
		if absent(a.TTL) || a.TTL.Text() == "0" {
			continue
		}
		findings = append(findings, Finding{
			Line: a.TTL.Line(), Resource: about(api, a),
			Fact: fmt.Sprintf("%s is %s, not 0", a.Property, a.TTL),
			Breaks: "the answer comes from a cache without asking: a revoked session passes until the decision is forgotten, " +
				"and where a read's decision is kept, a write with the same token is refused",
			Mend: "write " + a.Property + ": 0",
		})
	}
	return findings
}

func unset(api apis.API) []Finding {
	var findings []Finding
	for _, a := range lambdas(api) {
		if api.Protocol == apis.WebSocket || !absent(a.TTL) {
			continue
		}
		fact := a.Property + " is not set"
		switch api.Protocol {
		case apis.REST:
			fact += ", which for a REST API means 300 seconds"
		case apis.GraphQL:
			fact += ", which for AppSync means 300 seconds"
		}
		findings = append(findings, Finding{Line: a.Line, Resource: about(api, a), Fact: fact, Breaks: keeps, Mend: "write " + a.Property + ": 0"})
	}
	return findings
}

func absent(v document.Value) bool { return v.Kind() == document.Absent }

func simple(api apis.API) []Finding {
	var findings []Finding
	for _, a := range lambdas(api) {
		if absent(a.Simple) || apis.No(a.Simple) {
			continue
		}
		findings = append(findings, Finding{
			Line: a.Simple.Line(), Resource: about(api, a), Fact: fmt.Sprintf("EnableSimpleResponses is %s, not false", a.Simple),
			Breaks: "API Gateway expects isAuthorized, which Latchkey's authorizer never sends, and fails every request; " +
				"and a yes or no cannot say which methods it is good for",
			Mend: "write EnableSimpleResponses: false",
		})
	}
	return findings
}
