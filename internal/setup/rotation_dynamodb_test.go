//go:build dynamodb

package setup_test

import (
	"net/http/httptest"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/accounts/hashing"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/sessions/kms"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
	"github.com/latchkey-auth/latchkey/test/kmslocal"
)

// The same with keys that lie in DynamoDB, sealed by KMS's protocol.
func TestThreeRotationsOnDynamoDBAndKMS(t *testing.T) {
	server := kmslocal.New("a")
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	sealer := kms.New(kms.NewClient(kms.ClientConfig{Region: "us-east-1", Endpoint: web.URL, Credentials: dynamolocal.Credentials()}), "a")
	client := dynamolocal.Client(t)
	rotateThrice(t, api.Backends{
		Accounts: accounts.NewDynamo(client, dynamolocal.Table(t, accounts.AccountsTable)),
		Hasher:   hashing.Default(),
		Backends: setup.Backends{
			Sessions: dynamo.New(client, dynamolocal.Table(t, dynamo.SessionsTable)),
			Keys:     dynamo.NewKeys(client, dynamolocal.Table(t, dynamo.KeysTable)),
			Sealer:   sealer,
		},
	})
	if sealed := len(server.Plaintexts()); sealed < 5 {
		t.Errorf("KMS sealed %d keys, want four that signed and one of refresh tokens", sealed)
	}
}
