package rules

import (
	"fmt"
	"slices"

	"github.com/latchkey-auth/latchkey/internal/template/document"
)

const (
	withoutReason = "ignore-without-reason"
	unused        = "ignore-unused"
)

func ignoreRules() []Rule {
	return []Rule{
		{Name: withoutReason, Demands: "An ignore comment gives its reason."},
		{Name: unused, Demands: "An ignore comment names a rule, and the rule finds something there."},
	}
}

// applyIgnores removes the findings that a comment accepts and adds findings
// about the comments. A comment without a reason accepts nothing.
func applyIgnores(ignores []document.Ignore, findings []Finding) []Finding {
	used := make([]bool, len(ignores))
	accepted := func(f Finding) bool {
		found := false
		for i, ignore := range ignores {
			if ignore.Rule == f.Rule && ignore.First <= f.Line && f.Line <= ignore.Last {
				used[i] = true
				found = found || ignore.Reason != ""
			}
		}
		return found
	}
	findings = slices.DeleteFunc(findings, accepted)
	for i, ignore := range ignores {
		f := Finding{Line: ignore.Line, Resource: "comment"}
		known := slices.ContainsFunc(All(), func(r Rule) bool { return r.Name == ignore.Rule && (r.find != nil || r.scan != nil) })
		switch {
		case !known:
			f.Rule, f.Fact = unused, fmt.Sprintf("there is no rule %q to ignore", ignore.Rule)
			f.Breaks, f.Mend = "the comment accepts nothing", "write # latchkey:ignore RULE reason"
		case !used[i]:
			f.Rule, f.Fact = unused, "the rule "+ignore.Rule+" finds nothing here"
			f.Breaks, f.Mend = "it would hide the next mistake that is made here", "remove the comment"
		case ignore.Reason == "":
			f.Rule, f.Fact = withoutReason, "no reason is given"
			f.Breaks, f.Mend = "nobody can tell later whether it still holds, so it accepts nothing", "write # latchkey:ignore "+ignore.Rule+" and why"
		default:
			continue
		}
		findings = append(findings, f)
	}
	return findings
}
