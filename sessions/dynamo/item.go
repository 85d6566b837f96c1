package dynamo

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey-auth/latchkey/sessions"
)

// item is an item as DynamoDB has it.
type item = map[string]types.AttributeValue

// The attributes that items of both tables have.
const (
	attrItem    = "item"    // sort key
	attrVersion = "v"       // of the schema of the item
	attrExpires = "expires" // time to live, seconds
)

// schema is the version of the items that are written here. Items of another
// version are not understood, and so neither read nor changed.
const schema = 1

// retention is how long what is over stays for whoever looks into an incident.
const retention = 7 * 24 * time.Hour

// The instants that can be stored: all of them are milliseconds since 1970,
// and a zero time is 0.
const maxMillis = 253402300799999 // end of the year 9999

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// binary copies b: what is given to the SDK must not change under it.
func binary(b []byte) types.AttributeValue {
	return &types.AttributeValueMemberB{Value: bytes.Clone(b)}
}

func flag(b bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: b} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func millis(t time.Time) types.AttributeValue {
	if t.IsZero() {
		return number(0)
	}
	return number(t.UnixMilli())
}

// removable is the time to live of what is over at the instant.
func removable(over time.Time) types.AttributeValue {
	return number(over.Add(retention).Unix())
}

// reader reads an item strictly: an attribute that is missing, of another type
// or out of range fails it, and a reader that failed reads only zeros. Its
// error names the attribute and holds nothing of it.
type reader struct {
	item item
	err  error
}

// reads returns a reader of an item, failed if its schema is not ours.
func reads(it item) *reader {
	r := &reader{item: it}
	r.integer(attrVersion, schema, schema)
	return r
}

func (r *reader) fail(name string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: attribute %s", sessions.ErrCorrupt, name)
	}
}

// has reports whether the attribute is there.
func (r *reader) has(name string) bool {
	_, found := r.item[name]
	return found
}

func (r *reader) text(name string) string {
	a, ok := r.item[name].(*types.AttributeValueMemberS)
	if !ok {
		r.fail(name)
		return ""
	}
	return a.Value
}

func (r *reader) flag(name string) bool {
	a, ok := r.item[name].(*types.AttributeValueMemberBOOL)
	if !ok {
		r.fail(name)
		return false
	}
	return a.Value
}

func (r *reader) binary(name string) []byte {
	a, ok := r.item[name].(*types.AttributeValueMemberB)
	if !ok {
		r.fail(name)
		return nil
	}
	return a.Value
}

// fill reads a binary attribute of exactly the length of into.
func (r *reader) fill(name string, into []byte) {
	b := r.binary(name)
	if len(b) != len(into) {
		r.fail(name)
		return
	}
	copy(into, b)
}

// integer reads a whole number from lowest to highest, written plainly.
func (r *reader) integer(name string, lowest, highest int64) int64 {
	a, ok := r.item[name].(*types.AttributeValueMemberN)
	if !ok {
		r.fail(name)
		return 0
	}
	n, err := strconv.ParseInt(a.Value, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != a.Value || n < lowest || n > highest {
		r.fail(name)
		return 0
	}
	return n
}

// count reads how often something happened.
func (r *reader) count(name string) int64 { return r.integer(name, 1, math.MaxInt64) }

// instant reads a time that must be there.
func (r *reader) instant(name string) time.Time {
	return time.UnixMilli(r.integer(name, 1, maxMillis)).UTC()
}

// instantOrNone reads a time, zero where it is 0.
func (r *reader) instantOrNone(name string) time.Time {
	n := r.integer(name, 0, maxMillis)
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMilli(n).UTC()
}
