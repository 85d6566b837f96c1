package authorizer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

var _ lambda.Handler = (*authorizer.Authorizer)(nil)

// verifierFunc is a Verifier made of one function.
type verifierFunc func(context.Context, string) (token.Claims, error)

func (f verifierFunc) Verify(ctx context.Context, raw string) (token.Claims, error) {
	return f(ctx, raw)
}

func (f verifierFunc) Ours(ctx context.Context, raw string) (bool, error) {
	if _, err := f(ctx, raw); errors.Is(err, token.ErrUnavailable) {
		return false, err
	}
	return true, nil
}

// checkerFunc is a Checker made of one function.
type checkerFunc func(context.Context, token.Claims) (sessions.Session, error)

func (f checkerFunc) Check(ctx context.Context, c token.Claims) (sessions.Session, error) {
	return f(ctx, c)
}

// The gateway compares the whole message, so it must be that word and
// nothing around it.
func TestUnauthorizedIsTheExactError(t *testing.T) {
	w := newWorld(t, token.ES256)
	r := w.send(w.authorizer(), event{kind: tokenKind, method: "GET"})
	if r.err != authorizer.ErrUnauthorized || r.err.Error() != "Unauthorized" {
		t.Errorf("Invoke = %#v, want ErrUnauthorized itself", r.err)
	}
}

// What a dependency answers becomes one of four answers, whose text says
// nothing more; the reason is logged.
func TestAnswersOfDependencies(t *testing.T) {
	const detail = "table at 192.0.2.7 says no"
	for _, test := range []struct {
		name            string
		verify, check   error
		want            error
		logged, checked bool
	}{
		{"all is well", nil, nil, nil, false, true},
		{"invalid", fmt.Errorf("%w: "+detail, token.ErrInvalid), nil, authorizer.ErrUnauthorized, false, false},
		{"expired", fmt.Errorf("%w: "+detail, token.ErrExpired), nil, authorizer.ErrUnauthorized, false, false},
		{"keys unavailable", fmt.Errorf("%w: "+detail, token.ErrUnavailable), nil, authorizer.ErrUnavailable, true, false},
		{"an unknown error of the verifier", errors.New(detail), nil, authorizer.ErrUnavailable, true, false},
		{"ended", nil, fmt.Errorf("%w: "+detail, sessions.ErrEnded), authorizer.ErrUnauthorized, false, true},
		{"storage unavailable", nil, fmt.Errorf("%w: "+detail, sessions.ErrUnavailable), authorizer.ErrUnavailable, true, true},
		{"corrupt", nil, fmt.Errorf("%w: "+detail, sessions.ErrCorrupt), authorizer.ErrUnavailable, true, true},
		{"not found, which Check does not return", nil, fmt.Errorf("%w: "+detail, sessions.ErrNotFound), authorizer.ErrUnavailable, true, true},
		{"time is up", nil, context.DeadlineExceeded, authorizer.ErrUnavailable, true, true},
	} {
		w := newWorld(t, token.ES256)
		live := w.signIn("u1", "").Access
		checked := false
		w.config.Verifier = verifierFunc(func(context.Context, string) (token.Claims, error) {
			return token.Claims{Subject: "u1"}, test.verify
		})
		w.config.Sessions = checkerFunc(func(context.Context, token.Claims) (sessions.Session, error) {
			checked = true
			return sessions.Session{}, test.check
		})
		r := w.send(w.authorizer(), event{kind: http2Kind, method: "POST"}.bearer(live))
		if r.err != test.want || checked != test.checked {
			t.Errorf("%s: %v, checked %v, want %v, %v", test.name, r.err, checked, test.want, test.checked)
		}
		if got := w.log.Len() > 0; got != test.logged || strings.Contains(w.log.String(), live) {
			t.Errorf("%s: logged %q, want a line: %v", test.name, w.log, test.logged)
		}
	}
}

// The check has recent keys loaded, and what was verified with older ones is
// judged once more: a token of a key that was revoked meanwhile does not pass.
func TestKeysLoadedByTheCheckCount(t *testing.T) {
	for _, test := range []struct{ then, want error }{
		{nil, nil}, {token.ErrInvalid, authorizer.ErrUnauthorized}, {token.ErrUnavailable, authorizer.ErrUnavailable},
	} {
		w := newWorld(t, token.ES256)
		live := w.signIn("u1", "").Access
		var verdict error
		w.config.Verifier = verifierFunc(func(context.Context, string) (token.Claims, error) {
			return token.Claims{Subject: "u1"}, verdict
		})
		w.config.Sessions = checkerFunc(func(context.Context, token.Claims) (sessions.Session, error) {
			verdict = test.then
			return sessions.Session{}, nil
		})
		if r := w.send(w.authorizer(), event{kind: http2Kind, method: "POST"}.bearer(live)); r.err != test.want {
			t.Errorf("a token of which the keys of the check say %v = %v, want %v", test.then, r.err, test.want)
		}
	}
}

// A verifier that returns no error and nobody has not said yes.
func TestClaimsOfNobodyAreRefused(t *testing.T) {
	w := newWorld(t, token.ES256)
	live := w.signIn("u1", "").Access
	w.config.Verifier = verifierFunc(func(context.Context, string) (token.Claims, error) { return token.Claims{}, nil })
	if got := w.ask(event{kind: http2Kind, method: "GET"}.bearer(live)); got != "401" {
		t.Errorf("GET = %s, want 401", got)
	}
}

func TestPanicIsAnError(t *testing.T) {
	w := newWorld(t, token.ES256)
	live := w.signIn("u1", "").Access
	w.config.Verifier = verifierFunc(func(_ context.Context, raw string) (token.Claims, error) { panic("bad token " + raw) })
	r := w.send(w.authorizer(), event{kind: http2Kind, method: "GET"}.bearer(live))
	if r.err != authorizer.ErrInternal {
		t.Errorf("Invoke = %v, want %v", r.err, authorizer.ErrInternal)
	}
	if log := w.log.String(); !strings.Contains(log, "panicked") || strings.Contains(log, live) {
		t.Errorf("log = %s, want the panic without its token", log)
	}
}

// An event is of a kind only if its type and its version say so, both.
func TestEveryKindSaysWhatItIs(t *testing.T) {
	w := newWorld(t, token.ES256)
	live := w.signIn("u1", "").Access
	for _, kind := range allKinds() {
		for name, change := range map[string]func(map[string]any){
			"another type":    func(e map[string]any) { e["type"] = "OTHER" },
			"no type":         func(e map[string]any) { delete(e, "type") },
			"another version": func(e map[string]any) { e["version"] = "3.0" },
		} {
			var e map[string]any
			must(t, json.Unmarshal(event{kind: kind, method: "GET"}.bearer(live).encode(), &e))
			change(e)
			if r := sendBytes(t, w.authorizer(), encode(e)); r.err != authorizer.ErrEvent {
				t.Errorf("%s with %s = %v, want %v", kind, name, r.err, authorizer.ErrEvent)
			}
		}
	}
}

func TestEventsThatAreNone(t *testing.T) {
	w := newWorld(t, token.ES256)
	live := w.signIn("u1", "").Access
	good := string(event{kind: http2Kind, method: "GET"}.bearer(live).encode())
	if r := sendBytes(t, w.authorizer(), []byte(good)); r.err != nil {
		t.Fatalf("the event as it should be: %v", r.err)
	}
	replace := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("nothing to replace: %s", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	for name, payload := range map[string]string{
		"nothing":              "",
		"null":                 "null",
		"a list":               "[]",
		"text":                 `"x"`,
		"an empty object":      "{}",
		"cut off":              good[:len(good)-1],
		"two values":           good + good,
		"unknown version":      replace(`"2.0"`, `"3.0"`),
		"version as a number":  replace(`"2.0"`, `2.0`),
		"unknown type":         replace(`"REQUEST"`, `"RESPONSE"`),
		"names in capitals":    replace(`"routeArn"`, `"RouteArn"`),
		"headers as a list":    replace(`"headers":{`, `"headers":[],"x":{`),
		"headers as text":      replace(`"headers":{`, `"headers":"authorization","x":{`),
		"a header as a number": replace(`"authorization":"Bearer `+live+`"`, `"authorization":1`),
		"a header in a header": replace(`"authorization":"Bearer `+live+`"`, `"authorization":[["Bearer `+live+`"]]`),
		"cookies as a number":  replace(`"cookies":null`, `"cookies":1`),
		"cookies in cookies":   replace(`"cookies":null`, `"cookies":[["x"]]`),
		"context as text":      replace(`"requestContext":{`, `"requestContext":"x","x":{`),
		"a REST message":       `{"type":"REQUEST","methodArn":"arn:aws:execute-api:r:1:a/s/GET/","requestContext":{"eventType":"MESSAGE"}}`,
		"a TOKEN of version 2": `{"version":"2.0","type":"TOKEN","methodArn":"arn:aws:execute-api:r:1:a/s/GET/","authorizationToken":"Bearer x"}`,
	} {
		if r := sendBytes(t, w.authorizer(), []byte(payload)); r.err != authorizer.ErrEvent {
			t.Errorf("%s: %v, want %v", name, r.err, authorizer.ErrEvent)
		}
	}
	if strings.Contains(w.log.String(), live) {
		t.Error("the log of unreadable events holds a token")
	}
}

// A header that is there twice is two headers, also where the text of the
// event repeats a name or spells it with escapes.
func TestRepeatedNamesHideNothing(t *testing.T) {
	w := newWorld(t, token.ES256)
	live := w.signIn("u1", "").Access
	good := string(event{kind: http2Kind, method: "GET"}.bearer(live).encode())
	header := `"authorization":"Bearer ` + live + `"`
	for name, changed := range map[string]string{
		"a header twice":           strings.Replace(good, header, header+","+header, 1),
		"headers twice":            strings.Replace(good, `"headers":{`, `"headers":{`+header+`},"headers":{`, 1),
		"a header with an escape":  strings.Replace(good, header, header+`,"\u0061uthorization":"Bearer `+live+`"`, 1),
		"a header that is a list":  strings.Replace(good, header, `"authorization":["Bearer `+live+`","Bearer `+live+`"]`, 1),
		"a header as a list of no": strings.Replace(good, header, `"authorization":[]`, 1),
	} {
		if r := sendBytes(t, w.authorizer(), []byte(changed)); changed == good || r.err != authorizer.ErrUnauthorized {
			t.Errorf("%s: %v, want %v", name, r.err, authorizer.ErrUnauthorized)
		}
	}
	override := strings.Replace(good, header, header+`,"x-http-method\u002doverride":"POST"`, 1)
	w.store.down.Store(true)
	if r := sendBytes(t, w.authorizer(), []byte(override)); r.err != authorizer.ErrUnavailable {
		t.Errorf("a method override with an escape: %v, want %v", r.err, authorizer.ErrUnavailable)
	}
}

// Members that are new or null do not disturb.
func TestEventsWithMoreOrLess(t *testing.T) {
	w := newWorld(t, token.ES256)
	live := w.signIn("u1", "").Access
	arn := `"arn:aws:execute-api:eu-west-1:123456789012:abcdef123/prod/GET/x"`
	for name, payload := range map[string]string{
		"headers null, several values":  `{"type":"REQUEST","methodArn":` + arn + `,"httpMethod":"GET","requestContext":{"httpMethod":"GET","new":[{}]},"headers":null,"multiValueHeaders":{"Authorization":["Bearer ` + live + `"],"X":["1","2"]}}`,
		"several values null":           `{"type":"REQUEST","methodArn":` + arn + `,"httpMethod":"GET","requestContext":{"httpMethod":"GET"},"headers":{"X":"1","Authorization":"Bearer ` + live + `"},"multiValueHeaders":null}`,
		"a header null":                 `{"version":"2.0","type":"REQUEST","routeArn":` + arn + `,"headers":{"rid":null,"authorization":"Bearer ` + live + `"},"requestContext":{"http":{"method":"GET"}}}`,
		"cookies in the headers of 2.0": `{"version":"2.0","type":"REQUEST","routeArn":` + arn + `,"headers":{"Cookie":"sAccessToken=` + live + `"},"requestContext":{"http":{"method":"GET"}}}`,
	} {
		if r := sendBytes(t, w.authorizer(), []byte(payload)); r.err != nil {
			t.Errorf("%s: %v, want an allow", name, r.err)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	w := newWorld(t, token.ES256)
	w.config.Metrics = &bytes.Buffer{}
	w.config.Rules = []authorizer.Rule{{Route: "GET /greeting", Session: authorizer.Optional}}
	k := newTokens(w)
	a := w.authorizer()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, kind := range allKinds() {
				e := event{kind: kind, method: "POST"}
				if got := w.send(a, e.bearer(k.states["live"])).outcome(e); got != "allow" {
					t.Errorf("%s POST, live = %s, want allow", kind, got)
				}
				if got := w.send(a, e.bearer(k.states["revoked"])).outcome(e); got != "401" {
					t.Errorf("%s POST, revoked = %s, want 401", kind, got)
				}
			}
		})
	}
	wg.Wait()
}
