package rotatekeys

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-lambda-go/lambda"
)

// Refusal takes the place of a Handler whose configuration cannot be used. It
// tells CloudFormation why, so that a deployment with such a configuration
// fails at once and says why. Every other event fails with the reason.
type Refusal struct {
	Reason error // names variables, and holds nothing secret
}

// Refuse returns a Refusal for the reason.
func Refuse(why error) lambda.Handler { return Refusal{why} }

// Invoke answers one event.
func (r Refusal) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var c command
	if err := json.Unmarshal(payload, &c); err != nil || c.Type == "" {
		return nil, r.Reason
	}
	return answerCloudFormation(ctx, payload, r.apply)
}

// apply allows a stack to be deleted, even one that was never complete.
func (r Refusal) apply(_ context.Context, event cfn.Event) (string, map[string]any, error) {
	if event.RequestType == cfn.RequestDelete {
		return physicalID(event), nil, nil
	}
	return physicalID(event), nil, r.Reason
}
