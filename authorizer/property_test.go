package authorizer_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// sample is a generated request with what an oracle needs to judge it.
type sample struct {
	event    event
	state    string // of the token, by the names of states
	cookie   bool
	page     page
	override bool
}

func samples(k tokens) *rapid.Generator[sample] {
	return rapid.Custom(func(t *rapid.T) sample {
		s := sample{
			state:  rapid.SampledFrom(states()).Draw(t, "state"),
			cookie: rapid.Bool().Draw(t, "cookie"),
			page: page{
				rapid.SampledFrom([]string{"", "anti-csrf"}).Draw(t, "rid"),
				rapid.SampledFrom([]string{"", origin, "https://evil.example"}).Draw(t, "origin"),
				rapid.SampledFrom([]string{"", "same-origin", "cross-site"}).Draw(t, "site"),
			},
			override: rapid.Bool().Draw(t, "override"),
		}
		verbs := rapid.SampledFrom([]string{"GET", "HEAD", "POST", "PUT", "DELETE", "get", "G*T", "", "REPORT"})
		method := verbs.Draw(t, "method")
		e := event{
			kind:   rapid.SampledFrom(allKinds()).Draw(t, "kind"),
			method: method,
			path:   "/" + rapid.StringMatching(`[a-z*?:/%.]{0,12}`).Draw(t, "path"),
		}
		if rapid.IntRange(0, 4).Draw(t, "agree") == 0 {
			e.verb = verbs.Filter(func(s string) bool { return s != "" }).Draw(t, "verb")
		}
		e.resource = rapid.SampledFrom([]string{"/notes", "/greeting", "/reports"}).Draw(t, "resource")
		s.event = s.page.onto(e)
		if raw := k.states[s.state]; raw != "" && s.cookie {
			s.event = s.event.with("Cookie", "sAccessToken="+raw)
		} else {
			s.event = s.event.bearer(raw)
		}
		if s.override {
			s.event = s.event.with("X-HTTP-Method-Override", "GET")
		}
		return s
	})
}

// oracle says what design promises for a sample, in other words than the code.
func (s sample) oracle() string {
	e := s.event
	verb := or(e.verb, e.method)
	headers := e.kind != tokenKind
	hasToken := s.state != "no token" && (headers || !s.cookie)
	sure := headers && e.kind != socketKind && verb == e.method && !s.override || e.kind == tokenKind
	isRead := sure && (verb == "GET" || verb == "HEAD")
	ruled := headers && e.kind != socketKind
	optional := ruled && sure && e.method == "GET" && e.resource == "/greeting"
	admin := ruled && e.resource == "/reports" && (!sure || e.method == "GET")
	nameable := e.kind == socketKind || verb != "" && strings.Trim(verb, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
	switch {
	case !hasToken && optional:
		return "allow"
	case !hasToken, s.state == "bad token", s.state == "expired token":
		return "401"
	case !isRead && s.cookie && e.kind == socketKind && s.page.origin != origin:
		return "403"
	case !isRead && s.cookie && e.kind != socketKind && s.page.rid == "":
		return "401"
	case !isRead && s.cookie && e.kind != socketKind && (s.page.origin != "" && s.page.origin != origin || s.page.origin == "" && s.page.site == "cross-site"):
		return "403"
	case !isRead && s.state == "revoked":
		return "401"
	case !isRead && s.state == "storage down":
		return "500"
	case admin, !nameable:
		return "403"
	}
	return "allow"
}

// Whatever the request, the gateway's reading of the policy is what the
// oracle says, and the policy allows nothing of another verb, stage or API.
func TestDecisionsAgreeWithTheOracle(t *testing.T) {
	w := newWorld(t, token.ES256)
	w.config.Rules = []authorizer.Rule{
		{Route: "GET /greeting", Session: authorizer.Optional},
		{Route: "GET /reports", Claims: []authorizer.Validator{authorizer.Includes("st-role", "admin")}},
	}
	k, a := newTokens(w), w.authorizer()
	generator := samples(k)
	rapid.Check(t, func(rt *rapid.T) {
		s := generator.Draw(rt, "sample")
		w.store.down.Store(s.state == "storage down")
		r := w.send(a, s.event)
		if got, want := r.outcome(s.event), s.oracle(); got != want {
			rt.Fatalf("%s %q (ARN %q) %s, %s, cookie %v, page %v, override %v = %s, want %s", s.event.kind, s.event.method,
				or(s.event.verb, s.event.method), s.event.resource, s.state, s.cookie, s.page, s.override, got, want)
		}
		if r.err != nil {
			return
		}
		for _, other := range foreign(s.event) {
			if r.PolicyDocument.judge(other.arn()) == "allow" {
				rt.Fatalf("the policy for %s allows %s too: %v", s.event.arn(), other.arn(), r.PolicyDocument)
			}
		}
	})
	w.store.down.Store(false)
}

// foreign returns requests that a policy for e must not allow.
func foreign(e event) []event {
	var others []event
	add := func(change func(*event)) {
		o := e
		change(&o)
		others = append(others, o)
	}
	add(func(o *event) { o.stage = "dev" })
	add(func(o *event) { o.api = "zzz999" })
	verb := or(e.verb, e.method)
	for _, v := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "REPORT", "get", "post"} {
		reads := (v == "GET" || v == "HEAD") && (verb == "GET" || verb == "HEAD")
		if v != verb && !reads && e.kind != socketKind {
			add(func(o *event) { o.verb = v })
		}
	}
	if e.kind == socketKind {
		add(func(o *event) { o.kind, o.verb = requestKind, "GET" })
	} else {
		add(func(o *event) { o.kind = socketKind })
	}
	return others
}
