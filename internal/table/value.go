package table

import (
	"bytes"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Text is the value of a string.
func Text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// Binary is the value of bytes. It copies b: what is given to the SDK must not
// change under it.
func Binary(b []byte) types.AttributeValue {
	return &types.AttributeValueMemberB{Value: bytes.Clone(b)}
}

// Flag is the value of a truth.
func Flag(b bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: b} }

// Number is the value of a whole number.
func Number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// Millis is the value of an instant, in milliseconds since 1970; 0 is the zero
// time.
func Millis(t time.Time) types.AttributeValue {
	if t.IsZero() {
		return Number(0)
	}
	return Number(t.UnixMilli())
}

// Expiry is the value of the attribute that time to live goes by: the first
// whole second that is not before t.
func Expiry(t time.Time) types.AttributeValue { return Number(t.Add(time.Second - 1).Unix()) }
