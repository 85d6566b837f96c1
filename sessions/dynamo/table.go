package dynamo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// table makes the calls, and is the border at which the SDK's errors and
// types end. An error it returns leaves the outcome unknown.
type table struct {
	client Client
	name   string
}

// get reads an item, nil if there is none, as the last acknowledged write left
// it.
func (t table) get(ctx context.Context, key item) (item, error) {
	out, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      aws.String(t.name),
		Key:            key,
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, fmt.Errorf("dynamo: %w", err)
	}
	return out.Item, nil
}

// put writes a whole item if the condition holds, and reports whether it did.
// The condition's values may be nil; an empty condition always holds.
func (t table) put(ctx context.Context, it item, condition string, values item) (bool, error) {
	in := &dynamodb.PutItemInput{TableName: aws.String(t.name), Item: it}
	if condition != "" {
		in.ConditionExpression = aws.String(condition)
		in.ExpressionAttributeNames = aliases(condition)
		in.ExpressionAttributeValues = values
	}
	_, err := t.client.PutItem(ctx, in)
	held, _, err := outcome(err)
	return held, err
}

// update is a conditional write of some attributes.
type update struct {
	key       item
	set       string // the update expression; names are #name, values :name
	condition string
	values    item
	answer    bool // whether the item is wanted, as it is after the call
}

// update makes the write if its condition holds, and reports whether it did.
// The item is the one after the call, nil if there is none.
func (t table) update(ctx context.Context, u update) (bool, item, error) {
	in := &dynamodb.UpdateItemInput{
		TableName:                 aws.String(t.name),
		Key:                       u.key,
		UpdateExpression:          aws.String(u.set),
		ConditionExpression:       aws.String(u.condition),
		ExpressionAttributeNames:  aliases(u.set, u.condition),
		ExpressionAttributeValues: u.values,
	}
	if u.answer {
		in.ReturnValues = types.ReturnValueAllNew
		in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	}
	out, err := t.client.UpdateItem(ctx, in)
	if err != nil {
		return outcome(err)
	}
	return true, out.Attributes, nil
}

// query names the items of one partition whose sort keys have a prefix.
type query struct {
	partition string // name of the partition key
	value     string
	prefix    string // empty means all
}

// query yields the items, page by page, as the last acknowledged writes left
// them, until yield returns an error.
func (t table) query(ctx context.Context, q query, yield func([]item) error) error {
	in := t.queryInput(q)
	for {
		out, err := t.client.Query(ctx, in)
		if err != nil {
			return fmt.Errorf("dynamo: %w", err)
		}
		if err := yield(out.Items); err != nil {
			return err
		}
		if len(out.LastEvaluatedKey) == 0 {
			return nil
		}
		in.ExclusiveStartKey = out.LastEvaluatedKey
	}
}

func (t table) queryInput(q query) *dynamodb.QueryInput {
	condition := "#" + q.partition + " = :partition"
	values := item{":partition": text(q.value)}
	if q.prefix != "" {
		condition += " AND begins_with(#" + attrItem + ", :prefix)"
		values[":prefix"] = text(q.prefix)
	}
	in := &dynamodb.QueryInput{
		TableName:                 aws.String(t.name),
		ConsistentRead:            aws.Bool(true),
		KeyConditionExpression:    aws.String(condition),
		ExpressionAttributeNames:  aliases(condition),
		ExpressionAttributeValues: values,
	}
	return in
}

// outcome tells a condition that did not hold, and the item it did not hold
// for, from an error.
func outcome(err error) (held bool, old item, _ error) {
	var failed *types.ConditionalCheckFailedException
	switch {
	case err == nil:
		return true, nil, nil
	case errors.As(err, &failed):
		return false, failed.Item, nil
	default:
		return false, nil, fmt.Errorf("dynamo: %w", err)
	}
}

// aliases returns what the placeholders #name in the expressions stand for:
// the attribute of that name. Many plain words are reserved in expressions, so
// every attribute has a placeholder.
func aliases(expressions ...string) map[string]string {
	names := make(map[string]string)
	for _, e := range expressions {
		for _, part := range strings.Split(e, "#")[1:] {
			end := strings.IndexFunc(part+" ", func(r rune) bool { return !unicode.IsLetter(r) })
			names["#"+part[:end]] = part[:end]
		}
	}
	return names
}
