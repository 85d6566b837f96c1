package accounts

import (
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// item is an item of the table, or the values of an expression.
type item = map[string]types.AttributeValue

func keyItem(key string) item { return item{"key": text(key)} }

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// millis is a moment as it is stored.
func millis(t time.Time) types.AttributeValue { return number(t.UnixMilli()) }

// expiry is the value of the attribute that time to live goes by: the first
// whole second that is not before t.
func expiry(t time.Time) types.AttributeValue { return number(t.Add(time.Second - 1).Unix()) }

// decoder reads the attributes of an item and remembers the first that is not
// there or of another type. It names the attribute, never its value.
type decoder struct {
	item item
	err  error
}

func (d *decoder) text(name string) string {
	v, ok := d.item[name].(*types.AttributeValueMemberS)
	if !ok || v.Value == "" {
		d.fail(name)
		return ""
	}
	return v.Value
}

// number reads a whole number that is not negative.
func (d *decoder) number(name string) int64 {
	v, ok := d.item[name].(*types.AttributeValueMemberN)
	if !ok {
		d.fail(name)
		return 0
	}
	n, err := strconv.ParseInt(v.Value, 10, 64)
	if err != nil || n < 0 {
		d.fail(name)
		return 0
	}
	return n
}

func (d *decoder) time(name string) time.Time { return time.UnixMilli(d.number(name)).UTC() }

func (d *decoder) fail(name string) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: attribute %s", ErrCorrupt, name)
	}
}
