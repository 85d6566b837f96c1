package authorizer_test

import (
	"slices"
	"strings"

	"github.com/latchkey-auth/latchkey/authorizer"
)

// circumstances are all that a decision depends on: the request, its token,
// the session, what can be read, and the rules.
type circumstances struct {
	event    event // with the alias that its route names
	override bool  // the request has a method override header

	token     string // of tokenStates
	transport string // of transports
	page      page

	session           string // of sessionStates
	inToken, inStore  bool   // whether the caller has the claim that validators want, by the token and by the store
	keys, store, sets bool   // whether keys, sessions and settings can be read

	rules  map[string]string // by route: of ruleKinds
	global bool              // every caller must have the claim
}

func tokenStates() []string { return []string{"none", "bad", "expired", "good", "good", "good"} }

func transports() []string {
	return []string{"bearer", "bearer", "bearer in lower case", "bearer beside a bad cookie", "two bearers", "cookie", "cookie", "cookie twice",
		"cookie beside an application's bearer", "cookie beside another provider's bearer", "cookie beside a bad one", "cookie beside another stack's",
		"cookies of two sessions"}
}

func sessionStates() []string { return []string{"live", "live", "revoked", "gone", "corrupt"} }

func ruleKinds() []string {
	return []string{"", "optional", "always", "claim", "optional, always", "optional, claim", "always, claim"}
}

// doubtful reports whether the event is not of one mind about its method.
func (c circumstances) doubtful() bool {
	e := c.event
	return c.override || e.method == "" || or(e.verb, e.method) != e.method
}

// written reports whether the request may change something: it does whatever is
// not a GET or HEAD beyond doubt.
func (c circumstances) written() bool {
	verb := c.event.method
	switch c.event.kind {
	case socketKind:
		return true
	case tokenKind: // it has the ARN's word only
		verb = or(c.event.verb, c.event.method)
	default:
		if c.doubtful() {
			return true
		}
	}
	return verb != "GET" && verb != "HEAD"
}

// checked reports whether the session must be live.
func (c circumstances) checked() bool {
	return c.written() || c.event.alias == "checked" || c.ruled() && strings.Contains(c.rule(), "always")
}

// optional reports whether a stranger may pass.
func (c circumstances) optional() bool {
	return c.event.alias == "optional" || c.ruled() && strings.Contains(c.rule(), "optional")
}

// met reports whether a rule is about the route.
func (c circumstances) met() bool {
	return c.event.kind != tokenKind && c.event.kind != socketKind && c.rule() != ""
}

// ruled reports whether that rule holds: rules are for one API only.
func (c circumstances) ruled() bool { return c.met() && c.event.api == "" }

// rule is what the rules say of the route. In doubt about the method it is
// what any rule of the path says, and never that a session is optional.
func (c circumstances) rule() string {
	path := c.event.template()
	if !c.doubtful() {
		return c.rules[c.event.method+" "+path]
	}
	all := ""
	for _, method := range []string{"GET", "POST"} {
		if kind := c.rules[method+" "+path]; kind != "" {
			all += "in doubt, " + strings.ReplaceAll(kind, "optional", "")
		}
	}
	return all
}

// carried returns how many tokens of ours the event carries that may count.
// TOKEN events have no cookies.
func (c circumstances) carried() int {
	switch {
	case c.token == "none", c.event.kind == tokenKind && strings.HasPrefix(c.transport, "cookie"):
		return 0
	case c.transport == "two bearers", c.transport == "cookies of two sessions" && c.token == "good":
		return 2
	}
	return 1
}

// asked reports whether keys are needed to say whose the tokens are.
func (c circumstances) asked() bool {
	return c.transport != "two bearers" && (c.carried() > 0 || c.token != "none" && strings.Contains(c.transport, "provider"))
}

// forged is what becomes of a request that may change something because of the
// page it is from, or "".
func (c circumstances) forged() string {
	switch {
	case !c.written(), !strings.HasPrefix(c.transport, "cookie"):
		return ""
	case c.event.kind == socketKind && c.page.origin != origin:
		return "403"
	case c.event.kind == socketKind:
		return ""
	case c.page.rid == "":
		return "401"
	case c.page.origin != "" && c.page.origin != origin, c.page.origin == "" && c.page.site == "cross-site":
		return "403"
	}
	return ""
}

// oracle is the table of the decision, row by row, in other words than the
// code has for it.
func (c circumstances) oracle() string {
	n, checked := c.carried(), c.checked()
	switch {
	case !slices.Contains([]string{"", "live", "checked", "optional"}, c.event.alias):
		return "500"
	case c.met() && !c.sets:
		return "500" // whether the rule holds cannot be said
	case c.asked() && !c.keys:
		return "500" // whose the tokens are cannot be said
	case n == 0 && c.optional() && c.nameable():
		return "allow"
	case n == 0 && c.optional():
		return "403"
	case n != 1, c.token != "good":
		return "401"
	case c.forged() != "":
		return c.forged()
	case checked && (!c.store || c.session == "corrupt"):
		return "500"
	case checked && c.session != "live":
		return "401"
	case !c.claimed(checked), !c.nameable():
		return "403"
	}
	return "allow"
}

// claimed reports whether the caller has what validators want: by the store if
// it is asked, else by the token.
func (c circumstances) claimed(checked bool) bool {
	wanted := c.global || c.ruled() && strings.Contains(c.rule(), "claim")
	return !wanted || checked && c.inStore || !checked && c.inToken
}

// nameable reports whether a policy may name the verb.
func (c circumstances) nameable() bool {
	verb := or(c.event.verb, c.event.method)
	return c.event.kind == socketKind || verb != "" && strings.Trim(verb, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// configured returns the rules as an authorizer takes them.
func (c circumstances) configured(claim []authorizer.Validator) (rules []authorizer.Rule) {
	for route, kind := range c.rules {
		rule := authorizer.Rule{Route: route}
		words := strings.Split(kind, ", ")
		if slices.Contains(words, "optional") {
			rule.Session = authorizer.Optional
		}
		if slices.Contains(words, "always") {
			rule.Check = authorizer.Always
		}
		if slices.Contains(words, "claim") {
			rule.Claims = claim
		}
		if kind != "" {
			rules = append(rules, rule)
		}
	}
	return rules
}
