//go:build dynamodb

package endpoints_test

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
)

type item = map[string]types.AttributeValue

// meddled is a stack on DynamoDB whose tables somebody else writes to.
type meddled struct {
	*stack
	of tables
	db *dynamodb.Client
}

func newMeddled(t *testing.T) *meddled {
	t.Helper()
	m := &meddled{of: newTables(t), db: dynamolocal.Client(t)}
	m.stack = newStackOver(t, func() stores {
		return stores{dynamo.New(m.db, m.of.sessions), accounts.NewDynamo(m.db, m.of.accounts), dynamo.NewKeys(m.db, m.of.keys)}
	})
	return m
}

// items returns the items of a table whose key of that name begins so.
func (m *meddled) items(table, key, prefix string) []item {
	m.t.Helper()
	out, err := m.db.Scan(m.t.Context(), &dynamodb.ScanInput{TableName: aws.String(table), ConsistentRead: aws.Bool(true)})
	if err != nil {
		m.t.Fatal(err)
	}
	var found []item
	for _, it := range out.Items {
		if name, ok := it[key].(*types.AttributeValueMemberS); ok && strings.HasPrefix(name.Value, prefix) {
			found = append(found, it)
		}
	}
	return found
}

// only returns the one item of a table whose key begins so.
func (m *meddled) only(table, key, prefix string) item {
	m.t.Helper()
	found := m.items(table, key, prefix)
	if len(found) != 1 {
		m.t.Fatalf("%d items %s…, want 1", len(found), prefix)
	}
	return found[0]
}

// put writes the item as it is.
func (m *meddled) put(table string, it item) {
	m.t.Helper()
	if _, err := m.db.PutItem(m.t.Context(), &dynamodb.PutItemInput{TableName: aws.String(table), Item: it}); err != nil {
		m.t.Fatal(err)
	}
}

func text(s string) types.AttributeValue   { return &types.AttributeValueMemberS{Value: s} }
func number(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }
func octets(n int) types.AttributeValue    { return &types.AttributeValueMemberB{Value: make([]byte, n)} }

// ones are octets that are not those of a value that is not set.
func ones(n int) types.AttributeValue {
	return &types.AttributeValueMemberB{Value: bytes.Repeat([]byte{1}, n)}
}

// damage is what is wrong with one attribute: another value, or nil for none.
type damage struct {
	attribute string
	value     types.AttributeValue
}

func (d damage) String() string {
	if d.value == nil {
		return d.attribute + " missing"
	}
	return fmt.Sprintf("%s = %T%v", d.attribute, d.value, reflect.ValueOf(d.value).Elem().Field(0))
}

// done returns a copy of the item with the damage done.
func (d damage) done(whole item) item {
	it := maps.Clone(whole)
	if it[d.attribute] = d.value; d.value == nil {
		delete(it, d.attribute)
	}
	return it
}

// damages are all ways to spoil one attribute of the item each: missing, of
// every other type, out of range, and those that are given besides. Its keys
// and its time to live, which is for cleaning up only, are left alone.
func damages(whole item, keep []string, besides ...damage) []damage {
	kinds := []types.AttributeValue{
		nil, text("1"), number("1"), octets(32), &types.AttributeValueMemberBOOL{Value: true},
		&types.AttributeValueMemberNULL{Value: true},
		&types.AttributeValueMemberL{Value: []types.AttributeValue{text("1")}}, &types.AttributeValueMemberM{Value: item{"1": text("1")}},
		&types.AttributeValueMemberSS{Value: []string{"1"}},
	}
	all := besides
	for name, right := range whole {
		for _, value := range kinds {
			if reflect.TypeOf(value) != reflect.TypeOf(right) && !slices.Contains(keep, name) {
				all = append(all, damage{name, value})
			}
		}
		if _, counts := right.(*types.AttributeValueMemberN); counts && !slices.Contains(keep, name) {
			for _, n := range []string{"-1", "1.5", "99999999999999999999"} {
				all = append(all, damage{name, number(n)})
			}
		}
	}
	return all
}

// expectRefused asserts an error that gives nothing away and touches nothing
// of the client's.
func (m *meddled) expectRefused(what string, a answer) {
	m.t.Helper()
	if a.StatusCode != 500 && a.StatusCode != 503 {
		m.t.Errorf("%s = %d %s, want an error", what, a.StatusCode, a.Body)
	}
	if a.Headers["front-token"] != "" || a.Headers["st-access-token"] != "" || a.Headers["st-refresh-token"] != "" || len(a.Cookies) > 0 {
		m.t.Errorf("%s touches tokens: %v, %q", what, a.Headers, a.Cookies)
	}
}

// refuses sends the requests without keeping what is answered, and asserts
// that each is refused with an error and a line in the log.
func (m *meddled) refuses(what string, c *client, all ...request) {
	m.t.Helper()
	for _, r := range all {
		before := m.log.Len()
		m.expectRefused(r.route+" with "+what, c.serve(m.t.Context(), c.event(r)))
		if line := m.log.String()[before:]; !strings.Contains(line, "corrupt record") {
			m.t.Errorf("%s with %s logs %q, want the corrupt record", r.route, what, line)
		}
	}
}

// unchanged asserts that the item is as it was written.
func (m *meddled) unchanged(what, table string, names []string, want item) {
	m.t.Helper()
	key := item{}
	for _, name := range names {
		key[name] = want[name]
	}
	out, err := m.db.GetItem(m.t.Context(), &dynamodb.GetItemInput{TableName: aws.String(table), Key: key, ConsistentRead: aws.Bool(true)})
	if err != nil {
		m.t.Fatal(err)
	}
	if !reflect.DeepEqual(out.Item, want) {
		m.t.Errorf("an item with %s was overwritten: %v", what, out.Item)
	}
}
