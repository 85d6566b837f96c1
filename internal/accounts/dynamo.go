package accounts

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey-auth/latchkey/internal/table"
)

var _ Store = (*Dynamo)(nil)

// Dynamo is a Store in one DynamoDB table, which AccountsTable describes. The
// key of every item is one string, made of a digest. Every read except that of
// the list is strongly consistent.
//
//	email#…  a user, by tenant and e-mail address, with a place in the list
//	login#…  a user of another login, by tenant and identity, likewise
//	user#…   where to find a user, by tenant and id
//	mail#…   links of a user, by purpose and key
//	quota#…  a count of Take
//	guess#…  a count of Reserve
type Dynamo struct {
	table  table.Table
	schema table.Schema
}

// NewDynamo returns the Store in the table. The caller sets the client's
// timeouts and retries. Repeating a call whose answer was lost does no harm.
func NewDynamo(client table.Client, name string) *Dynamo {
	return &Dynamo{
		table:  table.Table{Client: client, Name: name},
		schema: table.Schema{Implicit: true, Corrupt: ErrCorrupt}, // no item has a version
	}
}

// AccountsTable describes the table of a Dynamo: on demand, keyed by `key`. An
// index lists the users of a tenant. Its key is `list`, a tenant and a shard,
// and `place`, when the user joined and the id. Time to live, if wanted, goes
// by the attribute `expires`, in seconds since 1970; users have none. It only
// cleans up.
func AccountsTable(name string) *dynamodb.CreateTableInput {
	return &dynamodb.CreateTableInput{
		TableName:   aws.String(name),
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("key"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("list"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("place"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("key"), KeyType: types.KeyTypeHash},
		},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String(listIndex),
			KeySchema: []types.KeySchemaElement{
				{AttributeName: aws.String("list"), KeyType: types.KeyTypeHash},
				{AttributeName: aws.String("place"), KeyType: types.KeyTypeRange},
			},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"email"}},
		}},
	}
}
