package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// policy is an IAM policy document in an authorizer's answer.
type policy struct {
	Version   string      `json:"Version"`
	ID        string      `json:"Id"`
	Statement []statement `json:"Statement"`
}

// statement has no conditions and no Not… members. A policy with one of those
// is not understood and so allows nothing.
type statement struct {
	Sid      string `json:"Sid"`
	Effect   string `json:"Effect"`
	Action   texts  `json:"Action"`
	Resource texts  `json:"Resource"`
}

// texts is one text or a list of them.
type texts []string

// UnmarshalJSON implements json.Unmarshaler.
func (t *texts) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*t = texts{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(t))
}

// parsePolicy reads a policy document. It refuses one that it cannot evaluate.
func parsePolicy(data []byte) (policy, error) {
	var p policy
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&p); err != nil {
		return policy{}, err
	}
	if p.Version != "2012-10-17" || len(p.Statement) == 0 {
		return policy{}, errors.New("no version 2012-10-17, or no statement")
	}
	for _, s := range p.Statement {
		if err := s.fault(); err != nil {
			return policy{}, err
		}
	}
	return p, nil
}

func (s statement) fault() error {
	if s.Effect != "Allow" && s.Effect != "Deny" || len(s.Action) == 0 || len(s.Resource) == 0 {
		return errors.New("a statement without effect, action or resource")
	}
	for _, r := range s.Resource {
		if r != "*" && (!strings.HasPrefix(r, "arn:") || strings.Count(r, ":") < 5) {
			return fmt.Errorf("%q is no ARN", r)
		}
	}
	return nil
}

// allows reports whether the policy lets the ARN be invoked: some statement
// allows it and none denies it.
func (p policy) allows(arn string) bool {
	allowed := false
	for _, s := range p.Statement {
		if !s.covers(arn) {
			continue
		}
		if s.Effect != "Allow" {
			return false
		}
		allowed = true
	}
	return allowed
}

func (s statement) covers(arn string) bool {
	return anyMatch(s.Action, func(pattern string) bool {
		return match(strings.ToLower(pattern), "execute-api:invoke")
	}) && anyMatch(s.Resource, func(pattern string) bool { return matchARN(pattern, arn) })
}

func anyMatch(patterns []string, f func(string) bool) bool {
	for _, p := range patterns {
		if f(p) {
			return true
		}
	}
	return false
}

// matchARN matches part by part. A wildcard does not match across the colons
// before the resource, but it matches anything within the resource.
func matchARN(pattern, arn string) bool {
	if pattern == "*" {
		return true
	}
	want, have := strings.SplitN(pattern, ":", 6), strings.SplitN(arn, ":", 6)
	if len(want) != len(have) {
		return false
	}
	for i := range want {
		if !match(want[i], have[i]) {
			return false
		}
	}
	return true
}

// match reports whether all of s matches the pattern. A * stands for any text,
// which may be empty or contain slashes, and a ? for one byte.
func match(pattern, s string) bool {
	star, mark := -1, 0 // where to continue when the last * matched too little
	p, i := 0, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
