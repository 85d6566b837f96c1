//go:build dynamodb && bench && linux

package lambda_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// load is the work that a function is measured with.
type load struct {
	function, what string
	turn           int    // calls at a time
	want           string // is in every answer
	event          func(i int) []byte
}

func (l load) name() string { return l.function + ", " + l.what }

// loads returns the events of the functions that callers wait for. Where a
// token must be new to the authorizer, or is a refresh token, each call has a
// new one, for as many calls as a run makes of one sandbox. Throttled calls
// come from a new address each time.
func (s *stack) loads(t *testing.T) []load {
	t.Helper()
	configure := `{"action":"configure","issuer":"` + issuer + `","apiId":"` + apiID + `"}`
	if _, err := s.invoke(t.Context(), "RotateKeysFunction", []byte(configure)); err != nil {
		t.Fatal(err)
	}
	seen, _ := s.client(t).Post("/auth/signup", s.form(ada, adas)).Want(200).Tokens()
	const turn, calls = 50, 26 * 50
	access, refresh := s.grants(t, calls)
	const ok = `"statusCode":2`
	same := func(event []byte) func(int) []byte { return func(int) []byte { return event } }
	return []load{
		{noOp, "the authorizer's GET", turn, "{}", same(browserEvent("GET", seen))},
		{"AuthorizerFunction", "GET, token seen before", turn, `"Allow"`, same(browserEvent("GET", seen))},
		{"AuthorizerFunction", "GET, new token", turn, `"Allow"`, func(i int) []byte { return browserEvent("GET", access[i%calls]) }},
		{"AuthorizerFunction", "POST", turn, `"Allow"`, same(browserEvent("POST", seen))},
		{"RefreshFunction", "refresh", turn, ok, func(i int) []byte {
			return call{route: "POST /auth/session/refresh", bearer: refresh[i%calls]}.event()
		}},
		{"SignInFunction", "right password", 2, `\"OK\"`, func(i int) []byte {
			return call{route: "POST /auth/signin", from: i, body: s.form(ada, adas)}.event()
		}},
	}
}

// grants returns the tokens of that many sessions, each of a different user.
func (s *stack) grants(t *testing.T, n int) (access, refresh []string) {
	t.Helper()
	for i := range n {
		_, tokens := s.impersonate(t, "user-"+strconv.Itoa(i), "")
		access, refresh = append(access, tokens["st-access-token"]), append(refresh, tokens["st-refresh-token"])
	}
	return access, refresh
}

// call is a request as a function behind the gateway gets it.
type call struct {
	route        string
	bearer, body string
	from         int // number of the address
}

func (c call) event() []byte {
	method, path, _ := strings.Cut(c.route, " ")
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: c.route, RawPath: path, Body: c.body,
		Headers: map[string]string{"content-type": "application/json", "rid": "anti-csrf", "st-auth-mode": "header"},
	}
	if c.bearer != "" {
		e.Headers["authorization"] = "Bearer " + c.bearer
	}
	e.RequestContext.APIID, e.RequestContext.Stage, e.RequestContext.RouteKey = apiID, "$default", c.route
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path = method, path
	e.RequestContext.HTTP.SourceIP = fmt.Sprintf("198.51.%d.%d", c.from/256, c.from%256)
	text, _ := json.Marshal(e) // texts and maps of texts
	return text
}
