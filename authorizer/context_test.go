package authorizer_test

import (
	"context"
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

// The context reads the same on all kinds of events.
func TestContextOfAnAllow(t *testing.T) {
	w := newWorld(t, token.ES256)
	const claims = `{"st-role":{"v":["admin"],"t":1}}`
	g := w.signIn("user-ü", claims)
	w.clock.Advance(10 * time.Second)
	want := map[string]string{
		"latchkey": "1", "user": "user-ü", "recipeUser": "user-ü", "tenant": "public", "handle": g.Session.Handle.String(),
		"expires": strconv.FormatInt(g.Claims.Expires.Unix(), 10), "decided": strconv.FormatInt(w.clock.Now().Unix(), 10),
		"payload": claims,
	}
	for _, kind := range allKinds() {
		for method, checked := range map[string]string{"GET": "token", "POST": "store"} {
			if kind == socketKind {
				checked = "store"
			}
			want["checked"] = checked
			r := w.send(w.authorizer(), event{kind: kind, method: method}.bearer(g.Access))
			if !maps.Equal(r.Context, want) {
				t.Errorf("%s %s: context = %v, want %v", kind, method, r.Context, want)
			}
			if r.PrincipalID != "user-ü" {
				t.Errorf("%s %s: principalId = %q", kind, method, r.PrincipalID)
			}
		}
	}
}

func TestContextWithoutClaims(t *testing.T) {
	w := newWorld(t, token.ES256)
	g := w.signIn("u1", "")
	for _, method := range []string{"GET", "POST"} {
		r := w.send(w.authorizer(), event{kind: http2Kind, method: method}.bearer(g.Access))
		if r.Context["payload"] != "{}" {
			t.Errorf("%s: payload = %q, want {}", method, r.Context["payload"])
		}
	}
}

func TestContextOfAnAnonymousCaller(t *testing.T) {
	w := newWorld(t, token.ES256)
	w.config.Rules = []authorizer.Rule{{Route: "GET /notes", Session: authorizer.Optional}}
	r := w.send(w.authorizer(), event{kind: http2Kind, method: "GET"})
	want := map[string]string{"latchkey": "1", "anonymous": "1", "checked": "token", "decided": strconv.FormatInt(w.clock.Now().Unix(), 10)}
	if !maps.Equal(r.Context, want) || r.PrincipalID != "anonymous" {
		t.Errorf("context = %v of %q, want %v of anonymous", r.Context, r.PrincipalID, want)
	}
}

// On a checked request the store's claims count, so a change of them acts at
// once; a read sees them with its next token.
func TestChangedClaimsActAtOnce(t *testing.T) {
	w := newWorld(t, token.ES256)
	w.config.Global = []authorizer.Validator{authorizer.Includes("st-role", "admin")}
	g := w.signIn("u1", `{"st-role":{"v":["admin"],"t":1}}`)
	_, _, err := w.manager.MergeClaims(context.Background(), g.Session.Handle, json.RawMessage(`{"st-role":{"v":[],"t":2}}`), nil)
	must(t, err)
	for method, want := range map[string]string{"GET": "allow", "POST": "403"} {
		if got := w.ask(event{kind: http2Kind, method: method}.bearer(g.Access)); got != want {
			t.Errorf("%s after the role was taken away = %s, want %s", method, got, want)
		}
	}
	_, _, err = w.manager.MergeClaims(context.Background(), g.Session.Handle, json.RawMessage(`{"st-role":{"v":["admin","x"],"t":3}}`), nil)
	must(t, err)
	r := w.send(w.authorizer(), event{kind: http2Kind, method: "POST"}.bearer(g.Access))
	if want := `{"st-role":{"v":["admin","x"],"t":3}}`; r.Context["payload"] != want {
		t.Errorf("payload = %s, want %s", r.Context["payload"], want)
	}
}

// A denial for claims carries FDI's body for the gateway to print, names what
// failed, and is no caller for a backend.
func TestContextOfADenial(t *testing.T) {
	w := newWorld(t, token.ES256)
	w.config.Global = []authorizer.Validator{authorizer.True("st-ev"), authorizer.Includes("st-role", "admin")}
	e := event{kind: requestKind, method: "GET"}.bearer(w.signIn("u1", `{"st-ev":{"v":false,"t":1}}`).Access)
	r := w.send(w.authorizer(), e)
	want := map[string]string{
		"error":  "invalid claim",
		"failed": "st-ev,st-role",
		"body": `{"message":"invalid claim","claimValidationErrors":[` +
			`{"id":"st-ev","reason":{"actualValue":false,"expectedValue":true,"message":"wrong value"}},` +
			`{"id":"st-role","reason":{"expectedToInclude":"admin","message":"value does not exist"}}]}`,
	}
	if !maps.Equal(r.Context, want) || r.outcome(e) != "403" {
		t.Errorf("context = %v, %s, want %v, 403", r.Context, r.outcome(e), want)
	}
}
