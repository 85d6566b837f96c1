package table_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey-auth/latchkey/internal/table"
)

// client notes what it is asked, and answers as it is told. The engine's own
// answers are the business of the stores' suites; here are those that it gives
// only on a bad day.
type client struct {
	table.Client
	put         *dynamodb.PutItemInput
	update      *dynamodb.UpdateItemInput
	delete      *dynamodb.DeleteItemInput
	query       *dynamodb.QueryInput
	transaction *dynamodb.TransactWriteItemsInput
	batches     []*dynamodb.BatchGetItemInput
	answers     []*dynamodb.BatchGetItemOutput
	pages       []*dynamodb.QueryOutput
	err         error
}

func (c *client) PutItem(_ context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	c.put = in
	return &dynamodb.PutItemOutput{}, c.err
}

func (c *client) UpdateItem(_ context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	c.update = in
	return &dynamodb.UpdateItemOutput{Attributes: table.Item{"n": table.Value(2)}}, c.err
}

func (c *client) DeleteItem(_ context.Context, in *dynamodb.DeleteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	c.delete = in
	return &dynamodb.DeleteItemOutput{}, c.err
}

func (c *client) Query(_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	c.query = in
	if c.err != nil {
		return nil, c.err
	}
	next := c.pages[0]
	c.pages = c.pages[1:]
	return next, nil
}

func (c *client) BatchGetItem(_ context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	c.batches = append(c.batches, in)
	if c.err != nil {
		return nil, c.err
	}
	next := c.answers[0]
	c.answers = c.answers[1:]
	return next, nil
}

func (c *client) TransactWriteItems(_ context.Context, in *dynamodb.TransactWriteItemsInput, _ ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	c.transaction = in
	return &dynamodb.TransactWriteItemsOutput{}, c.err
}

var errNetwork = errors.New("connection reset")

func key(s string) table.Item {
	return table.Item{"user": table.Value("u"), "item": table.Value(s)}
}

func whole(s string) table.Item {
	it := key(s)
	it["v"] = table.Value(1)
	return it
}

// TestOutcomes makes each write with a condition that holds, one that does not
// and on a network that fails.
func TestOutcomes(t *testing.T) {
	c := &client{}
	tb, ctx := table.Table{Client: c, Name: "sessions"}, t.Context()
	condition := table.Condition{If: "#v = :v AND begins_with(#item, :v) OR (#user)", Values: table.Item{":v": table.Value(1)}}
	old := table.Item{"n": table.Value(1)}
	for name, write := range map[string]func() (table.Result, error){
		"put":    func() (table.Result, error) { return tb.Put(ctx, whole("a"), condition) },
		"delete": func() (table.Result, error) { return tb.Delete(ctx, key("a"), condition) },
		"update": func() (table.Result, error) {
			return tb.Update(ctx, table.Update{Key: key("a"), Set: "SET #n = :n", If: condition.If, Values: condition.Values, Wants: true})
		},
	} {
		c.err = nil
		if out, err := write(); err != nil || !out.Applied || (name == "update") != (out.Item != nil) {
			t.Errorf("%s = %+v, %v, want it applied", name, out, err)
		}
		c.err = &types.ConditionalCheckFailedException{Item: old}
		if out, err := write(); err != nil || out.Applied || !reflect.DeepEqual(out.Item, old) {
			t.Errorf("%s that is refused = %+v, %v, want the item it was refused for", name, out, err)
		}
		c.err = errNetwork
		if out, err := write(); !errors.Is(err, errNetwork) || out.Applied || out.Item != nil {
			t.Errorf("%s on a broken network = %+v, %v, want its error", name, out, err)
		}
	}
	want := map[string]string{"#v": "v", "#item": "item", "#user": "user"}
	if !maps.Equal(c.put.ExpressionAttributeNames, want) || !maps.Equal(c.delete.ExpressionAttributeNames, want) {
		t.Errorf("names = %v and %v, want %v", c.put.ExpressionAttributeNames, c.delete.ExpressionAttributeNames, want)
	}
	if want["#n"] = "n"; !maps.Equal(c.update.ExpressionAttributeNames, want) {
		t.Errorf("names of an update = %v, want %v", c.update.ExpressionAttributeNames, want)
	}
	c.err = nil
	if _, err := tb.Put(ctx, whole("a"), table.Condition{}); err != nil || c.put.ConditionExpression != nil || c.put.ExpressionAttributeNames != nil {
		t.Errorf("a put without a condition = %v, and has one", err)
	}
}

// TestGetEach has the answers of DynamoDB in another order, in two parts, and
// never whole.
func TestGetEach(t *testing.T) {
	a, b := whole("a"), whole("b")
	answer := func(missing string, items ...table.Item) *dynamodb.BatchGetItemOutput {
		out := &dynamodb.BatchGetItemOutput{Responses: map[string][]table.Item{"sessions": items}}
		if missing != "" {
			out.UnprocessedKeys = map[string]types.KeysAndAttributes{"sessions": {Keys: []table.Item{key(missing)}}}
		}
		return out
	}
	for _, test := range []struct {
		name     string
		answers  []*dynamodb.BatchGetItemOutput
		want     []table.Item
		requests int
	}{
		{"both", []*dynamodb.BatchGetItemOutput{answer("", b, a)}, []table.Item{a, b}, 1},
		{"one of them", []*dynamodb.BatchGetItemOutput{answer("", b)}, []table.Item{nil, b}, 1},
		{"neither", []*dynamodb.BatchGetItemOutput{answer("")}, []table.Item{nil, nil}, 1},
		{"a stranger", []*dynamodb.BatchGetItemOutput{answer("", whole("c"))}, []table.Item{nil, nil}, 1},
		{"one late", []*dynamodb.BatchGetItemOutput{answer("a", b), answer("", a)}, []table.Item{a, b}, 2},
		{"one late and gone", []*dynamodb.BatchGetItemOutput{answer("a", b), answer("")}, []table.Item{nil, b}, 2},
		{"one never", []*dynamodb.BatchGetItemOutput{answer("a", b), answer("a")}, nil, 2},
	} {
		c := &client{answers: test.answers}
		got, err := table.Table{Client: c, Name: "sessions"}.GetEach(t.Context(), key("a"), key("b"))
		if !reflect.DeepEqual(got, test.want) || (err == nil) != (test.want != nil) || len(c.batches) != test.requests {
			t.Errorf("GetEach(%s) = %v, %v by %d requests, want %v by %d", test.name, got, err, len(c.batches), test.want, test.requests)
		}
		for _, in := range c.batches {
			if !aws.ToBool(in.RequestItems["sessions"].ConsistentRead) {
				t.Errorf("GetEach(%s) makes a request that is not consistent", test.name)
			}
		}
		if test.requests == 2 && len(c.batches[1].RequestItems["sessions"].Keys) != 1 {
			t.Errorf("GetEach(%s) asks again for what it has", test.name)
		}
	}
}

// TestPages: an answer is whole or an error, however DynamoDB cuts it.
func TestPages(t *testing.T) {
	page := func(next string, items ...string) *dynamodb.QueryOutput {
		out := &dynamodb.QueryOutput{}
		for _, s := range items {
			out.Items = append(out.Items, whole(s))
		}
		if next != "" {
			out.LastEvaluatedKey = key(next)
		}
		return out
	}
	c := &client{pages: []*dynamodb.QueryOutput{page("b", "a", "b"), page("b"), page("", "c")}}
	tb, q := table.Table{Client: c}, table.Query{Where: "#user = :u", Limit: 2, Newest: true}
	var got []string
	take := func(items []table.Item) error {
		for _, it := range items {
			got = append(got, it["item"].(*types.AttributeValueMemberS).Value)
		}
		return nil
	}
	if err := tb.Pages(t.Context(), q, take); err != nil || !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("Pages = %v, %v, want a, b and c", got, err)
	}
	if in := c.query; !aws.ToBool(in.ConsistentRead) || aws.ToInt32(in.Limit) != 2 || aws.ToBool(in.ScanIndexForward) || !reflect.DeepEqual(in.ExclusiveStartKey, key("b")) {
		t.Errorf("the last query is %+v, want a consistent one of two, newest first, after b", in)
	}
	c.pages = []*dynamodb.QueryOutput{page("b", "a")}
	if err := tb.Pages(t.Context(), q, func([]table.Item) error { return errNetwork }); !errors.Is(err, errNetwork) {
		t.Errorf("Pages whose yield fails = %v, want its error", err)
	}
	c.pages, q.Index = []*dynamodb.QueryOutput{page("b", "a")}, "byTenant"
	p, err := tb.Page(t.Context(), q)
	if err != nil || len(p.Items) != 1 || !reflect.DeepEqual(p.Next, key("b")) || aws.ToBool(c.query.ConsistentRead) || aws.ToString(c.query.IndexName) != "byTenant" {
		t.Errorf("Page of an index = %+v, %v by %+v, want one item and where the next begins", p, err, c.query)
	}
	c.err = errNetwork
	if err := tb.Pages(t.Context(), q, take); !errors.Is(err, errNetwork) {
		t.Errorf("Pages on a broken network = %v, want its error", err)
	}
}

var errCorrupt = errors.New("corrupt")

// damagesOf are values that each attribute may not have, nil for none.
func damagesOf(good table.Item) map[string][]types.AttributeValue {
	const secret = "SECRET"
	damages := map[string][]types.AttributeValue{
		"v": {table.Value(0), table.Value(2)}, "word": {table.Value("")}, "count": {table.Value(0), table.Value(-1)},
		"binary": {table.Value([]byte(nil)), table.Value([]byte{1}), table.Value([]byte{1, 2, 3})},
		"at":     {table.Value(0), table.Value(-1), table.Value(table.MaxMillis + 1)}, "none": {table.Value(-1)},
	}
	for _, digits := range []string{"", "1.5", "1e3", "+1", "01", "-0", "9223372036854775808", "NaN", secret} {
		damages["count"] = append(damages["count"], &types.AttributeValueMemberN{Value: digits})
	}
	for name, right := range good {
		for _, wrong := range []types.AttributeValue{
			nil, table.Value(secret), table.Value(1), table.Value([]byte(secret)), table.Value(true),
			&types.AttributeValueMemberNULL{Value: true}, &types.AttributeValueMemberL{}, &types.AttributeValueMemberSS{Value: []string{secret}},
		} {
			if reflect.TypeOf(wrong) != reflect.TypeOf(right) {
				damages[name] = append(damages[name], wrong)
			}
		}
	}
	return damages
}

// TestReader reads one item whole, and then with each attribute damaged.
func TestReader(t *testing.T) {
	at := time.UnixMilli(1_900_000_000_123).UTC()
	good := table.Item{
		"v": table.Value(1), "text": table.Value(""), "word": table.Value("w"), "flag": table.Value(true), "binary": table.Value([]byte{1, 2}),
		"count": table.Value(1), "at": table.Value(at), "none": table.Value(time.Time{}),
	}
	read := func(it table.Item) (string, error) {
		r := table.Schema{Version: 1, Corrupt: errCorrupt}.Read(it)
		var b [2]byte
		r.Fill("binary", b[:])
		whole := r.Text("text") == "" && r.Word("word") == "w" && r.Flag("flag") && r.Count("count") == 1 &&
			r.Instant("at").Equal(at) && r.InstantOrNone("none").IsZero() && b == [2]byte{1, 2}
		if r.Err() == nil && !whole {
			t.Errorf("%v is read as something else", it)
		}
		if r.Err() != nil && (r.Text("text")+r.Word("word") != "" || r.Flag("flag") || r.Binary("binary") != nil || r.Count("count") != 0 || !r.Instant("at").IsZero()) {
			t.Errorf("a reader that failed reads something of %v", it)
		}
		return "", r.Err()
	}
	if _, err := read(good); err != nil {
		t.Errorf("Read = %v, want nil", err)
	}
	for name, wrongs := range damagesOf(good) {
		for _, wrong := range wrongs {
			it := maps.Clone(good)
			if it[name] = wrong; wrong == nil {
				delete(it, name)
			}
			if _, err := read(it); !errors.Is(err, errCorrupt) || !strings.HasSuffix(err.Error(), "attribute "+name) {
				t.Errorf("Read(%s = %v) = %v, want it corrupt for that attribute", name, wrong, err)
			}
		}
	}
	delete(good, "v")
	if r := (table.Schema{Version: 1, Implicit: true, Corrupt: errCorrupt}).Read(good); r.Err() != nil {
		t.Errorf("Read of an item that may have no version = %v, want nil", r.Err())
	}
}

// TestValues: what was made of bytes does not change with them, and time to
// live removes nothing early.
func TestValues(t *testing.T) {
	b := []byte{1, 2}
	value := table.Value(b)
	clear(b)
	if got := value.(*types.AttributeValueMemberB).Value; !slices.Equal(got, []byte{1, 2}) {
		t.Errorf("Binary = %v after its source was cleared", got)
	}
	for millis, want := range map[int64]int64{1000: 1, 1001: 2, 1999: 2} {
		if got := table.Value(table.Expiry(time.UnixMilli(millis))); !reflect.DeepEqual(got, table.Value(want)) {
			t.Errorf("Expiry(%d ms) = %v, want %d", millis, got, want)
		}
	}
}

// TestOneKey: what is refused for the load on one partition says so, and what is
// the table's or the account's does not.
func TestOneKey(t *testing.T) {
	because := func(reasons ...string) (all []types.ThrottlingReason) {
		for _, reason := range reasons {
			all = append(all, types.ThrottlingReason{Reason: &reason})
		}
		return all
	}
	for _, test := range []struct {
		err error
		one bool
	}{
		{&types.ProvisionedThroughputExceededException{ThrottlingReasons: because("TableReadKeyRangeThroughputExceeded")}, true},
		{&types.ThrottlingException{ThrottlingReasons: because("TableWriteKeyRangeThroughputExceeded")}, true},
		{&types.ThrottlingException{ThrottlingReasons: because("TableWriteKeyRangeThroughputExceeded", "TableWriteAccountLimitExceeded")}, false},
		{&types.ProvisionedThroughputExceededException{ThrottlingReasons: because("TableReadMaxOnDemandThroughputExceeded")}, false},
		{&types.ProvisionedThroughputExceededException{}, false},
		{errNetwork, false},
	} {
		_, err := table.Table{Client: &client{err: fmt.Errorf("operation error: %w", test.err)}}.Put(t.Context(), nil, table.Condition{})
		var refused interface{ OneKey() bool }
		one := errors.As(err, &refused) && refused.OneKey()
		if one != test.one || table.Flooded(err) != test.one || !errors.Is(err, test.err) {
			t.Errorf("%v is of one key: %t, flooded: %t, want %t", err, one, table.Flooded(err), test.one)
		}
	}
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
