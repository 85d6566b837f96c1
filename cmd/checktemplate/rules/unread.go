package rules

import "github.com/latchkey-auth/latchkey/internal/template/apis"

func unreadRules() []Rule {
	return []Rule{{
		Name:    "unread",
		Demands: "Routes and authorizers stand in the template itself, where they can be checked.",
		find: func(api apis.API) []Finding {
			var findings []Finding
			for _, part := range api.Unread {
				findings = append(findings, Finding{
					Line: part.Line, Resource: api.ID, Fact: part.What + " is not read here",
					Breaks: "what it says of routes and authorizers is not checked",
					Mend:   "write it out as resources or events, or check it by eye and say so: # latchkey:ignore unread reason",
				})
			}
			return findings
		},
	}, {
		Name:    "cors-unread",
		Demands: "What CORS allows and exposes is written out.",
		find: func(api apis.API) []Finding {
			return eachCORS(api, func(c apis.CORS) (fact, breaks, mend string) {
				for _, property := range []string{"AllowHeaders", "ExposeHeaders", "AllowCredentials"} {
					if c.Hides(property) {
						return property + " is an expression", "whether it has what frontends need is not checked", "write it out"
					}
				}
				return "", "", ""
			})
		},
	}}
}
