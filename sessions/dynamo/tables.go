package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// SessionsTable describes the table of a Store: on demand, partition key
// `user`, sort key `item`. Everything about one user is one partition:
//
//	session#…  a session
//	data#…     the data of the session of the same name
//	user       what belongs to all sessions of the user
//	epoch      written by earlier versions only, and not read any more
//
// Time to live uses the attribute `expires`, in seconds since 1970. It only
// cleans up. A table for tests with their own clock must have none.
func SessionsTable(name string) *dynamodb.CreateTableInput {
	return describe(name, attrUser, attrItem)
}

// KeysTable describes the table of Keys: on demand, partition key `ring`, sort
// key `item`. Everything is in one partition, `keys`, which one query reads:
//
//	settings            the settings of the stack
//	signing#0000000001  a signing key, by number
//	mac#0000000001      a key of refresh tokens, by number
//
// It must have no time to live.
func KeysTable(name string) *dynamodb.CreateTableInput {
	return describe(name, attrRing, attrItem)
}

func describe(name, partition, sort string) *dynamodb.CreateTableInput {
	attribute := func(name string) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeTypeS}
	}
	return &dynamodb.CreateTableInput{
		TableName:            aws.String(name),
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{attribute(partition), attribute(sort)},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String(partition), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String(sort), KeyType: types.KeyTypeRange},
		},
	}
}
