// Package rules finds in a template what breaks the promises of Latchkey:
// decisions that are kept after a session is revoked, callers who are refused
// before their token is checked, unguarded routes, and answers that a browser
// hides from the frontend.
//
// Every rule has a name that stays. [Check] applies them all. A comment
//
//	# latchkey:ignore RULE reason
//
// accepts what a rule finds (package document says for which lines). A comment
// without a reason, or without a finding, is itself a finding.
package rules

import (
	"cmp"
	"slices"

	"github.com/latchkey-auth/latchkey/internal/template/apis"
	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// Finding is one thing that is wrong with a template.
type Finding struct {
	Line     int
	Rule     string
	Resource string // logical id and the part of it
	Fact     string // what the template says
	Breaks   string // what goes wrong because of it
	Mend     string // what to write instead
}

// Rule is one rule.
type Rule struct {
	Name    string // as in reports and ignore comments
	Demands string // one sentence

	find func(apis.API) []Finding       // looks at each API
	scan func(*apis.Template) []Finding // looks at the whole; if neither is set, the rule is about comments
}

// All returns the rules in the order of help texts.
func All() []Rule {
	return slices.Concat(cacheRules(), identityRules(), invokeRules(), routeRules(), preflightRules(), corsRules(), unreadRules(), ignoreRules())
}

// Check returns what all rules find for any values of the parameters, ordered
// by line.
func Check(d *document.Document) []Finding {
	var findings []Finding
	seen := make(map[Finding]bool)
	for reading, inOrder := range d.Readings() {
		found := look(apis.Read(reading))
		if !inOrder {
			found = append(found, tooMany(d))
		}
		for _, finding := range found {
			if !seen[finding] {
				seen[finding] = true
				findings = append(findings, finding)
			}
		}
	}
	findings = applyIgnores(d.Ignores, findings)
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Rule, b.Rule))
	})
	return findings
}

// look returns what all rules find in one reading.
func look(t *apis.Template) []Finding {
	var findings []Finding
	for _, rule := range All() {
		var found []Finding
		if rule.scan != nil {
			found = rule.scan(t)
		}
		for _, api := range t.APIs {
			if rule.find != nil {
				found = append(found, rule.find(*api)...)
			}
		}
		for _, finding := range found {
			finding.Rule = rule.Name
			findings = append(findings, finding)
		}
	}
	return findings
}

// ofLambdas reports on every authorizer that is a Lambda function. The rules on
// authorizers cover only those. Without a fact there is no finding.
func ofLambdas(api apis.API, rule func(apis.Authorizer) Finding) []Finding {
	var findings []Finding
	for _, a := range lambdas(api) {
		if f := rule(a); f.Fact != "" {
			f.Line, f.Resource = cmp.Or(f.Line, a.Line), api.ID+", authorizer "+a.Name
			findings = append(findings, f)
		}
	}
	return findings
}

func lambdas(api apis.API) []apis.Authorizer {
	return slices.DeleteFunc(slices.Clone(api.Authorizers), func(a apis.Authorizer) bool { return a.Kind == apis.JWT })
}

// on names a route in a report.
func on(r apis.Route) string { return r.Resource + ", " + r.Key() }
