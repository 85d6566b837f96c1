//go:build dynamodb

package lambda_test

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// statement is one statement of a function's policy.
type statement struct {
	Effect    string                      `yaml:"Effect"`
	Action    texts                       `yaml:"Action"`
	Resource  resource                    `yaml:"Resource"`
	Condition map[string]map[string]texts `yaml:"Condition"`
}

// texts are a text or a list of texts.
type texts []string

func (t *texts) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*t = texts{node.Value}
		return nil
	}
	return node.Decode((*[]string)(t))
}

// UnmarshalYAML reads a statement. It also reads a conditional one, which the
// template puts in an Fn::If.
func (s *statement) UnmarshalYAML(node *yaml.Node) error {
	type plain statement
	if node.Tag == "!If" {
		node = node.Content[1]
	}
	return node.Decode((*plain)(s))
}

// resource is the logical id of a statement's resource, or that of a table and
// the name of the index. A statement must name it by its ARN. The exception is
// the sender of mails, which is not a resource of the stack.
type resource string

const anyIdentity = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*"

func (r *resource) UnmarshalYAML(node *yaml.Node) error {
	if *r = anyIdentity; node.Tag == "!Sub" && node.Value == anyIdentity {
		return nil
	}
	if of := anIndex.FindStringSubmatch(node.Value); node.Tag == "!Sub" && of != nil {
		*r = resource(of[1] + of[2])
		return nil
	}
	id, isARN := strings.CutSuffix(node.Value, ".Arn")
	if node.Tag != "!GetAtt" || !isARN {
		return fmt.Errorf("line %d: a resource other than !GetAtt of an Arn", node.Line)
	}
	*r = resource(id)
	return nil
}

// anIndex is the ARN of the index of a table.
var anIndex = regexp.MustCompile(`^\$\{(\w+)\.Arn\}(/index/\w+)$`)

// The only conditions in statements: on the key of an item, and on the address
// that a mail is from.
const (
	leadingKeys = "dynamodb:LeadingKeys"
	likeAll     = "ForAllValues:StringLike"
	fromAddress = "ses:FromAddress"
	equals      = "StringEquals"
)

// patterns are the texts that a condition allows.
func (s statement) patterns() []string {
	return append(slices.Clone(s.Condition[likeAll][leadingKeys]), s.Condition[equals][fromAddress]...)
}

// compare returns what the statements lack, what they allow without need, and
// what no statement should say.
func compare(may []statement, did []request) (faults []string) {
	for _, one := range did {
		if !slices.ContainsFunc(may, func(st statement) bool { return st.allows(one) }) {
			faults = append(faults, fmt.Sprintf("no statement allows %s on %s of %.6q…", one.action, one.resource, one.leading))
		}
	}
	for _, st := range may {
		faults = append(faults, st.faults()...)
		for _, narrow := range st.parts() {
			if !slices.ContainsFunc(did, narrow.allows) {
				faults = append(faults, fmt.Sprintf("%v on %s %v is allowed and never done", narrow.Action, narrow.Resource, narrow.Condition))
			}
		}
	}
	return faults
}

// allows reports whether the statement allows the request.
func (s statement) allows(one request) bool {
	if s.Effect != "Allow" || string(s.Resource) != one.resource || !slices.Contains(s.Action, one.action) {
		return false
	}
	return s.Condition == nil || slices.ContainsFunc(s.patterns(), func(pattern string) bool {
		matches, err := path.Match(pattern, one.leading)
		return err == nil && matches
	})
}

// parts splits the statement into statements of one action and one leading key.
func (s statement) parts() (all []statement) {
	for _, action := range s.Action {
		narrow := statement{Effect: s.Effect, Action: texts{action}, Resource: s.Resource}
		if s.Condition == nil {
			all = append(all, narrow)
		}
		for _, pattern := range s.Condition[likeAll][leadingKeys] {
			narrow.Condition = map[string]map[string]texts{likeAll: {leadingKeys: {pattern}}}
			all = append(all, narrow)
		}
		for _, address := range s.Condition[equals][fromAddress] {
			narrow.Condition = map[string]map[string]texts{equals: {fromAddress: {address}}}
			all = append(all, narrow)
		}
	}
	return all
}

// faults returns what no statement of ours may say: a denial, a wildcard, a
// Scan, or a condition that this test does not understand.
func (s statement) faults() (faults []string) {
	if s.Effect != "Allow" {
		faults = append(faults, "a statement with the effect "+s.Effect)
	}
	if (s.Resource == anyIdentity) != (len(s.Condition[equals][fromAddress]) == 1) {
		faults = append(faults, "a statement about identities from no one address, or of others about addresses")
	}
	for _, action := range s.Action {
		if strings.ContainsAny(action, "*?") || strings.HasSuffix(action, ":Scan") {
			faults = append(faults, "a statement allows "+action)
		}
	}
	members := len(s.Condition[likeAll]) + len(s.Condition[equals])
	if s.Condition != nil && (len(s.Condition) != 1 || members != 1 || len(s.patterns()) == 0) {
		faults = append(faults, fmt.Sprintf("a statement has the condition %v", s.Condition))
	}
	return faults
}

// TestCompare lists what compare must find.
func TestCompare(t *testing.T) {
	t.Parallel()
	get := request{action: "dynamodb:GetItem", resource: "A", leading: "guess#1"}
	only := func(patterns ...string) map[string]map[string]texts {
		return map[string]map[string]texts{likeAll: {leadingKeys: patterns}}
	}
	send := request{action: "ses:SendEmail", resource: anyIdentity, leading: "me"}
	from := func(address string) map[string]map[string]texts {
		return map[string]map[string]texts{equals: {fromAddress: {address}}}
	}
	for name, tt := range map[string]struct {
		may  []statement
		did  []request
		want []string // a part of each fault
	}{
		"as it should be":     {[]statement{{"Allow", texts{get.action}, "A", nil}}, []request{get}, nil},
		"with a condition":    {[]statement{{"Allow", texts{get.action}, "A", only("guess#*")}}, []request{get}, nil},
		"nothing allowed":     {nil, []request{get}, []string{"no statement allows dynamodb:GetItem on A"}},
		"another table":       {[]statement{{"Allow", texts{get.action}, "B", nil}}, []request{get}, []string{"no statement allows", "on B map[] is allowed and never done"}},
		"another key":         {[]statement{{"Allow", texts{get.action}, "A", only("user#*")}}, []request{get}, []string{"no statement allows", "user#*]]] is allowed and never done"}},
		"a spare action":      {[]statement{{"Allow", texts{get.action, "dynamodb:PutItem"}, "A", nil}}, []request{get}, []string{"[dynamodb:PutItem] on A map[] is allowed and never done"}},
		"a spare key":         {[]statement{{"Allow", texts{get.action}, "A", only("guess#*", "user#*")}}, []request{get}, []string{"user#*]]] is allowed and never done"}},
		"a wildcard":          {[]statement{{"Allow", texts{get.action, "dynamodb:*"}, "A", nil}}, []request{get}, []string{"allows dynamodb:*", "never done"}},
		"a scan that is made": {[]statement{{"Allow", texts{"dynamodb:Scan"}, "A", nil}}, []request{{"dynamodb:Scan", "A", ""}}, []string{"allows dynamodb:Scan"}},
		"a denial":            {[]statement{{"Deny", texts{get.action}, "A", nil}}, []request{get}, []string{"no statement allows", "effect Deny", "never done"}},
		"a mail":              {[]statement{{"Allow", texts{send.action}, anyIdentity, from("me")}}, []request{send}, nil},
		"a mail of another": {
			[]statement{{"Allow", texts{send.action}, anyIdentity, from("you")}}, []request{send},
			[]string{"no statement allows ses:SendEmail", "[you]]] is allowed and never done"},
		},
		"a mail of anybody": {
			[]statement{{"Allow", texts{send.action}, anyIdentity, nil}}, []request{send}, []string{"from no one address"},
		},
		"another condition": {[]statement{{"Allow", texts{get.action}, "A", map[string]map[string]texts{"Bool": {"x": {"y"}}}}}, []request{get}, []string{"no statement allows", "has the condition"}},
	} {
		got := compare(tt.may, tt.did)
		if len(got) != len(tt.want) {
			t.Errorf("%s: compare = %q, want %q", name, got, tt.want)
			continue
		}
		for i, part := range tt.want {
			if !strings.Contains(got[i], part) {
				t.Errorf("%s: compare = %q, want %q in its order", name, got, tt.want)
			}
		}
	}
}
