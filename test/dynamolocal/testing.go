package dynamolocal

import (
	"context"
	"crypto/rand"
	"os"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// shared starts the engine of this test binary, when DYNAMODB_ENDPOINT names
// none. Nobody stops it: it ends with the binary.
var shared = sync.OnceValues(func() (string, error) {
	endpoint, _, err := Start(context.Background(), os.Stderr)
	return endpoint, err
})

// Endpoint returns the URL of an engine that all tests of the binary share. It
// fails the test if there is none; it never skips it.
func Endpoint(t testing.TB) string {
	t.Helper()
	endpoint, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return endpoint
}

// Credentials are what the engine accepts from everybody.
func Credentials() aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
	})
}

// Client returns a client of the shared engine, without the short timeouts of
// a function: hundreds of calls at once queue up before the engine.
func Client(t testing.TB) *dynamodb.Client {
	t.Helper()
	return dynamodb.New(dynamodb.Options{
		Region:       "local",
		BaseEndpoint: aws.String(Endpoint(t)),
		Credentials:  Credentials(),
	})
}

// Table creates a table of a random name, as describe says, and returns the
// name. It has no time to live: the engine would delete by the clock of the
// machine, which tests do not go by.
func Table(t testing.TB, describe func(name string) *dynamodb.CreateTableInput) string {
	t.Helper()
	name := "test-" + rand.Text()
	if _, err := Client(t).CreateTable(context.Background(), describe(name)); err != nil {
		t.Fatalf("CreateTable = %v, want nil", err)
	}
	return name
}
