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

func cached(api apis.API) []Finding {
	return ofLambdas(api, func(a apis.Authorizer) Finding {
		if absent(a.TTL) || a.TTL.Text() == "0" {
			return Finding{}
		}
		return Finding{
			Line: a.TTL.Line(), Fact: fmt.Sprintf("%s is %s, not 0", a.Property, a.TTL),
			Breaks: "the answer comes from a cache without asking: a revoked session passes until the decision is forgotten, " +
				"and where a read's decision is kept, a write with the same token is refused",
			Mend: "write " + a.Property + ": 0",
		}
	})
}

func unset(api apis.API) []Finding {
	const means = ", which for %s means 300 seconds"
	default300 := map[apis.Protocol]string{
		apis.REST: fmt.Sprintf(means, "a REST API"), apis.GraphQL: fmt.Sprintf(means, "AppSync"),
	}
	return ofLambdas(api, func(a apis.Authorizer) Finding {
		if api.Protocol == apis.WebSocket || !absent(a.TTL) {
			return Finding{}
		}
		return Finding{
			Fact:   a.Property + " is not set" + default300[api.Protocol],
			Breaks: "decisions are kept for as long as the service or a tool pleases, and a revoked session passes for so long",
			Mend:   "write " + a.Property + ": 0",
		}
	})
}

func absent(v document.Value) bool { return v.Kind() == document.Absent }

func simple(api apis.API) []Finding {
	return ofLambdas(api, func(a apis.Authorizer) Finding {
		if absent(a.Simple) || apis.No(a.Simple) {
			return Finding{}
		}
		return Finding{
			Line: a.Simple.Line(), Fact: fmt.Sprintf("EnableSimpleResponses is %s, not false", a.Simple),
			Breaks: "API Gateway expects isAuthorized, which Latchkey's authorizer never sends, and fails every request; " +
				"and a yes or no cannot say which methods it is good for",
			Mend: "write EnableSimpleResponses: false",
		}
	})
}
