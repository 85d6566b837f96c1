package authorizer_test

import (
	"cmp"
	"encoding/json"
	"maps"
	"strconv"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

func encode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return text
}

// The context reads the same on all kinds of events, regardless of who calls.
func TestContextOfAnAllow(t *testing.T) {
	w := newWorld(t, token.ES256)
	const claims = `{"st-role":{"v":["admin"],"t":1}}`
	for _, text := range []string{"", claims} {
		payload := cmp.Or(text, "{}")
		g := w.signIn("user-ü", text)
		w.clock.Advance(10 * time.Second)
		decided := strconv.FormatInt(w.clock.Now().Unix(), 10)
		want := map[string]string{
			"latchkey": "1", "user": "user-ü", "recipeUser": "user-ü", "tenant": "public", "handle": g.Session.Handle.String(),
			"expires": strconv.FormatInt(g.Claims.Expires.Unix(), 10), "decided": decided, "payload": payload,
		}
		stranger := map[string]string{"latchkey": "1", "anonymous": "1", "checked": "token", "decided": decided}
		for _, kind := range allKinds() {
			for method, checked := range map[string]string{"GET": "token", "POST": "store"} {
				want["checked"] = map[bool]string{true: "store", false: checked}[kind == socketKind]
				e := event{kind: kind, method: method, alias: "optional"}
				r := w.send(w.authorizer(), e.bearer(g.Access))
				if !maps.Equal(r.Context, want) || r.PrincipalID != "user-ü" {
					t.Errorf("%s %s: context = %v of %q, want %v", kind, method, r.Context, r.PrincipalID, want)
				}
				if r := w.send(w.authorizer(), e); !maps.Equal(r.Context, stranger) || r.PrincipalID != "anonymous" {
					t.Errorf("%s %s: context = %v of %q, want %v of anonymous", kind, method, r.Context, r.PrincipalID, stranger)
				}
			}
		}
	}
}

// On a checked request the store's claims count, so a change of them acts at
// once; a read sees them with its next token.
func TestChangedClaimsActAtOnce(t *testing.T) {
	w := newWorld(t, token.ES256)
	w.config.Global = []authorizer.Validator{authorizer.Includes("st-role", "admin")}
	g := w.signIn("u1", `{"st-role":{"v":["admin"],"t":1}}`)
	for _, test := range []struct{ claims, get, post string }{
		{`{"st-role":{"v":[],"t":2}}`, "allow", "403"},
		{`{"st-role":{"v":["admin","x"],"t":3}}`, "allow", "allow"},
	} {
		w.merge("u1", test.claims)
		get, post := event{kind: http2Kind, method: "GET"}.bearer(g.Access), event{kind: http2Kind, method: "POST"}.bearer(g.Access)
		r := w.send(w.authorizer(), post)
		if got := w.ask(get); got != test.get || r.outcome(post) != test.post || test.post == "allow" && r.Context["payload"] != test.claims {
			t.Errorf("with %s: GET %s, POST %s with %s, want %s, %s", test.claims, got, r.outcome(post), r.Context["payload"], test.get, test.post)
		}
	}
}

// A denial says why, in FDI's words where claims are missing, for the gateway to
// print, and is no caller for a backend.
func TestContextOfADenial(t *testing.T) {
	w := newWorld(t, token.ES256)
	live := w.signIn("u1", `{"st-ev":{"v":false,"t":1}}`).Access
	w.config.Global = []authorizer.Validator{authorizer.True("st-ev"), authorizer.Includes("st-role", "admin")}
	for _, test := range []struct {
		e    event
		want map[string]string
	}{
		{event{kind: requestKind, method: "GET"}.bearer(live), map[string]string{
			"error":  "invalid claim",
			"failed": "st-ev,st-role",
			"body": `{"message":"invalid claim","claimValidationErrors":[` +
				`{"id":"st-ev","reason":{"actualValue":false,"expectedValue":true,"message":"wrong value"}},` +
				`{"id":"st-role","reason":{"expectedToInclude":"admin","message":"value does not exist"}}]}`,
		}},
		{event{kind: requestKind, method: "POST"}.cookie(live).with("Origin", "https://evil.example"),
			map[string]string{"error": "origin not allowed", "body": `{"message":"origin not allowed"}`}},
		{event{kind: requestKind, method: "get", alias: "optional"},
			map[string]string{"error": "method not allowed", "body": `{"message":"method not allowed"}`}},
	} {
		if r := w.send(w.authorizer(), test.e); !maps.Equal(r.Context, test.want) || r.outcome(test.e) != "403" {
			t.Errorf("%s: context = %v, %s, want %v, 403", test.e.method, r.Context, r.outcome(test.e), test.want)
		}
	}
}
