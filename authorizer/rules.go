package authorizer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Requirement says whether a route needs a signed-in caller.
type Requirement int

// Required, the zero value, refuses requests without a token. Optional lets
// them pass as anonymous. A bad or expired token is refused in any case, so
// that its owner refreshes and is not taken for a stranger.
const (
	Required Requirement = iota
	Optional
)

// Check says when the store is asked whether the session is live.
type Check int

// Default asks for every method but GET and HEAD, Always for those too. Neither
// changes the anti-CSRF check: a cookie token must pass it if the method is not
// GET or HEAD.
const (
	Default Check = iota
	Always
)

// Rule is what one route asks for besides the default. The zero values ask for
// the default.
type Rule struct {
	// Route is the route key of an HTTP API, or the method and resource
	// template of a REST API: "GET /notes", "PUT /notes/{id}". It is compared
	// exactly with what the gateway matched, never with the path as the caller
	// wrote it. ANY, $default and greedy paths cannot have rules: a rule for
	// GET /notes does not apply to a request that ANY /notes matched.
	Route   string
	Session Requirement
	Check   Check
	Claims  []Validator // that signed-in callers must pass, besides the global ones
	Without []string    // ids of global ones that the route does not ask for
}

// validators returns what signed-in callers of the route must pass.
func (r Rule) validators(global []Validator) []Validator {
	if len(r.Without) == 0 && len(r.Claims) == 0 {
		return global
	}
	asked := slices.Clone(global)
	asked = slices.DeleteFunc(asked, func(v Validator) bool { return slices.Contains(r.Without, v.id) })
	return append(asked, r.Claims...)
}

// dropFaults returns an error for every id in Without that no global validator
// has: a misspelled id would drop nothing.
func dropFaults(rules []Rule, global []Validator) error {
	var errs []error
	for _, rule := range rules {
		for _, id := range rule.Without {
			if !slices.ContainsFunc(global, func(v Validator) bool { return v.id == id }) {
				errs = append(errs, fmt.Errorf("authorizer: rule for %q: no global validator is %q", rule.Route, id))
			}
		}
	}
	return errors.Join(errs...)
}

// ruleSet finds the rule of a request.
type ruleSet struct {
	byRoute    map[string]Rule
	byTemplate map[string]Rule // the rules of one path, combined
	settings   func(context.Context) (token.Settings, error)
}

func newRuleSet(rules []Rule, settings func(context.Context) (token.Settings, error)) (ruleSet, error) {
	set := ruleSet{byRoute: map[string]Rule{}, byTemplate: map[string]Rule{}, settings: settings}
	var errs []error
	if len(rules) > 0 && settings == nil {
		errs = append(errs, errors.New("authorizer: rules without settings"))
	}
	for _, rule := range rules {
		if err := rule.fault(); err != nil {
			errs = append(errs, err)
			continue
		}
		if _, taken := set.byRoute[rule.Route]; taken {
			errs = append(errs, fmt.Errorf("authorizer: two rules for %q", rule.Route))
		}
		rule.Claims, rule.Without = slices.Clone(rule.Claims), slices.Clone(rule.Without)
		set.byRoute[rule.Route] = rule
		_, template, _ := strings.Cut(rule.Route, " ")
		set.byTemplate[template] = set.byTemplate[template].and(rule)
	}
	return set, errors.Join(errs...)
}

// of returns the rule for the request, or the zero Rule. Rules are for the one
// API that the settings name. The settings are read only if a rule would match.
//
// If the method, the API or the resource is in doubt, all rules of the path
// apply together, and the session must be live: nobody must be able to escape a
// rule by naming two methods.
func (s ruleSet) of(ctx context.Context, r request) (Rule, error) {
	rule, found := s.byRoute[r.method+" "+r.template]
	if r.method == "" || r.doubt {
		rule, found = s.byTemplate[r.template]
	}
	if !found || r.apiID == "" {
		return rule, nil
	}
	settings, err := s.settings(ctx)
	switch {
	case err != nil:
		return Rule{}, err
	case settings.APIID == "":
		return Rule{}, errors.New("they name no API")
	case settings.APIID != r.apiID:
		return Rule{}, nil
	}
	return rule, nil
}

// and returns a rule that asks for the claims of both rules, every global
// claim, and a live session.
func (r Rule) and(other Rule) Rule {
	return Rule{Check: Always, Claims: slices.Concat(r.Claims, other.Claims)}
}

func (r Rule) fault() error {
	method, path, found := strings.Cut(r.Route, " ")
	fits := found && only(method, upper) && method != "ANY" && strings.HasPrefix(path, "/")
	if !fits || strings.Contains(path, "+}") {
		return fmt.Errorf("authorizer: rule for %q: not of the form METHOD /path", r.Route)
	}
	if r.Session < Required || r.Session > Optional || r.Check < Default || r.Check > Always {
		return fmt.Errorf("authorizer: rule for %q: unknown requirement", r.Route)
	}
	for _, v := range r.Claims {
		if err := v.fault(); err != nil {
			return fmt.Errorf("rule for %q: %w", r.Route, err)
		}
	}
	return nil
}
