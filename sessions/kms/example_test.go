package kms_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/latchkey-auth/latchkey/sessions/kms"
	"github.com/latchkey-auth/latchkey/test/kmslocal"
)

// A sealer for the keys of a stack. On AWS the configuration is the Region
// alone, and Lambda brings the credentials.
func Example() {
	ctx := context.Background()
	here := httptest.NewServer(kmslocal.New("alias/my-keys")) // in place of AWS
	defer here.Close()
	anybody := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
	})
	client := kms.NewClient(kms.ClientConfig{Region: "eu-central-1", Endpoint: here.URL, Credentials: anybody})
	sealer := kms.New(client, "alias/my-keys")

	sealed, err := sealer.Seal(ctx, "signing", "k1", []byte("a private key"))
	if err != nil {
		log.Fatal(err)
	}
	secret, err := sealer.Open(ctx, "signing", "k1", sealed)
	fmt.Println(string(secret), err)
	// Output: a private key <nil>
}
