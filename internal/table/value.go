package table

import (
	"bytes"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Expiry is an instant in the form that time to live uses: the first whole
// second that is not before it.
type Expiry time.Time

// Value returns v in the form of DynamoDB. An instant is in milliseconds since
// 1970, 0 for the zero time; an Expiry is in seconds. Bytes are copied, because
// what is given to the SDK must not change under it.
func Value[V string | []byte | bool | int | int64 | time.Time | Expiry](v V) types.AttributeValue {
	var number int64
	switch v := any(v).(type) {
	case string:
		return &types.AttributeValueMemberS{Value: v}
	case []byte:
		return &types.AttributeValueMemberB{Value: bytes.Clone(v)}
	case bool:
		return &types.AttributeValueMemberBOOL{Value: v}
	case int:
		number = int64(v)
	case int64:
		number = v
	case time.Time:
		if !v.IsZero() {
			number = v.UnixMilli()
		}
	case Expiry:
		number = time.Time(v).Add(time.Second - 1).Unix()
	}
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(number, 10)}
}
