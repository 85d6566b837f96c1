package table

import (
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Flooded reports whether DynamoDB refused a request because more is asked of
// that one key than a partition bears, a thousand writes or three thousand
// reads a second. Whoever knows a key can bring that about, and it says nothing
// about the table. The reasons are told in
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/throttling-key-range-limit-exceeded-mitigation.html.
func Flooded(err error) bool {
	var reasons []types.ThrottlingReason
	var exceeded *types.ProvisionedThroughputExceededException
	var throttled *types.ThrottlingException
	switch {
	case errors.As(err, &exceeded):
		reasons = exceeded.ThrottlingReasons
	case errors.As(err, &throttled):
		reasons = throttled.ThrottlingReasons
	}
	isOther := func(r types.ThrottlingReason) bool {
		return !strings.HasSuffix(aws.ToString(r.Reason), "KeyRangeThroughputExceeded")
	}
	return len(reasons) > 0 && !slices.ContainsFunc(reasons, isOther)
}
