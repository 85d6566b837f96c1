package setup_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
)

// stack is the functions of a stack, each with keys that it loaded itself,
// under a clock that the test moves.
type stack struct {
	t         *testing.T
	now       time.Time
	functions map[string]lambda.Handler
}

// newStack starts every function over b, at the turn of a year, with these
// variables set.
func newStack(t *testing.T, b api.Backends, variables map[string]string) *stack {
	t.Helper()
	s := &stack{t: t, now: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), functions: map[string]lambda.Handler{}}
	b.Now = func() time.Time { return s.now }
	cfg, err := setup.FromEnv(env(variables))
	must(t, err)
	for name, function := range functions() {
		s.functions[name], err = function.build(cfg, b)
		must(t, err)
	}
	settings := map[string]any{"action": "configure", "issuer": "https://api.example.com/auth", "apiId": "abc"}
	if a := s.send("rotatekeys", settings); a.err != nil {
		t.Fatal(a.err)
	}
	return s
}

// answer is what a function answers with.
type answer struct {
	StatusCode     int
	Body           string
	Headers        map[string]string
	PolicyDocument struct{ Statement []struct{ Effect string } }
	err            error
}

func (a answer) access() string  { return a.Headers["st-access-token"] }
func (a answer) refresh() string { return a.Headers["st-refresh-token"] }

// send hands an event to a function, whatever comes of it.
func (s *stack) send(function string, event map[string]any) (a answer) {
	s.t.Helper()
	text, err := json.Marshal(event)
	must(s.t, err)
	var out []byte
	if out, a.err = s.functions[function].Invoke(s.t.Context(), text); a.err == nil {
		must(s.t, json.Unmarshal(out, &a))
	}
	return a
}

const (
	birches   = "nine tall birches by the river"
	keysRoute = "GET /auth/jwt/jwks.json"
)

// signUp and signIn hand in what ada remembers as the password, and refresh
// her token.
func (s *stack) signUp() answer {
	return s.send("signup", post("POST /auth/signup", "", credentials(birches)))
}

func (s *stack) signIn(password string) answer {
	return s.send("signin", post("POST /auth/signin", "", credentials(password)))
}

func (s *stack) refresh(token string) answer {
	return s.send("refresh", post("POST /auth/session/refresh", token, ""))
}

func credentials(password string) string {
	return fmt.Sprintf(`{"formFields":[{"id":"email","value":"ada@example.com"},{"id":"password","value":%q}]}`, password)
}

// passes reports whether the authorizer lets a request with the token through.
func (s *stack) passes(method, access string) bool {
	s.t.Helper()
	a := s.send("authorizer", request(method, access))
	return a.err == nil && a.PolicyDocument.Statement[0].Effect == "Allow"
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
		t.Fatalf("the header of the token %q cannot be read", access)
	}
	return h.KID
}
