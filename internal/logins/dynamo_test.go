//go:build dynamodb

package logins_test

import (
	"errors"
	"maps"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey-auth/latchkey/internal/logins"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
)

func TestDynamo(t *testing.T) {
	testStore(t, logins.NewDynamo(dynamolocal.Client(t), dynamolocal.Table(t, dynamo.KeysTable)))
}

// Providers and keys share a table and not a partition: who reads the keys
// meets no provider.
func TestKeysAreApart(t *testing.T) {
	client, name := dynamolocal.Client(t), dynamolocal.Table(t, dynamo.KeysTable)
	if err := logins.NewDynamo(client, name).Put(t.Context(), provider()); err != nil {
		t.Fatal(err)
	}
	ring := dynamo.NewKeys(client, name)
	if records, err := ring.Load(t.Context()); err != nil || len(records.Signing) > 0 {
		t.Errorf("Load of the keys beside a provider = %+v, %v", records, err)
	}
}

// What is no whole provider is one for nobody.
func TestCorruptProvider(t *testing.T) {
	client, name := dynamolocal.Client(t), dynamolocal.Table(t, dynamo.KeysTable)
	s := logins.NewDynamo(client, name)
	text := func(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
	number := func(v string) types.AttributeValue { return &types.AttributeValueMemberN{Value: v} }
	if err := s.Put(t.Context(), provider()); err != nil {
		t.Fatal(err)
	}
	key := map[string]types.AttributeValue{"ring": text("providers"), "item": text("corp")}
	out, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(name), Key: key})
	if err != nil {
		t.Fatal(err)
	}
	for attribute, value := range map[string]types.AttributeValue{
		"v": number("2"), "sealed": text("AAAA"),
		"provider": text(`{"id":"other","issuer":"https://a.example","clientId":"a","scopes":["openid"],"redirectUris":["https://a.example/cb"]}`),
	} {
		it := maps.Clone(out.Item)
		it[attribute] = value
		if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(name), Item: it}); err != nil {
			t.Fatal(err)
		}
		if all, err := s.Load(t.Context()); !errors.Is(err, logins.ErrCorrupt) {
			t.Errorf("Load with another %s = %+v, %v, want ErrCorrupt", attribute, all, err)
		}
	}
}
