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
	request                                        string
	none, bad, expired, live, revoked, storageDown string
}

func (r row) want() []string {
	return []string{r.none, r.bad, r.expired, r.live, r.revoked, r.storageDown}
}

func states() []string {
	return []string{"no token", "bad token", "expired token", "live", "revoked", "storage down"}
}

// read, write and handshake are the rows of the decision table; odd is a write
// whose verb no policy may name.
func decisionTable() map[string]row {
	return map[string]row{
		//           request          none   bad    expired live     revoked  storage down
		"read":     {"GET, HEAD", "401", "401", "401", "allow", "allow", "allow"},
		"write":    {"any other", "401", "401", "401", "allow", "401", "500"},
		"odd":      {"odd verb", "401", "401", "401", "403", "401", "500"},
		"optional": {"optional read", "allow", "401", "401", "allow", "allow", "allow"},
		"optional write": {
			"optional write", "allow", "401", "401", "allow", "401", "500"},
		"always":      {"read, always checked", "401", "401", "401", "allow", "401", "500"},
		"claim":       {"read, claim fails", "401", "401", "401", "403", "403", "403"},
		"claim write": {"write, claim fails", "401", "401", "401", "403", "401", "500"},
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

// verify asks for every state of the token and compares with the row.
func (k tokens) verify(t *testing.T, want row, e event) {
	t.Helper()
	for i, state := range states() {
		k.w.store.down.Store(state == "storage down")
		for name, send := range map[string]func(event, string) event{"bearer": event.bearer, "cookie": event.cookie} {
			if e.kind == tokenKind && name == "cookie" {
				continue
			}
			if got := k.w.ask(send(e, k.states[state])); got != want.want()[i] {
				t.Errorf("%s, %q (%s), %s by %s = %s, want %s", e.kind, e.method, want.request, state, name, got, want.want()[i])
			}
		}
	}
	k.w.store.down.Store(false)
}

func methodKinds() []string { return []string{tokenKind, requestKind, http1Kind, http2Kind} }

func TestDecisionTable(t *testing.T) {
	k := newTokens(newWorld(t, token.ES256))
	table := decisionTable()
	methods := map[string][]string{
		"read":  {"GET", "HEAD"},
		"write": {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY", "PURGE", "GETX", "XGET", "HEADGET", "ANY"},
		"odd":   {"get", "Get", "head", "GET ", " GET", "GET\n", "GET\x00", "GET*", "*", "?", "G?T", "", "M-SEARCH", "$default", "$connect", "GÉT", "ＧＥＴ", "GET:x", strings.Repeat("A", 40)},
	}
	for class, names := range methods {
		for _, method := range names {
			for _, kind := range methodKinds() {
				k.verify(t, table[class], event{kind: kind, method: method})
			}
		}
	}
}

func TestHandshakeIsAlwaysChecked(t *testing.T) {
	k := newTokens(newWorld(t, token.ES256))
	k.verify(t, decisionTable()["write"], event{kind: socketKind})
}

// A route for any method does not make a read a write, nor the reverse.
func TestRoutesForAnyMethod(t *testing.T) {
	k := newTokens(newWorld(t, token.ES256))
	for _, key := range []string{"ANY /notes", "$default"} {
		k.verify(t, decisionTable()["read"], event{kind: http2Kind, method: "GET", routeKey: key})
		k.verify(t, decisionTable()["write"], event{kind: http2Kind, method: "POST", routeKey: key})
	}
}

func TestOverrideHeaderIsChecked(t *testing.T) {
	k := newTokens(newWorld(t, token.ES256))
	for _, name := range []string{"X-HTTP-Method-Override", "x-http-method-override", "X-HTTP-Method", "X-Method-Override"} {
		for _, value := range []string{"POST", "GET", ""} {
			for _, kind := range []string{requestKind, http1Kind, http2Kind} {
				k.verify(t, decisionTable()["write"], event{kind: kind, method: "GET"}.with(name, value))
			}
		}
	}
}

// An override that only one of the two sets of headers has is one.
func TestOverrideInOneSetOfHeadersIsChecked(t *testing.T) {
	w := newWorld(t, token.ES256)
	revoked := w.signIn("u1", "")
	w.revoke(revoked)
	e := event{kind: requestKind, method: "GET"}.bearer(revoked.Access).with("X-HTTP-Method-Override", "POST")
	for _, kept := range []string{"headers", "multiValueHeaders"} {
		var body map[string]any
		must(t, json.Unmarshal(e.encode(), &body))
		for _, set := range []string{"headers", "multiValueHeaders"} {
			if headers, ok := body[set].(map[string]any); ok && set != kept {
				delete(headers, "X-HTTP-Method-Override")
			}
		}
		text, err := json.Marshal(body)
		must(t, err)
		if r := sendBytes(t, w.authorizer(), text); r.err != authorizer.ErrUnauthorized {
			t.Errorf("override in %s alone: %v, want %v", kept, r.err, authorizer.ErrUnauthorized)
		}
	}
}

// A request on whose method the event does not agree with itself is checked,
// whichever part says GET.
func TestMethodsThatDisagreeAreChecked(t *testing.T) {
	k := newTokens(newWorld(t, token.ES256))
	for _, kind := range []string{requestKind, http1Kind, http2Kind} {
		for name, e := range map[string]event{
			"ARN":     {method: "GET", verb: "POST"},
			"event":   {method: "POST", verb: "GET"},
			"context": {method: "GET", context: "POST"},
			"reads":   {method: "GET", verb: "HEAD"},
			"case":    {method: "get", verb: "GET"},
		} {
			e.kind = kind
			if name == "case" && kind == http2Kind {
				e.routeKey = "GET /notes"
			}
			k.verify(t, decisionTable()["write"], e)
		}
	}
	k.verify(t, decisionTable()["write"], event{kind: http2Kind, method: "GET", routeKey: "POST /notes"})
}

// A route's rule changes what it asks, and so does the alias that it names, of
// whatever kind the API is.
func TestRulesAndAliasesChangeTheTable(t *testing.T) {
	w := newWorld(t, token.ES256)
	admin := []authorizer.Validator{authorizer.Includes("st-role", "admin")}
	w.config.Rules = []authorizer.Rule{
		{Route: "GET /optional", Session: authorizer.Optional},
		{Route: "POST /optional", Session: authorizer.Optional},
		{Route: "GET /always", Check: authorizer.Always},
		{Route: "GET /claim", Claims: admin},
		{Route: "POST /claim", Claims: admin},
	}
	k, table := newTokens(w), decisionTable()
	of := func(e event, kinds ...string) {
		for _, e.kind = range kinds {
			k.verify(t, table[e.expect()], e)
		}
	}
	for _, method := range []string{"GET", "POST"} {
		for _, path := range []string{"/optional", "/claim"} {
			of(event{method: method, resource: path}, requestKind, http1Kind, http2Kind)
		}
		for _, alias := range []string{"", "live", "checked", "optional"} {
			of(event{method: method, alias: alias}, allKinds()...)
		}
	}
	of(event{method: "GET", resource: "/always"}, requestKind, http1Kind, http2Kind)
}

// expect names the event's row of the table.
func (e event) expect() string {
	write := e.method == "POST" || e.kind == socketKind
	name := map[string]string{"/always": "always", "/optional": "optional", "/claim": "claim"}[e.resource]
	name = or(name, map[string]string{"checked": "always", "optional": "optional"}[e.alias])
	switch {
	case write && (name == "" || name == "always"):
		return "write"
	case write:
		return name + " write"
	}
	return or(name, "read")
}

// An invocation by no alias is by live. Any other alias, a version, and an ARN
// that is none of a function, are errors, whoever asks.
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
	if got := w.log.String(); !strings.Contains(got, `unknown alias`) {
		t.Errorf("the log says %q, want the alias", got)
	}
}

// The store is asked once where the table says so, and not at all otherwise:
// never for a read, and never for what a token's own text refutes.
func TestReadsOfTheStore(t *testing.T) {
	w := newWorld(t, token.ES256)
	k := newTokens(w)
	for _, kind := range allKinds() {
		for _, method := range []string{"GET", "HEAD", "POST", "get"} {
			for _, state := range states() {
				e := event{kind: kind, method: method}.bearer(k.states[state])
				judged := slices.Contains([]string{"live", "revoked", "storage down"}, state)
				want := int64(0)
				if judged && (kind == socketKind || method != "GET" && method != "HEAD") {
					want = 1
				}
				w.store.reads.Store(0)
				w.ask(e)
				if got := w.store.reads.Load(); got != want {
					t.Errorf("%s %s, %s: %d reads, want %d", kind, method, state, got, want)
				}
			}
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
