package authorizer_test

import (
	"context"
	"encoding/json"
	"regexp"
	"testing"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// FuzzInvoke feeds any bytes to two authorizers. One finds every token bad and
// must never allow. The other finds every token good and every session live,
// and must never write a policy of another form than its own. Neither may
// panic.
func FuzzInvoke(f *testing.F) {
	w := newWorld(f, token.ES256)
	live := w.signIn("u1", "").Access
	for _, kind := range allKinds() {
		for _, method := range []string{"GET", "POST", "get"} {
			e := event{kind: kind, method: method}
			f.Add(e.encode())
			f.Add(e.bearer(live).encode())
			f.Add(e.cookie(live).encode())
			f.Add(event{kind: kind, method: method, path: "/*/:?", stage: "$default"}.bearer(live).with("X-HTTP-Method-Override", "PUT").encode())
		}
	}
	f.Add([]byte(`{"type":"TOKEN"}`))
	f.Add([]byte(`{"headers":{"a":[1]}}`))
	suspicious, credulous := w.config, w.config
	suspicious.Verifier = verifierFunc(func(context.Context, string) (token.Claims, error) { return token.Claims{}, token.ErrInvalid })
	credulous.Verifier = verifierFunc(func(context.Context, string) (token.Claims, error) { return token.Claims{Subject: "u1"}, nil })
	credulous.Sessions = checkerFunc(func(context.Context, token.Claims) (sessions.Session, error) { return sessions.Session{}, nil })
	no, err := authorizer.New(suspicious)
	must(f, err)
	yes, err := authorizer.New(credulous)
	must(f, err)
	form := regexp.MustCompile(shape)
	f.Fuzz(func(t *testing.T, payload []byte) {
		if r := sendBytes(t, no, payload); r.err == nil || r.err == authorizer.ErrInternal {
			t.Errorf("without a good token: %v, %v", r.PolicyDocument, r.err)
		}
		r := sendBytes(t, yes, payload)
		if r.err == authorizer.ErrInternal {
			t.Error("internal error")
		}
		for _, s := range r.PolicyDocument.Statement {
			for _, resource := range s.Resource {
				if s.Effect == "Allow" && !form.MatchString(resource) {
					t.Errorf("a policy allows %q", resource)
				}
			}
		}
		if text, err := json.Marshal(r.PolicyDocument); err != nil || len(text) > 4096 && r.err == nil {
			t.Errorf("a policy of %d bytes, %v", len(text), err)
		}
	})
}

// shape is what every resource of an allow looks like: no wildcard but the
// path's.
const shape = `^arn:[a-z-]+:execute-api:[a-z0-9-]+:[0-9]+:[a-z0-9]+/(\$default|[A-Za-z0-9_-]+)/(\$connect|[A-Z]{1,32}/\*)$`
