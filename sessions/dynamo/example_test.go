package dynamo_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
)

// A store in the table of a stack.
func Example() {
	client := dynamo.NewClient(dynamo.ClientConfig{Region: os.Getenv("AWS_REGION")})
	store := dynamo.New(client, os.Getenv("SESSIONS_TABLE"))
	user, err := store.User(context.Background(), sessions.KeyOf("public", "ada"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("all sessions were ended", user.Epoch, "times")
}

// Tables for a first try; in a stack the template makes them.
func ExampleSessionsTable() {
	client := dynamo.NewClient(dynamo.ClientConfig{Region: "local", Endpoint: "http://127.0.0.1:8000"})
	if err := create(context.Background(), client, "my-sessions", "my-keys"); err != nil {
		log.Fatal(err)
	}
}

// create makes both tables.
func create(ctx context.Context, client *dynamodb.Client, sessionsTable, keysTable string) error {
	if _, err := client.CreateTable(ctx, dynamo.SessionsTable(sessionsTable)); err != nil {
		return err
	}
	_, err := client.CreateTable(ctx, dynamo.KeysTable(keysTable))
	return err
}
