package rotatekeys

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
)

// checkType is the type of the custom resource that says whether the settings
// fit together. A running Handler is the answer already: a function whose
// settings do not fit is a Refusal. The attribute Digest tells values of the
// property Digested apart, for the description of a version, which has no room
// for them.
const checkType = "Custom::LatchkeySettingsCheck"

// physicalID returns the physical id of a custom resource. It never changes, so
// CloudFormation never deletes an old one after an update.
func physicalID(event cfn.Event) string {
	if event.ResourceType == checkType {
		return "latchkey-settings-check"
	}
	return "latchkey-settings"
}

const (
	// pause is the time between attempts while a new role is propagating.
	pause = 2 * time.Second
	// reserve is the part of the function's time that is kept for the answer to
	// CloudFormation.
	reserve = 5 * time.Second
)

// customResource answers CloudFormation. When the stack is created or updated
// it writes the settings, which need the API's own address, and the first keys.
// Deletion leaves everything in place, because the table outlives the stack.
func (h Handler) customResource(ctx context.Context, payload []byte) ([]byte, error) {
	return answerCloudFormation(ctx, payload, h.apply)
}

// answerCloudFormation tells CloudFormation how apply ended. The stack waits
// for the answer, so a failure to deliver it is an error. Lambda then calls
// again: every step may be repeated.
func answerCloudFormation(ctx context.Context, payload []byte, apply cfn.CustomResourceFunction) ([]byte, error) {
	var event cfn.Event
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, errors.New("rotatekeys: not an event of CloudFormation")
	}
	reason, err := cfn.LambdaWrap(apply)(ctx, event)
	if err != nil {
		return nil, fmt.Errorf("rotatekeys: telling CloudFormation: %w", withoutURL(err))
	}
	return json.Marshal(reason)
}

// withoutURL takes the address out of an error of a request. The callback's
// address is signed, and anyone who has it may answer instead of this function.
func withoutURL(err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}

// apply does what one request of CloudFormation asks for.
func (h Handler) apply(ctx context.Context, event cfn.Event) (string, map[string]any, error) {
	id := physicalID(event)
	if event.RequestType == cfn.RequestDelete {
		return id, nil, nil
	}
	if event.ResourceType == checkType {
		text, _ := event.ResourceProperties["Digested"].(string)
		return id, map[string]any{"Digest": fmt.Sprintf("%x", sha256.Sum256([]byte(text)))}, nil
	}
	issuer, _ := event.ResourceProperties["Issuer"].(string)
	api, _ := event.ResourceProperties["ApiId"].(string)
	domain, told := event.ResourceProperties["CookieDomain"].(string)
	if issuer == "" || api == "" {
		return id, nil, errors.New("the properties Issuer and ApiId are required")
	}
	err := h.retry(ctx, func() error {
		if err := h.Keeper.Bootstrap(ctx, issuer, api); err != nil || !told {
			return err
		}
		return h.Keeper.SetCookieDomain(ctx, domain)
	})
	return id, nil, err
}

// retry repeats do until it succeeds or little of the function's time is left.
// A role that was made a moment ago is refused at first.
func (h Handler) retry(ctx context.Context, do func() error) error {
	for {
		err := do()
		if err == nil {
			return nil
		}
		deadline, bounded := ctx.Deadline()
		if bounded && h.Now().Add(pause+reserve).After(deadline) {
			return err
		}
		if h.Pause(ctx, pause) != nil {
			return err
		}
	}
}

// Sleep is the Pause of a deployed function. It waits for d, or returns the
// error of ctx if that ends first.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
