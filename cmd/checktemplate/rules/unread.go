package rules

import (
	"github.com/latchkey-auth/latchkey/internal/template/apis"
	"github.com/latchkey-auth/latchkey/internal/template/document"
)

func unreadRules() []Rule {
	return []Rule{
		{Name: unread, Demands: "Ways to functions, their routes and authorizers stand in the template itself.", scan: unreadParts},
		{Name: "cors-unread", Demands: "What CORS allows and exposes is written out.", find: unreadCORS},
	}
}

const (
	unread     = "unread"
	notChecked = "what it says of routes and authorizers is not checked"
)

func unreadParts(t *apis.Template) []Finding {
	var findings []Finding
	for _, part := range t.Unread {
		findings = append(findings, Finding{
			Line: part.Line, Resource: part.Resource, Fact: part.What + " is not read here", Breaks: notChecked,
			Mend: "write it out as resources or events, or check it by eye and say so: # latchkey:ignore unread reason",
		})
	}
	return findings
}

// tooMany is the finding if conditions and parameters can be combined in more
// ways than are checked.
func tooMany(d *document.Document) Finding {
	return Finding{
		Line: max(d.Root.Get("Conditions").Line(), d.Root.Get("Parameters").Line()), Rule: unread, Resource: "template",
		Fact:   "not every combination of its conditions and parameters is read here, but a sample",
		Breaks: notChecked,
		Mend:   "have fewer conditions on what is read, or check it by eye and say so: # latchkey:ignore unread reason",
	}
}

func unreadCORS(api apis.API) []Finding {
	return ofCORS(api, func(c apis.CORS) (fact, breaks, mend string) {
		for _, property := range []string{"AllowHeaders", "ExposeHeaders", "AllowCredentials"} {
			if c.Hides(property) {
				return property + " is an expression", "whether it has what frontends need is not checked", "write it out"
			}
		}
		return "", "", ""
	})
}
