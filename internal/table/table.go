// Package table makes the calls of DynamoDB that the stores need, one item or
// one query at a time. It is the border at which the SDK's errors end.
//
// Expressions name every attribute by the placeholder #name, which stands for
// the attribute of that name, and every value by :name. A condition that did
// not hold is a result, not an error. Any error leaves the result unknown,
// except one that says that a condition was not understood.
//
// Every read of the table itself sees all writes that returned before it.
package table

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Client has the methods of a *dynamodb.Client that are called. The SDK repeats
// a call whose answer was lost; the caller of a write allows for that.
type Client interface {
	GetItem(ctx context.Context, in *dynamodb.GetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	PutItem(ctx context.Context, in *dynamodb.PutItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
	TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, opts ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
	Query(ctx context.Context, in *dynamodb.QueryInput, opts ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
}

// Item is an item, its key, or the values of expressions.
type Item = map[string]types.AttributeValue

// Table is one table.
type Table struct {
	Client Client
	Name   string
}

// errUnprocessed means that DynamoDB left out a key twice, which happens when
// that key has too much to do.
var errUnprocessed = error(oneKey{errors.New("dynamodb: keys not processed")})

// oneKey is a refusal because of the load on one partition key, while the table
// serves all others. sessions.Overloaded looks for it.
type oneKey struct{ error }

// OneKey reports that the error is about a single key.
func (oneKey) OneKey() bool { return true }

// Unwrap returns DynamoDB's own error.
func (o oneKey) Unwrap() error { return o.error }

// Get reads the item of the key. It returns nil if there is none.
func (t Table) Get(ctx context.Context, key Item) (Item, error) {
	out, err := t.Client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(t.Name), Key: key, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, fault(err)
	}
	return out.Item, nil
}

// GetEach reads the items of a few keys, no two of them the same, by one
// request. It returns them in the order of the keys, with nil where there is no
// item. If DynamoDB leaves out a key, GetEach asks for it once more, and then
// returns an error.
func (t Table) GetEach(ctx context.Context, keys ...Item) ([]Item, error) {
	found, missing := make([]Item, len(keys)), keys
	for range 2 {
		out, err := t.Client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{
				t.Name: {Keys: missing, ConsistentRead: aws.Bool(true)},
			},
		})
		if err != nil {
			return nil, fault(err)
		}
		for _, it := range out.Responses[t.Name] {
			if i := slices.IndexFunc(keys, func(key Item) bool { return isOf(it, key) }); i >= 0 {
				found[i] = it
			}
		}
		if missing = out.UnprocessedKeys[t.Name].Keys; len(missing) == 0 {
			return found, nil
		}
	}
	return nil, errUnprocessed
}

// isOf reports whether the item has the key.
func isOf(it, key Item) bool {
	for name, value := range key {
		if !reflect.DeepEqual(it[name], value) {
			return false
		}
	}
	return true
}

// Result is what became of a write.
type Result struct {
	Applied bool // the condition held; false in the zero Result
	// Item is the item after an update that wants it, or the item for which a
	// condition did not hold; nil if there is none.
	Item Item
}

// Condition must hold of an item for it to be written. The empty Condition
// always holds.
type Condition struct {
	If     string
	Values Item // nil if the expression names none
}

// Put writes a whole item if the condition holds.
func (t Table) Put(ctx context.Context, it Item, c Condition) (Result, error) {
	condition, names := expression(c.If)
	_, err := t.Client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(t.Name), Item: it,
		ConditionExpression: condition, ExpressionAttributeNames: names, ExpressionAttributeValues: c.Values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if err != nil {
		return refused(err)
	}
	return Result{Applied: true}, nil
}

// Delete removes an item if the condition holds.
func (t Table) Delete(ctx context.Context, key Item, c Condition) (Result, error) {
	condition, names := expression(c.If)
	_, err := t.Client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: aws.String(t.Name), Key: key,
		ConditionExpression: condition, ExpressionAttributeNames: names, ExpressionAttributeValues: c.Values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if err != nil {
		return refused(err)
	}
	return Result{Applied: true}, nil
}

// Update changes single attributes of one item. It makes the item if there is
// none and the condition allows that.
type Update struct {
	Key    Item
	Set    string // the update expression: SET, REMOVE, ADD
	If     string // the condition; empty: none
	Values Item   // of both expressions
	Wants  bool   // whether to return the item as it is after the update
}

// Update makes the change if its condition holds.
func (t Table) Update(ctx context.Context, u Update) (Result, error) {
	condition, names := expression(u.If, u.Set)
	in := &dynamodb.UpdateItemInput{
		TableName: aws.String(t.Name), Key: u.Key,
		UpdateExpression: aws.String(u.Set), ConditionExpression: condition,
		ExpressionAttributeNames: names, ExpressionAttributeValues: u.Values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	if u.Wants {
		in.ReturnValues = types.ReturnValueAllNew
	}
	out, err := t.Client.UpdateItem(ctx, in)
	if err != nil {
		return refused(err)
	}
	return Result{Applied: true, Item: out.Attributes}, nil
}

// Query selects the items of one partition.
type Query struct {
	Where  string // the condition on the key
	Values Item
	Index  string // empty: the table itself. An index may lag behind it.
	Limit  int32  // items of a page; 0: as many as fit in 1 MB
	Newest bool   // from the highest sort key to the lowest
	After  Item   // begin after the item of this key; nil: at the first item
}

// Page is one page of items.
type Page struct {
	Items []Item
	Next  Item // the After of the next page; nil: this is the last
}

// Page reads one page of the result.
func (t Table) Page(ctx context.Context, q Query) (Page, error) {
	where, names := expression(q.Where)
	in := &dynamodb.QueryInput{
		TableName: aws.String(t.Name), ConsistentRead: aws.Bool(q.Index == ""),
		KeyConditionExpression: where, ExpressionAttributeNames: names, ExpressionAttributeValues: q.Values,
		ScanIndexForward: aws.Bool(!q.Newest), ExclusiveStartKey: q.After,
	}
	if q.Index != "" {
		in.IndexName = &q.Index
	}
	if q.Limit > 0 {
		in.Limit = aws.Int32(q.Limit)
	}
	out, err := t.Client.Query(ctx, in)
	if err != nil {
		return Page{}, fault(err)
	}
	p := Page{Items: out.Items}
	if len(out.LastEvaluatedKey) > 0 {
		p.Next = out.LastEvaluatedKey
	}
	return p, nil
}

// Pages calls yield with the items of each page, up to the last, or until yield
// returns an error. Pages returns that error.
func (t Table) Pages(ctx context.Context, q Query, yield func([]Item) error) error {
	for {
		p, err := t.Page(ctx, q)
		if err == nil {
			err = yield(p.Items)
		}
		if err != nil || p.Next == nil {
			return err
		}
		q.After = p.Next
	}
}

// refused tells a condition that did not hold, and the item for which it did
// not hold, from an error.
func refused(err error) (Result, error) {
	var condition *types.ConditionalCheckFailedException
	if errors.As(err, &condition) {
		return Result{Item: condition.Item}, nil
	}
	return Result{}, fault(err)
}

// Flooded reports whether an error means that more was asked of one key than a
// partition can bear, a thousand writes or three thousand reads a second. A
// caller that knows a key can cause that, and it says nothing about the table.
func Flooded(err error) bool {
	var one oneKey
	return errors.As(err, &one)
}

// fault is the border for every error of DynamoDB.
func fault(err error) error {
	if reasons := throttling(err); len(reasons) > 0 && !slices.ContainsFunc(reasons, ofMore) {
		err = oneKey{err}
	}
	return fmt.Errorf("dynamodb: %w", err)
}

// throttling returns DynamoDB's reasons for throttling, or nil if it gives
// none.
func throttling(err error) []types.ThrottlingReason {
	var (
		exceeded *types.ProvisionedThroughputExceededException
		throttle *types.ThrottlingException
	)
	switch {
	case errors.As(err, &exceeded):
		return exceeded.ThrottlingReasons
	case errors.As(err, &throttle):
		return throttle.ThrottlingReasons
	}
	return nil
}

// ofMore reports whether a reason is not the bound of one partition, but that
// of a table or of the account. The reason ends in the bound that was met:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/throttling-key-range-limit-exceeded-mitigation.html
func ofMore(r types.ThrottlingReason) bool {
	return !strings.HasSuffix(aws.ToString(r.Reason), "KeyRangeThroughputExceeded")
}

// expression returns the expression, and what the placeholders #name in it and
// in the others stand for. Each is nil if there is none, as DynamoDB requires.
// Many plain words are reserved in expressions, so every attribute has a
// placeholder.
func expression(e string, others ...string) (*string, map[string]string) {
	var names map[string]string
	for _, part := range strings.Split(e+" "+strings.Join(others, " "), "#")[1:] {
		end := strings.IndexFunc(part+" ", func(r rune) bool { return !unicode.IsLetter(r) })
		if names == nil {
			names = make(map[string]string)
		}
		names["#"+part[:end]] = part[:end]
	}
	if e == "" {
		return nil, names
	}
	return &e, names
}
