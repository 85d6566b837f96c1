package accounts

import (
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// exceptFlooded returns the error of counting an attempt, but nil where
// DynamoDB refused it because more is asked of that key than one partition
// bears, a thousand writes a second. Whoever floods a counter is over its
// limit, and must not make the service look down. The reasons are told in
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/throttling-key-range-limit-exceeded-mitigation.html.
func exceptFlooded(err error) error {
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
	if len(reasons) == 0 || slices.ContainsFunc(reasons, isOther) {
		return err
	}
	return nil
}
