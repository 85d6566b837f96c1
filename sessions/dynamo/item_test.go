package dynamo

import (
	"maps"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/latchkey-auth/latchkey/internal/table"
)

// anyInstant draws an instant that can be stored.
func anyInstant(t *rapid.T, label string) time.Time {
	return time.UnixMilli(rapid.Int64Range(1, table.MaxMillis).Draw(t, label)).UTC()
}

func anyBytes(t *rapid.T, label string, into []byte) {
	copy(into, rapid.SliceOfN(rapid.Byte(), len(into), len(into)).Draw(t, label))
}

// damage is one thing that can be wrong with an item. A nil value removes the
// attribute.
type damage struct {
	name  string
	value types.AttributeValue
}

func wrongTypes(name string, right types.AttributeValue) []damage {
	all := []types.AttributeValue{
		nil, table.Text("1"), table.Number(1), table.Binary(make([]byte, 32)), table.Flag(true),
		&types.AttributeValueMemberNULL{Value: true},
		&types.AttributeValueMemberL{}, &types.AttributeValueMemberM{},
		&types.AttributeValueMemberSS{Value: []string{"1"}},
	}
	var wrong []damage
	for _, value := range all {
		if reflect.TypeOf(value) != reflect.TypeOf(right) {
			wrong = append(wrong, damage{name, value})
		}
	}
	return wrong
}

// damaged returns a copy of the item with the damage done.
func damaged(whole table.Item, d damage) table.Item {
	it := maps.Clone(whole)
	it[d.name] = d.value
	if d.value == nil {
		delete(it, d.name)
	}
	return it
}

// size is what DynamoDB counts of an item: names and values.
func size(it table.Item) int {
	n := 0
	for name, value := range it {
		n += len(name)
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			n += len(v.Value)
		case *types.AttributeValueMemberB:
			n += len(v.Value)
		case *types.AttributeValueMemberN:
			n += len(v.Value)/2 + 2
		}
	}
	return n
}
