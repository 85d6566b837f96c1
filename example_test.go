package latchkey_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/latchkey-auth/latchkey"
	"github.com/latchkey-auth/latchkey/authorizer/authorizertest"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
	"github.com/latchkey-auth/latchkey/sessions/keys"
	"github.com/latchkey-auth/latchkey/sessions/kms"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// The main of an authorizer.
func ExampleNewAuthorizer() {
	cfg := latchkey.Config{SessionsTable: os.Getenv("SESSIONS_TABLE"), KeysTable: os.Getenv("KEYS_TABLE")}
	handler, err := latchkey.NewAuthorizer(cfg)
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(handler)
}

// A function that starts sessions. A function that only reads, revokes or changes
// them has no Sealer.
func ExampleNewManager() {
	cfg := latchkey.Config{SessionsTable: os.Getenv("SESSIONS_TABLE"), KeysTable: os.Getenv("KEYS_TABLE")}
	cfg.Sealer = kms.New(kms.NewClient(kms.ClientConfig{Region: os.Getenv("AWS_REGION")}), os.Getenv("KMS_KEY_ID"))
	manager, err := latchkey.NewManager(cfg)
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(func(ctx context.Context, user string) (accessToken string, err error) {
		epoch, err := manager.Epoch(ctx, "public", user) // before you check who asks
		if err != nil {
			return "", err
		}
		grant, err := manager.Start(ctx, sessions.StartRequest{Epoch: epoch})
		return grant.Access, err
	})
}

// login answers a sign-in of your own: here by a code, which everybody knows.
type login struct {
	stack   *latchkey.Stack
	manager *sessions.Manager
}

func (l login) handle(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	refused := events.APIGatewayV2HTTPResponse{StatusCode: http.StatusUnauthorized}
	header := func(name string) []string {
		if value, there := e.Headers[name]; there {
			return []string{value}
		}
		return nil
	}
	// No other site's page can sign its visitors in.
	request, err := l.stack.Protocol.SignIn(fdi.NewRequest(header, e.Cookies))
	if err != nil {
		return refused, nil
	}
	// The epoch comes before the proof: a user who is shut out meanwhile gets no session.
	epoch, err := l.manager.Epoch(ctx, "public", e.QueryStringParameters["user"])
	if err != nil || e.QueryStringParameters["code"] != "4711" {
		return refused, err
	}
	grant, err := l.manager.Start(ctx, sessions.StartRequest{Epoch: epoch, Device: e.RequestContext.HTTP.UserAgent})
	if err != nil {
		return refused, err
	}
	reply, err := l.stack.Protocol.Grant(grant, request.Mode(), request)
	if err != nil {
		return refused, err
	}
	return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusNoContent, Headers: reply.Headers, Cookies: reply.Cookies}, nil
}

// A login of your own, and an authorizer that knows its sessions, both in memory.
func Example() {
	ctx := context.Background()
	store, sealer := memory.NewKeys(), memory.NewSealer([32]byte{1}) // in place of KeysTable, and of KMS
	cfg := latchkey.Config{Sessions: memory.New(), Keys: store, Sealer: sealer}
	if err := firstKeys(ctx, store, sealer); err != nil {
		log.Fatal(err)
	}
	stack, err := latchkey.New(cfg)
	if err != nil {
		log.Fatal(err)
	}
	manager, err := stack.Manager()
	if err != nil {
		log.Fatal(err)
	}
	handler, err := stack.Authorizer()
	if err != nil {
		log.Fatal(err)
	}

	var e events.APIGatewayV2HTTPRequest
	e.QueryStringParameters = map[string]string{"user": "ada", "code": "4711"}
	answer, err := login{stack, manager}.handle(ctx, e)
	fmt.Println(answer.StatusCode, err)
	access := answer.Headers[fdi.AccessTokenHeader]

	_, err = handler.Invoke(ctx, authorizertest.Request("POST /notes", access))
	fmt.Println("POST:", err)
	fmt.Println(manager.RevokeAll(ctx, "public", "ada", "the phone was stolen"))
	_, err = handler.Invoke(ctx, authorizertest.Request("POST /notes", access))
	fmt.Println("POST:", err)
	_, err = handler.Invoke(ctx, authorizertest.Request("GET /notes", access))
	fmt.Println("GET:", err) // the token alone, until it ends
	// Output:
	// 204 <nil>
	// POST: <nil>
	// <nil>
	// POST: Unauthorized
	// GET: <nil>
}

// firstKeys does what the function rotatekeys does when a stack is deployed.
func firstKeys(ctx context.Context, store token.KeyStore, sealer token.Sealer) error {
	keeper, err := keys.New(keys.Config{
		Store: store, Sealer: sealer, Algorithm: token.ES256, Every: 7 * 24 * time.Hour, Now: time.Now,
	})
	if err != nil {
		return err
	}
	return keeper.Bootstrap(ctx, "https://api.example.com/auth", authorizertest.API)
}
