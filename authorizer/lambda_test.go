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

// What a dependency answers becomes one of five answers, whose text says nothing
// more; the reason is logged. The gateway compares the message of a refusal, so
// it must be that word and nothing around it.
func TestAnswersOfDependencies(t *testing.T) {
	const detail = "table at 192.0.2.7 says no"
	for _, test := range []struct {
		name          string
		verify, check error
		user          string
		want          error
		logged        string
		checked       bool
	}{
		{"all is well", nil, nil, "u1", nil, "", true},
		{"nobody, and no error", nil, nil, "", authorizer.ErrUnauthorized, "", false},
		{"invalid", fmt.Errorf("%w: "+detail, token.ErrInvalid), nil, "u1", authorizer.ErrUnauthorized, "", false},
		{"expired", fmt.Errorf("%w: "+detail, token.ErrExpired), nil, "u1", authorizer.ErrUnauthorized, "", false},
		{"keys unavailable", fmt.Errorf("%w: "+detail, token.ErrUnavailable), nil, "u1", authorizer.ErrUnavailable, detail, false},
		{"an unknown error of the verifier", errors.New(detail), nil, "u1", authorizer.ErrUnavailable, detail, false},
		{"ended", nil, fmt.Errorf("%w: "+detail, sessions.ErrEnded), "u1", authorizer.ErrUnauthorized, "", true},
		{"storage unavailable", nil, fmt.Errorf("%w: "+detail, sessions.ErrUnavailable), "u1", authorizer.ErrUnavailable, detail, true},
		{"corrupt", nil, fmt.Errorf("%w: "+detail, sessions.ErrCorrupt), "u1", authorizer.ErrUnavailable, detail, true},
		{"not found, which Check does not return", nil, fmt.Errorf("%w: "+detail, sessions.ErrNotFound), "u1", authorizer.ErrUnavailable, detail, true},
		{"time is up", nil, context.DeadlineExceeded, "u1", authorizer.ErrUnavailable, "deadline", true},
		{"a panic", nil, nil, "panic", authorizer.ErrInternal, "panicked", false},
	} {
		w := newWorld(t, token.ES256)
		live, checked := w.signIn("u1", "").Access, false
		w.config.Verifier = verifierFunc(func(_ context.Context, raw string) (token.Claims, error) {
			if test.user == "panic" {
				panic("bad token " + raw)
			}
			return token.Claims{Subject: test.user}, test.verify
		})
		w.config.Sessions = checkerFunc(func(context.Context, token.Claims) (sessions.Session, error) {
			checked = true
			return sessions.Session{}, test.check
		})
		r := w.send(w.authorizer(), event{kind: http2Kind, method: "POST"}.bearer(live))
		if r.err != test.want || checked != test.checked {
			t.Errorf("%s: %v, checked %v, want %v, %v", test.name, r.err, checked, test.want, test.checked)
		}
		log := w.log.String()
		if (log == "") != (test.logged == "") || !strings.Contains(log, test.logged) || strings.Contains(log, live) {
			t.Errorf("%s: logged %q, want %q without the token", test.name, log, test.logged)
		}
	}
	if text := authorizer.ErrUnauthorized.Error(); text != "Unauthorized" {
		t.Errorf("a refusal says %q, want Unauthorized", text)
	}
}

// The check has recent keys loaded, and what was verified with older ones is
// judged once more: a token of a key that was revoked meanwhile does not pass,
// and none where another session's would take its place.
func TestKeysLoadedByTheCheckCount(t *testing.T) {
	for _, test := range []struct {
		then    error
		session string
		want    error
	}{
		{nil, "", nil}, {nil, "another", authorizer.ErrUnauthorized},
		{token.ErrInvalid, "", authorizer.ErrUnauthorized}, {token.ErrUnavailable, "", authorizer.ErrUnavailable},
	} {
		w := newWorld(t, token.ES256)
		live := w.signIn("u1", "").Access
		var session string
		var verdict error
		w.config.Verifier = verifierFunc(func(context.Context, string) (token.Claims, error) {
			return token.Claims{Subject: "u1", Handle: session}, verdict
		})
		w.config.Sessions = checkerFunc(func(context.Context, token.Claims) (sessions.Session, error) {
			session, verdict = test.session, test.then
			return sessions.Session{}, nil
		})
		if r := w.send(w.authorizer(), event{kind: http2Kind, method: "POST"}.bearer(live)); r.err != test.want {
			t.Errorf("a token of which the keys of the check say %v %s = %v, want %v", test.then, test.session, r.err, test.want)
		}
	}
}

// Bytes that are no event of a known kind are an error: an event is of a kind
// only if its type and its version say so, both. Members that are new or null do
// not disturb. A header that is there twice is two, also where the text of the
// event repeats a name or spells it with escapes.
func TestEventsThatAreNone(t *testing.T) {
	w := newWorld(t, token.ES256)
	live := w.signIn("u1", "").Access
	good := string(event{kind: http2Kind, method: "GET"}.bearer(live).encode())
	header := `"authorization":"Bearer ` + live + `"`
	const arn = `"arn:aws:execute-api:eu-west-1:123456789012:abcdef123/prod/GET/x"`
	replace := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("nothing to replace: %s", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	for want, payloads := range map[error]map[string]string{
		nil: {
			"the event as it should be":     good,
			"headers null, several values":  `{"type":"REQUEST","methodArn":` + arn + `,"httpMethod":"GET","requestContext":{"httpMethod":"GET","new":[{}]},"headers":null,"multiValueHeaders":{"Authorization":["Bearer ` + live + `"],"X":["1","2"]}}`,
			"several values null":           `{"type":"REQUEST","methodArn":` + arn + `,"httpMethod":"GET","requestContext":{"httpMethod":"GET"},"headers":{"X":"1","Authorization":"Bearer ` + live + `"},"multiValueHeaders":null}`,
			"a header null":                 `{"version":"2.0","type":"REQUEST","routeArn":` + arn + `,"headers":{"rid":null,` + header + `},"requestContext":{"http":{"method":"GET"}}}`,
			"cookies in the headers of 2.0": `{"version":"2.0","type":"REQUEST","routeArn":` + arn + `,"headers":{"Cookie":"sAccessToken=` + live + `"},"requestContext":{"http":{"method":"GET"}}}`,
		},
		authorizer.ErrEvent: {
			"nothing": "", "null": "null", "a list": "[]", "text": `"x"`, "an empty object": "{}", "cut off": good[:len(good)-1], "two values": good + good,
			"version as a number":  replace(`"2.0"`, `2.0`),
			"names in capitals":    replace(`"routeArn"`, `"RouteArn"`),
			"headers as a list":    replace(`"headers":{`, `"headers":[],"x":{`),
			"headers as text":      replace(`"headers":{`, `"headers":"authorization","x":{`),
			"a header as a number": replace(header, `"authorization":1`),
			"a header in a header": replace(header, `"authorization":[["Bearer `+live+`"]]`),
			"cookies as a number":  replace(`"cookies":null`, `"cookies":1`),
			"cookies in cookies":   replace(`"cookies":null`, `"cookies":[["x"]]`),
			"context as text":      replace(`"requestContext":{`, `"requestContext":"x","x":{`),
			"a REST message":       `{"type":"REQUEST","methodArn":"arn:aws:execute-api:r:1:a/s/GET/","requestContext":{"eventType":"MESSAGE"}}`,
			"a TOKEN of version 2": `{"version":"2.0","type":"TOKEN","methodArn":"arn:aws:execute-api:r:1:a/s/GET/","authorizationToken":"Bearer x"}`,
		},
		authorizer.ErrUnauthorized: {
			"a header twice":           replace(header, header+","+header),
			"headers twice":            replace(`"headers":{`, `"headers":{`+header+`},"headers":{`),
			"a header with an escape":  replace(header, header+`,"\u0061uthorization":"Bearer `+live+`"`),
			"a header that is a list":  replace(header, `"authorization":["Bearer `+live+`","Bearer `+live+`"]`),
			"a header as a list of no": replace(header, `"authorization":[]`),
		},
	} {
		for name, payload := range payloads {
			if r := sendBytes(t, w.authorizer(), []byte(payload)); r.err != want {
				t.Errorf("%s: %v, want %v", name, r.err, want)
			}
		}
	}
	for _, kind := range allKinds() {
		for member, value := range map[string]string{"type": "OTHER", "version": "3.0"} {
			var e map[string]any
			must(t, json.Unmarshal(event{kind: kind, method: "GET"}.bearer(live).encode(), &e))
			e[member] = value
			if r := sendBytes(t, w.authorizer(), encode(e)); r.err != authorizer.ErrEvent {
				t.Errorf("%s with the %s %s = %v, want %v", kind, member, value, r.err, authorizer.ErrEvent)
			}
		}
	}
	if strings.Contains(w.log.String(), live) {
		t.Error("the log of unreadable events holds a token")
	}
	w.store.down.Store(true)
	override := replace(header, header+`,"x-http-method\u002doverride":"POST"`)
	if r := sendBytes(t, w.authorizer(), []byte(override)); r.err != authorizer.ErrUnavailable {
		t.Errorf("a method override with an escape: %v, want %v", r.err, authorizer.ErrUnavailable)
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
				live, revoked := w.send(a, e.bearer(k.states["live"])).outcome(e), w.send(a, e.bearer(k.states["revoked"])).outcome(e)
				if live != "allow" || revoked != "401" {
					t.Errorf("%s POST, live = %s, revoked = %s, want allow, 401", kind, live, revoked)
				}
			}
		})
	}
	wg.Wait()
}
