package gateway_test

import (
	"strings"
	"testing"
)

// A policy decides between 200 and 403. One that cannot be evaluated gives 500.
func TestPolicyEvaluation(t *testing.T) {
	const me = stage
	for _, tt := range []struct {
		resource string
		want     int
	}{
		{"*", 200},
		{me + "/GET/notes/7", 200},
		{me + "/GET/*", 200},
		{me + "/*/notes/7", 200},
		{me + "/GET/notes/?", 200},
		{me + "/*", 200},
		{me + "/G?T/**7", 200},
		{"arn:*:execute-api:*:*:*", 200},
		{"arn:aws:execute-api:us-east-1:123456789012:*/GET/*", 200},
		{me + "/" + strings.Repeat("*a", 200), 403}, // in time that grows with its length and no faster
		{me + "/GET/", 403},
		{me + "/GET/notes", 403},
		{me + "/GET/notes/7/", 403},
		{me + "/GET/notes/7?", 403},
		{me + "/get/*", 403},
		{me + "/POST/*", 403},
		{"arn:aws:execute-api:eu-west-1:123456789012:shop/*", 403},
		{"arn:aws:execute-api:us-east-1:000000000000:shop/*", 403},
		{"arn:aws:execute-api:us-east-1:123456789012:other/*", 403},
		{"arn:aws:lambda:us-east-1:123456789012:shop/*", 403},
		{"arn:aws:execute-api", 500},
		{"arn:*", 500},
		{"shop/*", 500},
	} {
		t.Run(tt.resource, func(t *testing.T) {
			if got := statusOf(t, allow(tt.resource)); got != tt.want {
				t.Errorf("allow of %s = %d, want %d", tt.resource, got, tt.want)
			}
			denied := map[int]int{200: 403, 403: 200, 500: 500}[tt.want]
			if got := statusOf(t, decision(statement("Allow", "*"), statement("Deny", tt.resource))); got != denied {
				t.Errorf("deny of %s = %d, want %d", tt.resource, got, denied)
			}
		})
	}
}

func TestPolicyForms(t *testing.T) {
	for _, tt := range []struct {
		name, policy string
		want         int
	}{
		{"text in place of lists", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}]}`, 200},
		{"an action in other letters", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"Execute-API:invoke","Resource":"*"}]}`, 200},
		{"every action of the service", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:*","Resource":"*"}]}`, 200},
		{"another action", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:ManageConnections","Resource":"*"}]}`, 403},
		{"second statement", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Sid":"a","Effect":"Allow","Action":["a:b","*"],"Resource":["*"]}]}`, 200},
		{"no statement", `{"Version":"2012-10-17","Statement":[]}`, 500},
		{"another version", `{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`, 500},
		{"effect in small letters", `{"Version":"2012-10-17","Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}`, 500},
		{"no action", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*"}]}`, 500},
		{"no resource", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":[]}]}`, 500},
		{"a number for a resource", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":7}]}`, 500},
		{"a principal", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`, 500},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := statusOf(t, `{"principalId":"u","policyDocument":`+tt.policy+`}`); got != tt.want {
				t.Errorf("policy %s = %d, want %d", tt.policy, got, tt.want)
			}
		})
	}
}

// Wildcards in the caller's own path gain the caller nothing.
func TestWildcardsOfThePathMatchNothing(t *testing.T) {
	w := newHTTP(t, session("GET /{proxy+}"))
	w.auth = func() (string, error) {
		return allow(stage + "/GET/notes"), nil
	}
	for _, path := range []string{"/*", "/%2A", "/note%3F"} {
		if answer := w.do(get(path)); answer.Code != 403 {
			t.Errorf("GET %s = %d, want 403", path, answer.Code)
		}
	}
}

// statusOf returns the status of GET /notes/7 after the authorizer's answer.
func statusOf(t *testing.T, answer string) int {
	t.Helper()
	w := newHTTP(t, session("GET /notes/{id}"))
	w.auth = func() (string, error) { return answer, nil }
	return w.do(get("/notes/7")).Code
}
