package table_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey-auth/latchkey/internal/table"
)

func (c *client) TransactWriteItems(_ context.Context, in *dynamodb.TransactWriteItemsInput, _ ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	c.transaction = in
	return &dynamodb.TransactWriteItemsOutput{}, c.err
}

// canceled is DynamoDB's refusal of a transaction, with those reasons.
func canceled(codes ...string) error {
	var refused types.TransactionCanceledException
	for _, code := range codes {
		reason := types.CancellationReason{Code: aws.String(code)}
		if code == "ConditionalCheckFailed" {
			reason.Item = whole("there")
		}
		refused.CancellationReasons = append(refused.CancellationReasons, reason)
	}
	return &refused
}

// TestTransact: all writes are made or none, and a reason that is no condition
// is an error.
func TestTransact(t *testing.T) {
	c := &client{}
	tb := table.Table{Client: c, Name: "sessions"}
	holds := table.Condition{If: "#v = :v", Values: table.Item{":v": table.Value(1)}}
	writes := []table.Write{{Put: whole("a")}, {Key: key("b"), Set: "SET #n = :v", Condition: holds}, {Key: key("c"), Delete: true, Condition: holds}}
	yes, no := table.Result{Applied: true}, table.Result{Item: whole("there")}
	for _, test := range []struct {
		err  error
		want []table.Result // nil: an error
	}{
		{nil, []table.Result{yes, yes, yes}},
		{canceled("None", "ConditionalCheckFailed", "ConditionalCheckFailed"), []table.Result{yes, no, no}},
		{canceled("ConditionalCheckFailed", "TransactionConflict", "None"), nil},
		{canceled("ConditionalCheckFailed"), nil}, // of another number of writes
		{errNetwork, nil},
	} {
		c.err = test.err
		got, err := tb.Transact(t.Context(), writes...)
		if !reflect.DeepEqual(got, test.want) || (err == nil) != (test.want != nil) || err != nil && !errors.Is(err, test.err) {
			t.Errorf("Transact when %v = %v, %v, want %v", test.err, got, err, test.want)
		}
	}
	sent := c.transaction.TransactItems
	if len(sent) != 3 || sent[0].Put == nil || sent[1].Update == nil || sent[2].Delete == nil || sent[0].Put.ConditionExpression != nil ||
		!reflect.DeepEqual(sent[1].Update.ExpressionAttributeNames, map[string]string{"#v": "v", "#n": "n"}) ||
		!reflect.DeepEqual(sent[2].Delete.ExpressionAttributeValues, holds.Values) || !reflect.DeepEqual(sent[2].Delete.Key, key("c")) {
		t.Errorf("Transact sends %+v", sent)
	}
}
