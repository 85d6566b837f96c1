package authorizer

import (
	"fmt"
	"strings"
)

// target is the head of an execute-api ARN: all of it but the path, which the
// caller chose. Whatever a policy names is built from it and constants, since
// * and ? in a policy's resource match across slashes.
type target struct {
	stage string // arn:PARTITION:execute-api:REGION:ACCOUNT:API/STAGE
	apiID string
	verb  string // as in the ARN, any text without a slash
}

// Alphabets and lengths of the parts of an ARN that may stand in a policy. The
// gateway takes resources of up to 512 characters.
const (
	lower   = "abcdefghijklmnopqrstuvwxyz"
	upper   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits  = "0123456789"
	maxVerb = 32
	maxHead = 400
)

// parseTarget splits arn:PARTITION:execute-api:REGION:ACCOUNT:API/STAGE/VERB/PATH.
// Colons and slashes in the path stay in the path. The error is ErrEvent.
func parseTarget(arn string) (target, error) {
	part := strings.SplitN(arn, ":", 6)
	if len(part) < 6 || part[0] != "arn" || part[2] != "execute-api" {
		return target{}, fmt.Errorf("%w: no execute-api ARN", ErrEvent)
	}
	resource := strings.SplitN(part[5], "/", 4)
	if len(resource) < 3 {
		return target{}, fmt.Errorf("%w: no verb in the ARN", ErrEvent)
	}
	api, stage := resource[0], resource[1]
	ok := only(part[1], lower+"-") && only(part[3], lower+digits+"-") && only(part[4], digits) &&
		only(api, lower+digits) && (stage == "$default" || only(stage, lower+upper+digits+"-_"))
	if !ok {
		return target{}, fmt.Errorf("%w: odd characters in the ARN", ErrEvent)
	}
	head := strings.Join(part[:5], ":") + ":" + api + "/" + stage
	if len(head) > maxHead {
		return target{}, fmt.Errorf("%w: long ARN", ErrEvent)
	}
	return target{stage: head, apiID: api, verb: resource[2]}, nil
}

// resources returns what a policy about the request names: for a read both
// read verbs of the stage, for a WebSocket its handshake, else the one verb of
// the ARN.
//
// A verb that is not made of capital letters must not reach a policy. The
// error says so, and the resource is then the whole stage, for a denial.
func (r request) resources() ([]string, error) {
	stage, verb := r.target.stage, r.target.verb
	switch {
	case r.kind == webSocket:
		return []string{stage + "/$connect"}, nil
	case r.read():
		return []string{stage + "/GET/*", stage + "/HEAD/*"}, nil
	case !only(verb, upper) || len(verb) > maxVerb:
		return []string{stage + "/*"}, fmt.Errorf("%w: odd verb", ErrEvent)
	}
	return []string{stage + "/" + verb + "/*"}, nil
}

// only reports whether s is not empty and has no character but those.
func only(s, alphabet string) bool {
	return s != "" && strings.Trim(s, alphabet) == ""
}

// policy is an IAM policy document.
type policy struct {
	Version   string      `json:"Version"`
	Statement []statement `json:"Statement"`
}

type statement struct {
	Action   []string `json:"Action"`
	Effect   string   `json:"Effect"`
	Resource []string `json:"Resource"`
}

// policyOf returns a policy of one statement. A denial is explicit, because
// a resource policy of the API could allow what is merely not allowed here.
func policyOf(o outcome, resources []string) policy {
	effect := "Deny"
	if o == allowed {
		effect = "Allow"
	}
	return policy{Version: "2012-10-17", Statement: []statement{{
		Action:   []string{"execute-api:Invoke"},
		Effect:   effect,
		Resource: resources,
	}}}
}
