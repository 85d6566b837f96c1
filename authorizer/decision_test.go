package authorizer_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// row is what becomes of one sort of request, for every state of its token.
type row struct {
	checked  bool     // the store is asked once about a good token, else not at all
	outcomes []string // in the order of states
}

func states() []string {
	return []string{"no token", "bad token", "expired token", "live", "revoked", "storage down"}
}

func decisionTable() map[string]row {
	return map[string]row{
		//                            none   bad    expired live     revoked  storage down
		"read":           {false, []string{"401", "401", "401", "allow", "allow", "allow"}},
		"write":          {true, []string{"401", "401", "401", "allow", "401", "500"}},
		"odd":            {true, []string{"401", "401", "401", "403", "401", "500"}}, // a write whose verb no policy may name
		"optional":       {false, []string{"allow", "401", "401", "allow", "allow", "allow"}},
		"optional write": {true, []string{"allow", "401", "401", "allow", "401", "500"}},
		"always":         {true, []string{"401", "401", "401", "allow", "401", "500"}},
		"claim":          {false, []string{"401", "401", "401", "403", "403", "403"}},
		"claim write":    {true, []string{"401", "401", "401", "403", "401", "500"}},
	}
}

// tokens are the states a token can be in, by the names of states.
type tokens struct {
	w      *world
	states map[string]string
}

func newTokens(w *world) tokens {
	expired := w.signIn("u0", "").Access
	w.clock.Advance(2 * time.Hour)
	live, revoked := w.signIn("u1", ""), w.signIn("u2", "")
	w.revoke(revoked)
	return tokens{w, map[string]string{
		"no token":      "",
		"bad token":     tamper(live.Access),
		"expired token": expired,
		"live":          live.Access,
		"revoked":       revoked.Access,
		"storage down":  live.Access,
	}}
}

// tamper changes one character of the signature.
func tamper(raw string) string {
	i := strings.LastIndexByte(raw, '.') + 5
	c := byte('A')
	if raw[i] == c {
		c = 'B'
	}
	return raw[:i] + string(c) + raw[i+1:]
}

// verify asks of every kind for every state of the token, and compares outcomes
// and reads of the store with those of the row.
func (k tokens) verify(t *testing.T, name string, e event, kinds ...string) {
	t.Helper()
	want, a := decisionTable()[name], k.w.authorizer()
	for _, e.kind = range kinds {
		for i, state := range states() {
			k.w.store.down.Store(state == "storage down")
			for by, sent := range map[string]event{"bearer": e.bearer(k.states[state]), "cookie": e.cookie(k.states[state])} {
				if e.kind == tokenKind && by == "cookie" {
					continue
				}
				k.w.store.reads.Store(0)
				got, reads := k.w.send(a, sent).outcome(sent), k.w.store.reads.Load()
				wantReads := map[bool]int64{true: 1}[want.checked && i >= slices.Index(states(), "live")]
				if got != want.outcomes[i] || reads != wantReads {
					t.Errorf("%s %q (%s), %s by %s = %s after %d reads, want %s after %d", e.kind, e.method, name, state, by, got, reads, want.outcomes[i], wantReads)
				}
			}
		}
	}
	k.w.store.down.Store(false)
}

func methodKinds() []string { return []string{tokenKind, requestKind, http1Kind, http2Kind} }

func TestDecisionTable(t *testing.T) {
	k := newTokens(newWorld(t, token.ES256))
	for class, names := range map[string][]string{
		"read":  {"GET", "HEAD"},
		"write": {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY", "PURGE", "GETX", "XGET", "HEADGET", "ANY"},
		"odd":   {"get", "Get", "head", "GET ", " GET", "GET\n", "GET\x00", "GET*", "*", "?", "G?T", "", "M-SEARCH", "$default", "$connect", "GÉT", "ＧＥＴ", "GET:x", strings.Repeat("A", 40)},
	} {
		for _, method := range names {
			k.verify(t, class, event{method: method}, methodKinds()...)
		}
	}
	k.verify(t, "write", event{}, socketKind)
	for _, key := range []string{"ANY /notes", "$default"} { // make no read a write, nor the reverse
		k.verify(t, "read", event{method: "GET", routeKey: key}, http2Kind)
		k.verify(t, "write", event{method: "POST", routeKey: key}, http2Kind)
	}
}

// A request on whose method the event does not agree with itself is checked,
// whichever part says GET, and so is one with a header that asks for another
// method, in one of its sets of headers or in both.
func TestDoubtIsChecked(t *testing.T) {
	k := newTokens(newWorld(t, token.ES256))
	kinds := []string{requestKind, http1Kind, http2Kind}
	for _, name := range []string{"X-HTTP-Method-Override", "x-http-method-override", "X-HTTP-Method", "X-Method-Override"} {
		for _, value := range []string{"POST", "GET", ""} {
			k.verify(t, "write", event{method: "GET"}.with(name, value), kinds...)
		}
	}
	for _, e := range []event{
		{method: "GET", verb: "POST"}, {method: "POST", verb: "GET"}, {method: "GET", context: "POST"}, {method: "GET", verb: "HEAD"},
	} {
		k.verify(t, "write", e, kinds...)
	}
	k.verify(t, "write", event{method: "get", verb: "GET"}, requestKind, http1Kind)
	k.verify(t, "write", event{method: "get", verb: "GET", routeKey: "GET /notes"}, http2Kind)
	k.verify(t, "write", event{method: "GET", routeKey: "POST /notes"}, http2Kind)

	e := event{kind: requestKind, method: "GET"}.bearer(k.states["revoked"]).with("X-HTTP-Method-Override", "POST")
	for _, left := range []string{"headers", "multiValueHeaders"} {
		var body map[string]any
		must(t, json.Unmarshal(e.encode(), &body))
		delete(body[left].(map[string]any), "X-HTTP-Method-Override")
		if r := sendBytes(t, k.w.authorizer(), encode(body)); r.err != authorizer.ErrUnauthorized {
			t.Errorf("override in all but %s: %v, want %v", left, r.err, authorizer.ErrUnauthorized)
		}
	}
}

// A route's rule changes what it asks, and so does the alias that it names, of
// whatever kind the API is.
func TestRulesAndAliasesChangeTheTable(t *testing.T) {
	w := newWorld(t, token.ES256)
	admin := []authorizer.Validator{authorizer.Includes("st-role", "admin")}
	w.config.Rules = []authorizer.Rule{
		{Route: "GET /optional", Session: authorizer.Optional}, {Route: "POST /optional", Session: authorizer.Optional},
		{Route: "GET /always", Check: authorizer.Always},
		{Route: "GET /claim", Claims: admin}, {Route: "POST /claim", Claims: admin},
	}
	k, ruled := newTokens(w), []string{requestKind, http1Kind, http2Kind}
	for row, resource := range map[string]string{"optional": "/optional", "always": "/always", "claim": "/claim"} {
		k.verify(t, row, event{method: "GET", resource: resource}, ruled...)
	}
	for row, resource := range map[string]string{"optional write": "/optional", "claim write": "/claim"} {
		k.verify(t, row, event{method: "POST", resource: resource}, ruled...)
	}
	for alias, rows := range map[string][2]string{
		"": {"read", "write"}, "live": {"read", "write"}, "checked": {"always", "write"}, "optional": {"optional", "optional write"},
	} {
		k.verify(t, rows[0], event{method: "GET", alias: alias}, methodKinds()...)
		k.verify(t, rows[1], event{method: "POST", alias: alias}, allKinds()...)
	}
}

// An invocation by no alias is by live. Any other alias, a version, and an ARN
// that is none of a function, are errors, regardless of who asks.
func TestInvokedARN(t *testing.T) {
	w := newWorld(t, token.ES256)
	const function = "arn:aws:lambda:eu-west-1:123456789012:function:authorizer"
	get := event{kind: http2Kind, method: "GET"}
	for arn, stranger := range map[string]error{
		"": authorizer.ErrUnauthorized, function: authorizer.ErrUnauthorized, function + ":live": authorizer.ErrUnauthorized, function + ":optional": nil,
		function + ":": authorizer.ErrAlias, function + ":7": authorizer.ErrAlias, function + ":$LATEST": authorizer.ErrAlias,
		function + ":Optional": authorizer.ErrAlias, function + ":optional:live": authorizer.ErrAlias, "optional": authorizer.ErrAlias,
	} {
		if r := invoke(t, w.authorizer(), invokedAs(arn), get.encode()); r.err != stranger {
			t.Errorf("a request without a token by %q = %v, want %v", arn, r.err, stranger)
		}
	}
}

// A read passes until its token ends, and not a moment longer.
func TestReadPassesUntilTheTokenEnds(t *testing.T) {
	w := newWorld(t, token.ES256)
	g := w.signIn("u1", "")
	w.revoke(g)
	e := event{kind: http2Kind, method: "GET"}.bearer(g.Access)
	w.clock.Advance(g.Claims.Expires.Sub(w.clock.Now()) - time.Millisecond)
	if got := w.ask(e); got != "allow" {
		t.Errorf("GET just before the token ends = %s, want allow", got)
	}
	w.clock.Advance(time.Millisecond)
	if got := w.ask(e); got != "401" {
		t.Errorf("GET when the token ends = %s, want 401", got)
	}
}
