package rules

import (
	"fmt"
	"slices"

	"github.com/latchkey-auth/latchkey/internal/template/apis"
	"github.com/latchkey-auth/latchkey/internal/template/document"
)

func cacheRules() []Rule {
	return []Rule{
		{Name: "authorizer-cache", Demands: "API Gateway keeps no decision of a Lambda authorizer: its TTL is 0.", find: cached},
		{Name: "authorizer-ttl-unset", Demands: "The TTL of a Lambda authorizer is written down, whatever the default may be.", find: unset},
		{Name: "simple-responses", Demands: "A Lambda authorizer answers by policies, which name the methods they are good for.", find: simple},
	}
}

func cached(api apis.API) []Finding {
	var findings []Finding
	for _, a := range lambdas(api) {
		for _, ttl := range a.TTL {
			if absent(ttl) || ttl.Text() == "0" {
				continue
			}
			findings = append(findings, Finding{
				Line: ttl.Line(), Resource: about(api, a),
				Fact: fmt.Sprintf("%s is %s, not 0", a.Property, ttl),
				Breaks: "API Gateway answers from its cache without asking: a revoked session passes until the decision is forgotten, " +
					"and where a read's decision is kept, a write with the same token is refused",
				Mend: "write " + a.Property + ": 0",
			})
		}
	}
	return findings
}

func unset(api apis.API) []Finding {
	var findings []Finding
	for _, a := range lambdas(api) {
		if api.Protocol == apis.WebSocket || !slices.ContainsFunc(a.TTL, absent) {
			continue
		}
		fact := a.Property + " is not set"
		if api.Protocol == apis.REST {
			fact += ", which for a REST API means 300 seconds"
		}
		findings = append(findings, Finding{
			Line: a.Line, Resource: about(api, a), Fact: fact,
			Breaks: "decisions are kept for as long as the service or a tool pleases, and a revoked session passes for so long",
			Mend:   "write " + a.Property + ": 0",
		})
	}
	return findings
}

func absent(v document.Value) bool { return v.Kind() == document.Absent }

func simple(api apis.API) []Finding {
	var findings []Finding
	for _, a := range lambdas(api) {
		for _, says := range a.Simple {
			if absent(says) || apis.No(says) {
				continue
			}
			findings = append(findings, Finding{
				Line: says.Line(), Resource: about(api, a), Fact: fmt.Sprintf("EnableSimpleResponses is %s, not false", says),
				Breaks: "API Gateway expects isAuthorized, which Latchkey's authorizer never sends, and fails every request; " +
					"and a yes or no cannot say which methods it is good for",
				Mend: "write EnableSimpleResponses: false",
			})
		}
	}
	return findings
}
