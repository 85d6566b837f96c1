package authorizer

import (
	"fmt"
	"strings"
)

// target is the head of an execute-api ARN: all of it but the path, which the
// caller chose. Every resource of a policy is built from a target and
// constants, since * and ? in a resource match across slashes.
type target struct {
	stage string // arn:PARTITION:execute-api:REGION:ACCOUNT:API/STAGE
	apiID string
	verb  string // as in the ARN, any text without a slash
}

// The longest texts in a policy. The gateway accepts resources of up to 512
// characters.
const (
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
	ok := only(part[1], lower|hyphen) && only(part[3], lower|digit|hyphen) && only(part[4], digit) &&
		only(api, lower|digit) && (stage == "$default" || only(stage, lower|upper|digit|hyphen|underscore))
	if !ok {
		return target{}, fmt.Errorf("%w: odd characters in the ARN", ErrEvent)
	}
	head := len(arn) - len(part[5]) + len(api) + len("/") + len(stage)
	if head > maxHead {
		return target{}, fmt.Errorf("%w: long ARN", ErrEvent)
	}
	return target{stage: arn[:head], apiID: api, verb: resource[2]}, nil
}

// resources returns the resources of a policy about the request: for a read
// both read verbs of the stage, for a WebSocket its handshake, otherwise the
// verb of the ARN.
//
// A verb that has other characters than capital letters must not be in a
// policy. It is an error, and the resource is then the whole stage, for a
// denial.
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

// class is a set of characters that may be in a policy.
type class int

const (
	lower class = 1 << iota
	upper
	digit
	hyphen
	underscore
)

func classOf(c byte) class {
	switch {
	case 'a' <= c && c <= 'z':
		return lower
	case 'A' <= c && c <= 'Z':
		return upper
	case '0' <= c && c <= '9':
		return digit
	case c == '-':
		return hyphen
	case c == '_':
		return underscore
	}
	return 0
}

// only reports whether s is not empty and has only characters of the classes.
func only(s string, classes class) bool {
	for i := range len(s) {
		if classOf(s[i])&classes == 0 {
			return false
		}
	}
	return s != ""
}
