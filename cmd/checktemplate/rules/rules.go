// Package rules finds in a template what would break what Latchkey promises:
// decisions that are kept when a session is revoked, callers who are refused
// before anybody looks at their token, routes that nobody guards, and answers
// that a browser hides from the frontend.
//
// Every rule has a name that stays. [Check] applies them all. A comment
//
//	# latchkey:ignore RULE reason
//
// accepts what a rule finds (see package document for the lines it is good
// for). One without a reason, or that nothing is found for, is itself found.
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
	Resource string // logical id and what of it
	Fact     string // what the template says
	Breaks   string // what happens because of it
	Mend     string // what to write instead
}

// Rule is one rule.
type Rule struct {
	Name    string // as in reports and ignore comments
	Demands string // one sentence

	find func(apis.API) []Finding       // looks at each API
	scan func(*apis.Template) []Finding // looks at the whole; neither: a rule about comments
}

// All returns the rules in the order they are reported in help texts.
func All() []Rule {
	return slices.Concat(cacheRules(), identityRules(), invokeRules(), routeRules(), preflightRules(), corsRules(), unreadRules(), ignoreRules())
}

// Check returns what all rules find, whatever the parameters are set to,
// ordered by line.
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

// ofLambdas reports on every authorizer that is a Lambda function: the rules on
// authorizers are about those alone. Without a fact there is no finding.
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
