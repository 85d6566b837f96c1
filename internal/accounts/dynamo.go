package accounts

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var _ Store = (*Dynamo)(nil)

// Client is what Dynamo calls of a *dynamodb.Client. The caller sets its
// timeouts and retries; a call that is repeated after a lost answer does no
// harm.
type Client interface {
	GetItem(ctx context.Context, in *dynamodb.GetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(ctx context.Context, in *dynamodb.PutItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
}

// Dynamo is a Store in one DynamoDB table, the one that AccountsTable
// describes. Every item has one string for a key, made of a digest; every
// read is strongly consistent.
//
//	email#…  a user, by tenant and e-mail address
//	user#…   where to find a user, by tenant and id
//	quota#…  a count of Take
//	guess#…  a count of Reserve
type Dynamo struct {
	client Client
	table  string
}

// NewDynamo returns the Store in the table.
func NewDynamo(client Client, table string) *Dynamo {
	return &Dynamo{client: client, table: table}
}

// AccountsTable describes the table of a Dynamo: on demand, keyed by `key`.
// Time to live, where it is wanted, goes by the attribute `expires`, in
// seconds since 1970; users have none. It only cleans up.
func AccountsTable(name string) *dynamodb.CreateTableInput {
	return &dynamodb.CreateTableInput{
		TableName:   aws.String(name),
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("key"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("key"), KeyType: types.KeyTypeHash},
		},
	}
}

// get reads the item of that key, or returns ErrNotFound.
func (d *Dynamo) get(ctx context.Context, key string) (item, error) {
	out, err := d.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      aws.String(d.table),
		Key:            keyItem(key),
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, err
	}
	if len(out.Item) == 0 {
		return nil, ErrNotFound
	}
	return out.Item, nil
}

// update is one conditional write, with the attributes it names as #name and
// the values it names as :name.
type update struct {
	key       string
	set       string // the update expression
	condition string
	values    item
	names     []string
}

// apply makes the write and reports whether its condition held. If not, it
// returns the item as it is, nil if there is none.
func (d *Dynamo) apply(ctx context.Context, u update) (applied bool, old item, err error) {
	_, err = d.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                           aws.String(d.table),
		Key:                                 keyItem(u.key),
		UpdateExpression:                    aws.String(u.set),
		ConditionExpression:                 aws.String(u.condition),
		ExpressionAttributeNames:            aliases(u.names),
		ExpressionAttributeValues:           u.values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	return outcome(err)
}

// outcome tells a condition that did not hold from an error.
func outcome(err error) (applied bool, old item, _ error) {
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return false, failed.Item, nil
	}
	return err == nil, nil, err
}

// aliases gives every name its placeholder: many plain words, "key" among
// them, are reserved in expressions.
func aliases(names []string) map[string]string {
	m := make(map[string]string, len(names))
	for _, name := range names {
		m["#"+name] = name
	}
	return m
}
