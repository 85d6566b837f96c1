//go:build dynamodb

package lambda_test

import (
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/crypto/argon2"

	"github.com/latchkey-auth/latchkey/test/dynamolocal"
)

// weaken replaces the hash of a user's password by one with weaker parameters,
// as an older version may have written it.
func (s *stack) weaken(t *testing.T, email, password string) {
	t.Helper()
	salt := []byte("sixteen bytes of")
	text := base64.RawStdEncoding.EncodeToString
	weak := fmt.Sprintf("$argon2id$v=19$m=1024,t=1,p=1$%s$%s", text(salt), text(argon2.IDKey([]byte(password), salt, 1, 1024, 1, 32)))
	s.setHash(t, email, weak)
}

func (s *stack) setHash(t *testing.T, email, hash string) {
	t.Helper()
	item := s.account(t, email)
	item["hash"] = &types.AttributeValueMemberS{Value: hash}
	table := s.tables["ACCOUNTS_TABLE"]
	if _, err := dynamolocal.Client(t).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item}); err != nil {
		t.Fatal(err)
	}
}

// hash returns the stored hash of a user's password.
func (s *stack) hash(t *testing.T, email string) string {
	t.Helper()
	return s.account(t, email)["hash"].(*types.AttributeValueMemberS).Value
}

// account returns the item of a user.
func (s *stack) account(t *testing.T, email string) map[string]types.AttributeValue {
	t.Helper()
	for _, item := range s.scan(t, "ACCOUNTS_TABLE").Items {
		stored, _ := item["email"].(*types.AttributeValueMemberS)
		if _, hashed := item["hash"].(*types.AttributeValueMemberS); hashed && stored != nil && stored.Value == email {
			return item
		}
	}
	t.Fatalf("no account of %s", email)
	return nil
}
