package authorizertest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey"
	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/authorizer/authorizertest"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/keys"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newStack returns a stack in memory, and an access token of ada's.
func newStack(t *testing.T) (*latchkey.Stack, string) {
	t.Helper()
	store, sealer := memory.NewKeys(), memory.NewSealer([32]byte{1})
	keeper, err := keys.New(keys.Config{Store: store, Sealer: sealer, Algorithm: token.ES256, Every: time.Hour, Now: time.Now})
	must(t, err)
	must(t, keeper.Bootstrap(t.Context(), "https://api.example.com/auth", authorizertest.API))
	stack, err := latchkey.New(latchkey.Config{
		Sessions: memory.New(), Keys: store, Sealer: sealer,
		Rules: []authorizer.Rule{{Route: "GET /greeting", Session: authorizer.Optional}},
	})
	must(t, err)
	manager, err := stack.Manager()
	must(t, err)
	_, _, err = manager.MergeUserClaims(t.Context(), authorizertest.Tenant, "ada", json.RawMessage(`{"plan":"pro"}`), nil)
	must(t, err)
	epoch, err := manager.Epoch(t.Context(), authorizertest.Tenant, "ada")
	must(t, err)
	grant, err := manager.Start(t.Context(), sessions.StartRequest{Epoch: epoch})
	must(t, err)
	return stack, grant.Access
}

// What is made here is what the authorizer itself makes, in every member.
func TestEventsAreTheAuthorizers(t *testing.T) {
	stack, access := newStack(t)
	handler, err := stack.Authorizer()
	must(t, err)
	for _, test := range []struct{ route, token string }{
		{"POST /notes", access}, {"GET /notes", access}, {"GET /greeting", ""},
	} {
		answer, err := handler.Invoke(t.Context(), authorizertest.Request(test.route, test.token))
		must(t, err)
		var policy struct{ Context map[string]any }
		must(t, json.Unmarshal(answer, &policy))
		var real events.APIGatewayV2HTTPRequest
		real.RequestContext.HTTP.Method = "GET"
		real.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: policy.Context}
		caller, signedIn, err := authorizer.OptionalCallerFrom(real)
		must(t, err)
		made := authorizertest.Anonymous(events.APIGatewayV2HTTPRequest{})
		if signedIn {
			made = authorizertest.Allowed(events.APIGatewayV2HTTPRequest{}, caller)
		}
		if got := made.RequestContext.Authorizer.Lambda; !reflect.DeepEqual(got, policy.Context) {
			t.Errorf("%s: %v, want %v", test.route, got, policy.Context)
		}
	}
	if _, err := handler.Invoke(t.Context(), authorizertest.Request("GET /notes", "")); err != authorizer.ErrUnauthorized {
		t.Errorf("without a token = %v, want ErrUnauthorized", err)
	}
}

// A caller passes on every kind of API, for a method that may change something.
func TestCallerOnEveryAPI(t *testing.T) {
	ada := authorizertest.Caller("ada")
	for kind, read := range map[string]func() (authorizer.Caller, error){
		"HTTP": func() (authorizer.Caller, error) {
			return authorizer.CallerFrom(authorizertest.Allowed(events.APIGatewayV2HTTPRequest{}, ada))
		},
		"REST": func() (authorizer.Caller, error) {
			return authorizer.CallerFrom(authorizertest.Allowed(events.APIGatewayProxyRequest{}, ada))
		},
		"WebSocket": func() (authorizer.Caller, error) {
			return authorizer.CallerFrom(authorizertest.Allowed(events.APIGatewayWebsocketProxyRequest{}, ada))
		},
	} {
		if caller, err := read(); err != nil || caller.User != "ada" || caller.Session != ada.Session {
			t.Errorf("%s = %+v, %v, want ada", kind, caller, err)
		}
	}
}

// published is what an issuer publishes at /auth/jwt/jwks.json.
const published = `{"keys":[{"kty":"OKP","use":"sig","alg":"EdDSA","crv":"Ed25519",
	"kid":"CDxsyyRvHjLJGoQTcm8W1yyrxl28rwQoY2coNW2H7OQ","x":"Cp9FBmc_7povRLBtKUjHT8n7jrpHA9Kn0IN-PUNa7IA"}]}`

// A test of rules, by fixed keys: the authorizer is asked as API Gateway asks it.
func ExampleRequest() {
	signing, err := token.ParseJWKS([]byte(published))
	if err != nil {
		fmt.Println(err)
		return
	}
	settings := token.Settings{Issuer: "https://api.example.com/auth", APIID: authorizertest.API}
	handler, err := latchkey.NewAuthorizer(latchkey.Config{
		Sessions: memory.New(), Keys: token.Records{Settings: settings, Signing: signing},
		Rules: []authorizer.Rule{{Route: "GET /greeting", Session: authorizer.Optional}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, route := range []string{"GET /greeting", "GET /notes"} {
		_, err := handler.Invoke(context.Background(), authorizertest.Request(route, ""))
		fmt.Println(route, err)
	}
	// Output:
	// GET /greeting <nil>
	// GET /notes Unauthorized
}
