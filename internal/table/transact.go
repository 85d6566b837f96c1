package table

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Write is one write of a transaction. Each write has an item of its own.
// Exactly one of Put, Set and Delete is given.
type Write struct {
	Put    Item   // the whole item
	Set    string // the update expression of the item of Key
	Delete bool   // the item of Key

	Key Item // of an update or a removal
	Condition
}

// Transact makes all the writes if all their conditions hold, or none. It
// returns a result for each write: those whose condition did not hold are not
// Applied and have the item that was there. If another write was under way at
// one of the items, Transact returns an error, and nothing was done. A
// transaction that the SDK repeats is made once.
func (t Table) Transact(ctx context.Context, writes ...Write) ([]Result, error) {
	in := &dynamodb.TransactWriteItemsInput{}
	for _, w := range writes {
		in.TransactItems = append(in.TransactItems, t.transactItem(w))
	}
	results := make([]Result, len(writes))
	_, err := t.Client.TransactWriteItems(ctx, in)
	var canceled *types.TransactionCanceledException
	switch {
	case err == nil:
		for i := range results {
			results[i].Applied = true
		}
		return results, nil
	case !errors.As(err, &canceled) || len(canceled.CancellationReasons) != len(writes):
		return nil, fault(err)
	}
	for i, reason := range canceled.CancellationReasons {
		switch code := aws.ToString(reason.Code); code {
		case "None":
			results[i].Applied = true
		case "ConditionalCheckFailed":
			results[i].Item = reason.Item
		default:
			return nil, fault(err)
		}
	}
	return results, nil
}

func (t Table) transactItem(w Write) types.TransactWriteItem {
	const all = types.ReturnValuesOnConditionCheckFailureAllOld
	condition, names := expression(w.If, w.Set)
	switch {
	case w.Put != nil:
		return types.TransactWriteItem{Put: &types.Put{
			TableName: aws.String(t.Name), Item: w.Put, ReturnValuesOnConditionCheckFailure: all,
			ConditionExpression: condition, ExpressionAttributeNames: names, ExpressionAttributeValues: w.Values,
		}}
	case w.Delete:
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: aws.String(t.Name), Key: w.Key, ReturnValuesOnConditionCheckFailure: all,
			ConditionExpression: condition, ExpressionAttributeNames: names, ExpressionAttributeValues: w.Values,
		}}
	default:
		return types.TransactWriteItem{Update: &types.Update{
			TableName: aws.String(t.Name), Key: w.Key, UpdateExpression: aws.String(w.Set), ReturnValuesOnConditionCheckFailure: all,
			ConditionExpression: condition, ExpressionAttributeNames: names, ExpressionAttributeValues: w.Values,
		}}
	}
}
