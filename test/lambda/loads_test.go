//go:build dynamodb && bench

package lambda_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// load is what a function is measured with.
type load struct {
	function, what string
	calls          int
	want           string // stands in every answer
	event          func(i int) []byte
}

// loads returns the most frequent event of every function, and both kinds of
// the authorizer's. What is throttled comes from a new address each time.
func (s *stack) loads(t *testing.T) []load {
	t.Helper()
	configure := `{"action":"configure","issuer":"` + issuer + `","apiId":"` + apiID + `"}`
	if _, err := s.invoke(t.Context(), "RotateKeysFunction", []byte(configure)); err != nil {
		t.Fatal(err)
	}
	c := s.client(t)
	first, firstRefresh := c.Post("/auth/signup", s.form(ada, adas)).Want(200).Tokens()
	c.Bearer = firstRefresh
	access, refresh := c.Post("/auth/session/refresh", "").Want(200).Tokens()
	revoked, _ := s.signIn(t, ada, adas)
	session, over := claims(t, first).Handle, claims(t, revoked.Bearer).Handle

	const ok = `"statusCode":2`
	same := func(event []byte) func(int) []byte { return func(int) []byte { return event } }
	return []load{
		{noOp, "anything", calls, "{}", same([]byte("{}"))},
		{"AuthorizerFunction", "GET", calls, `"Allow"`, same(authorizerEvent("GET", access))},
		{"AuthorizerFunction", "POST", calls, `"Allow"`, same(authorizerEvent("POST", access))},
		{"RefreshFunction", "refresh", calls, ok, same(call{route: "POST /auth/session/refresh", bearer: refresh}.event())},
		{"RevokeFunction", "revoke", calls, ok, same(call{route: "DELETE /admin/sessions/{handle}", handle: over, admin: true}.event())},
		{"DataFunction", "read", calls, ok, same(call{route: "GET /admin/sessions/{handle}/data", handle: session, admin: true}.event())},
		{"ImpersonateFunction", "token", calls, ok, same(call{
			route: "POST /admin/sessions/{handle}/token", body: `{"mode":"header"}`, handle: session, admin: true,
		}.event())},
		{"JwksFunction", "keys", calls, ok, same(call{route: "GET /auth/jwt/jwks.json"}.event())},
		{"RotateKeysFunction", "daily", calls, "signingKeys", same([]byte(daily))},
		{"NotesFunction", "greeting", calls, ok, same(call{route: "GET /greeting", anonymous: true}.event())},
		{"SignUpFunction", "new user", hashes, `\"OK\"`, func(i int) []byte {
			return call{route: "POST /auth/signup", from: i, body: s.form(fmt.Sprintf("user%d@example.com", i), adas)}.event()
		}},
		{"SignInFunction", "right", hashes, `\"OK\"`, func(i int) []byte {
			return call{route: "POST /auth/signin", from: i, body: s.form(ada, adas)}.event()
		}},
	}
}

// call is a request as a function behind the gateway sees it.
type call struct {
	route            string
	bearer, body     string
	handle           string
	admin, anonymous bool
	from             int // which address
}

func (c call) event() []byte {
	method, path, _ := strings.Cut(c.route, " ")
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: c.route, RawPath: path, Body: c.body,
		Headers:        map[string]string{"content-type": "application/json", "rid": "anti-csrf", "st-auth-mode": "header"},
		PathParameters: map[string]string{"handle": c.handle},
	}
	if c.bearer != "" {
		e.Headers["authorization"] = "Bearer " + c.bearer
	}
	e.RequestContext.APIID, e.RequestContext.Stage, e.RequestContext.RouteKey = apiID, "$default", c.route
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path = method, path
	e.RequestContext.HTTP.SourceIP = fmt.Sprintf("198.51.%d.%d", c.from/256, c.from%256)
	if c.admin {
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
			IAM: &events.APIGatewayV2HTTPRequestContextAuthorizerIAMDescription{UserARN: "arn:aws:iam::123456789012:user/backend"},
		}
	}
	if c.anonymous {
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: map[string]any{
			"latchkey": "1", "anonymous": "1", "checked": "token", "decided": strconv.FormatInt(time.Now().Unix(), 10),
		}}
	}
	text, _ := json.Marshal(e) // texts and maps of texts
	return text
}
