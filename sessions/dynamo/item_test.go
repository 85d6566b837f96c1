package dynamo

import (
	"maps"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"
)

// anyInstant draws an instant that can be stored.
func anyInstant(t *rapid.T, label string) time.Time {
	return time.UnixMilli(rapid.Int64Range(1, maxMillis).Draw(t, label)).UTC()
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
		nil, text("1"), number(1), binary(make([]byte, 32)), flag(true),
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
func damaged(whole item, d damage) item {
	it := maps.Clone(whole)
	it[d.name] = d.value
	if d.value == nil {
		delete(it, d.name)
	}
	return it
}

// size is what DynamoDB counts of an item: names and values.
func size(it item) int {
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

func TestAliases(t *testing.T) {
	got := aliases(rotateSet, rotateIf, "begins_with(#item, :prefix) OR (#n)")
	want := map[string]string{}
	for _, name := range []string{
		attrGen, attrHash, attrPrevious, attrSalt, attrMACKey, attrRotated, attrIdle, attrExpires,
		attrState, attrAbsolute, attrCreated, attrVersion, attrItem, attrCount,
	} {
		want["#"+name] = name
	}
	if !maps.Equal(got, want) {
		t.Errorf("aliases = %v, want %v", got, want)
	}
}
