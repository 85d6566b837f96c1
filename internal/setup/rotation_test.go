package setup_test

import (
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/latchkey-auth/latchkey/internal/rotatekeys"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
)

// fleet is a stack of functions that run for days without a restart, each with
// keys that it loaded itself, under a clock that the test moves.
type fleet struct {
	now                                                time.Time
	authorizer, signUp, signIn, refresh, jwks, rotator lambda.Handler
}

// newFleet puts the functions on the stores of b.
func newFleet(t *testing.T, b api.Backends) *fleet {
	t.Helper()
	a := &fleet{now: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}
	cfg := a.build(t, b)
	b.Now, b.Log = func() time.Time { return a.now }, slog.New(slog.DiscardHandler)
	bootstrap(t, cfg, b)
	return a
}

// build starts every function anew, and returns their configuration.
func (a *fleet) build(t *testing.T, b api.Backends) setup.Config {
	t.Helper()
	b.Now, b.Log = func() time.Time { return a.now }, slog.New(slog.DiscardHandler)
	cfg, err := setup.FromEnv(env(map[string]string{"KEY_ROTATION_HOURS": "24"}))
	must(t, err)
	for handler, build := range map[*lambda.Handler]api.Constructor{
		&a.authorizer: api.Plain(setup.Authorizer(nil)), &a.signUp: api.SignUp, &a.signIn: api.SignIn, &a.refresh: api.Refresh, &a.jwks: api.JWKS, &a.rotator: api.Plain(rotatekeys.Build),
	} {
		if *handler, err = build(cfg, b); err != nil {
			t.Fatal(err)
		}
	}
	return cfg
}

// call returns a function's answer as text.
func (a *fleet) call(t *testing.T, h lambda.Handler, event map[string]any) string {
	t.Helper()
	text, err := json.Marshal(event)
	must(t, err)
	answer, err := h.Invoke(t.Context(), text)
	if err != nil {
		t.Fatalf("%v at %s = %v, want an answer", event["routeKey"], a.now, err)
	}
	return string(answer)
}

// tokens returns the tokens that a call hands out.
func (a *fleet) tokens(t *testing.T, h lambda.Handler, event map[string]any) (access, refresh string) {
	t.Helper()
	var answer struct{ Headers map[string]string }
	text := a.call(t, h, event)
	must(t, json.Unmarshal([]byte(text), &answer))
	access, refresh = answer.Headers["st-access-token"], answer.Headers["st-refresh-token"]
	if access == "" || refresh == "" {
		t.Fatalf("%v at %s = %s, want both tokens", event["routeKey"], a.now, text)
	}
	return access, refresh
}

func post(route, bearer, body string) map[string]any {
	headers := map[string]string{"content-type": "application/json", "st-auth-mode": "header", "rid": "anti-csrf"}
	if bearer != "" {
		headers["authorization"] = "Bearer " + bearer
	}
	return map[string]any{"version": "2.0", "routeKey": route, "headers": headers, "body": body}
}

// request is the authorizer's event for a request with the token.
func request(method, access string) map[string]any {
	e := post(method+" /notes", access, "")
	delete(e, "body")
	e["type"], e["routeArn"] = "REQUEST", "arn:aws:execute-api:us-east-1:123456789012:abc/$default/"+method+"/notes"
	e["requestContext"] = map[string]any{
		"apiId": "abc", "stage": "$default", "routeKey": method + " /notes", "http": map[string]string{"method": method, "path": "/notes"},
	}
	return e
}

// kidOf returns the id of the key that signed a token.
func kidOf(t *testing.T, access string) string {
	t.Helper()
	header, _, _ := strings.Cut(access, ".")
	var h struct{ KID string }
	text, err := base64.RawURLEncoding.DecodeString(header)
	if err != nil || json.Unmarshal(text, &h) != nil {
		t.Fatal("a token's header cannot be read")
	}
	return h.KID
}

// issued is a token and when it was handed out.
type issued struct {
	token string
	at    time.Time
}

// A user who refreshes every quarter of an hour stays signed in while the keys
// change three times, and none of the tokens is refused while it lasts. Tokens
// last an hour less up to 5 %, so four at least are good at any time.
func TestThreeRotationsRefuseNoToken(t *testing.T) {
	a := newFleet(t, inMemory("SESSIONS_TABLE", "KEYS_TABLE", "KMS_KEY_ID", "ACCOUNTS_TABLE"))
	access, refresh := a.tokens(t, a.signUp, post("POST /auth/signup", "", credentials(birches)))
	good, signers := []issued{{access, a.now}}, map[string]bool{kidOf(t, access): true}
	daily := map[string]any{"source": "aws.events"}
	for step := 1; len(signers) < 4 && step < 7*24*4; step++ {
		a.now = a.now.Add(15 * time.Minute)
		if step%96 == 40 { // once a day, at ten o'clock
			a.call(t, a.rotator, daily)
		}
		access, refresh = a.tokens(t, a.refresh, post("POST /auth/session/refresh", refresh, ""))
		signers[kidOf(t, access)] = true
		good = append(good, issued{access, a.now})
		for a.now.Sub(good[0].at) >= 57*time.Minute {
			good = good[1:]
		}
		a.verifyAll(t, good)
	}
	if len(signers) < 4 {
		t.Errorf("%d keys signed within a week, want 4", len(signers))
	}
}

// verifyAll asks the authorizer about every token, and looks for its key in
// the key set that other verifiers load.
func (a *fleet) verifyAll(t *testing.T, good []issued) {
	t.Helper()
	set := a.call(t, a.jwks, map[string]any{"version": "2.0", "routeKey": "GET /auth/jwt/jwks.json"})
	for _, g := range good {
		for _, method := range []string{"GET", "POST"} {
			if answer := a.call(t, a.authorizer, request(method, g.token)); !strings.Contains(answer, `"Effect":"Allow"`) {
				t.Fatalf("%s at %s with a token of %s = %s, want Allow", method, a.now, g.at, answer)
			}
		}
		if !strings.Contains(set, kidOf(t, g.token)) {
			t.Fatalf("the key set at %s lacks the key of a token of %s", a.now, g.at)
		}
	}
}
