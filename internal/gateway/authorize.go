package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/latchkey-auth/latchkey/internal/template"
)

// unauthorized is the one error of an authorizer that means 401.
const unauthorized = "Unauthorized"

// verdict is an authorizer's answer.
type verdict struct {
	principal string
	policy    policy
	context   map[string]any
}

// question is what an authorizer is asked.
type question struct {
	name     string // name of the authorizer
	by       template.Authorizer
	identity []string
	event    []byte
}

// ask returns the authorizer's answer. It may be an earlier one for the same
// identity if the API keeps answers.
func (s *shared) ask(ctx context.Context, q question) (verdict, error) {
	key := keptKey(q.name, q.identity)
	if q.by.TTL > 0 {
		if v, found := s.kept.get(key, s.cfg.Now()); found {
			return v, nil
		}
	}
	answer, err := s.cfg.Invoke(ctx, q.by.Function, q.event)
	if err != nil {
		return verdict{}, err
	}
	v, err := parseVerdict(answer)
	if err == nil && q.by.TTL > 0 {
		s.kept.put(key, v, s.cfg.Now().Add(q.by.TTL))
	}
	return v, err
}

func parseVerdict(answer []byte) (verdict, error) {
	var a struct {
		PrincipalID string          `json:"principalId"`
		Policy      json.RawMessage `json:"policyDocument"`
		Context     map[string]any  `json:"context"`
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return verdict{}, errors.New("its answer is not understood")
	}
	if a.PrincipalID == "" {
		return verdict{}, errors.New("its answer has no principalId")
	}
	p, err := parsePolicy(a.Policy)
	if err != nil {
		return verdict{}, fmt.Errorf("its policy is not understood: %w", err)
	}
	return verdict{principal: a.PrincipalID, policy: p, context: a.Context}, nil
}

// scalars returns the context as REST and WebSocket APIs pass it on: every
// value is a text. They refuse an object or a list.
func (v verdict) scalars() (map[string]any, error) {
	texts := map[string]any{"principalId": v.principal}
	for name, value := range v.context {
		switch value.(type) {
		case string, bool, float64:
			texts[name] = fmt.Sprint(value)
		default:
			return nil, fmt.Errorf("the context's %s is neither text, number nor true or false", name)
		}
	}
	return texts, nil
}

// identify returns the values of the identity sources, and whether all of them
// are present.
func identify(sources []string, value func(source string) string) (values []string, complete bool) {
	for _, source := range sources {
		v := value(source)
		if v == "" {
			return nil, false
		}
		values = append(values, v)
	}
	return values, true
}
