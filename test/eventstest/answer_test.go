package eventstest_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/test/eventstest"
)

func decode(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAgrees(t *testing.T) {
	for _, c := range []struct {
		name, got, want string
		agrees          bool
	}{
		{"signin/right", `{"a":1,"b":2}`, `{"a":1}`, true},
		{"authorizer/get", `{"a":1,"b":2}`, `{"a":1}`, false},
		{"authorizer/get", `{"a":1}`, `{"a":1}`, true},
		{"signin/right", `{"a":2}`, `{"a":1}`, false},
		{"signin/right", `{}`, `{"a":null}`, false},
		{"signin/right", `"text"`, `{}`, false},
		{"signin/right", `null`, `{}`, false},
		{"signin/right", `{"body":"{\"a\":1}"}`, `{"body":{"a":1}}`, true},
		{"signin/right", `{"body":"{\"a\":2}"}`, `{"body":{"a":1}}`, false},
		{"signin/right", `[1,2]`, `[1]`, false},
		{"signin/right", `[1]`, `[1,2]`, false},
		{"signin/right", `[{"a":1,"b":2}]`, `[{"a":1}]`, true},
	} {
		if got := eventstest.Agrees(c.name, decode(t, c.got), decode(t, c.want)); got != c.agrees {
			t.Errorf("Agrees(%s, %s, %s) = %v, want %v", c.name, c.got, c.want, got, c.agrees)
		}
	}
}

func TestWithoutTimes(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	answer := func(decided, expires time.Duration) any {
		return decode(t, fmt.Sprintf(`{"context":{"decided":"%d","expires":"%d"}}`, now.Add(decided).Unix(), now.Add(expires).Unix()))
	}
	plain := decode(t, `{"context":{"decided":"$DECIDED","expires":"$EXPIRES"}}`)
	for _, c := range []struct {
		decided, expires time.Duration
		plain            bool
	}{
		{0, time.Hour, true},
		{-59 * time.Second, 24 * time.Hour, true},
		{-time.Minute, time.Hour, false},
		{time.Minute, time.Hour, false},
		{0, 25 * time.Hour, false},
		{0, -time.Hour, false},
	} {
		if got := eventstest.WithoutTimes(answer(c.decided, c.expires), now); reflect.DeepEqual(got, plain) != c.plain {
			t.Errorf("WithoutTimes(decided in %v, expires in %v) = %v, want the times replaced: %v", c.decided, c.expires, got, c.plain)
		}
	}
}
