//go:build dynamodb && bench && linux

package lambda_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/sessions/kms"
	"github.com/latchkey-auth/latchkey/sessions/token"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
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
	client := dynamolocal.Client(t)
	ring, errRing := token.NewKeyring(token.KeyringConfig{
		Store: dynamo.NewKeys(client, s.tables["KEYS_TABLE"]), AccessLifetime: time.Hour,
		Sealer: kms.New(kms.NewClient(kms.ClientConfig{Region: "us-east-1", Endpoint: s.kmsURL, Credentials: dynamolocal.Credentials()}), sealingKey),
	})
	manager, errManager := sessions.New(sessions.Config{
		Store: dynamo.New(client, s.tables["SESSIONS_TABLE"]), Keys: ring, Access: time.Hour, Idle: 24 * time.Hour, Absolute: 48 * time.Hour,
		ReplayWindow: time.Minute, RotationGap: 90 * time.Second, MaxSessions: 100,
	})
	if err := errors.Join(errRing, errManager); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		epoch, err := manager.Epoch(t.Context(), "public", "user-"+strconv.Itoa(i))
		if err != nil {
			t.Fatal(err)
		}
		g, err := manager.Start(t.Context(), sessions.StartRequest{Epoch: epoch})
		if err != nil {
			t.Fatal(err)
		}
		access, refresh = append(access, g.Access), append(refresh, g.Refresh)
	}
	return access, refresh
}

// browserEvent returns the authorizer's event for a browser's request, with the
// headers and cookies that browsers and API Gateway add.
func browserEvent(method, access string) []byte {
	agent := "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
	headers := map[string]string{"authorization": "Bearer " + access, "rid": "anti-csrf", "origin": "https://app.example.com"}
	for i, value := range []string{
		"*/*", "gzip, deflate, br, zstd", "de-DE,de;q=0.9,en;q=0.8", "no-cache", "0", "application/json",
		"abcdef123.execute-api.eu-west-1.amazonaws.com", "no-cache", "u=1, i", "https://app.example.com/",
		`"Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140"`, "?0", `"Linux"`, "empty", "cors",
		agent, "Root=1-68c0f1a2-4d5e6f708192a3b4c5d6e7f8", "192.0.2.1", "443", "https",
	} {
		headers["x-header-"+strconv.Itoa(i)] = value
	}
	route := method + " /notes"
	event, _ := json.Marshal(map[string]any{ // texts and maps of texts
		"version": "2.0", "type": "REQUEST", "routeKey": route, "rawPath": "/notes", "rawQueryString": "",
		"routeArn": "arn:aws:execute-api:us-east-1:123456789012:" + apiID + "/$default/" + method + "/notes",
		"cookies":  []string{"theme=dark", "_ga=GA1.1.1234567890.1700000000", "consent=" + strings.Repeat("abcdefgh", 60)},
		"headers":  headers,
		"requestContext": map[string]any{
			"accountId": "123456789012", "apiId": apiID, "stage": "$default", "routeKey": route, "requestId": "JKJaXmPLvHcESHA=",
			"http": map[string]string{"method": method, "path": "/notes", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": agent},
		},
	})
	return event
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
