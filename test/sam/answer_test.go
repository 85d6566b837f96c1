//go:build sam

package sam_test

import (
	"encoding/json"
	"reflect"
	"strconv"
	"time"
)

// withoutTimes returns the authorizer's answer with $EXPIRES and $DECIDED in
// place of the times in its context, if they are what they should be: a day
// ahead at most, and now.
func withoutTimes(answer any) any {
	members, _ := answer.(map[string]any)
	context, _ := members["context"].(map[string]any)
	now := time.Now()
	replace := func(name, by string, from, to time.Time) {
		text, _ := context[name].(string)
		seconds, err := strconv.ParseInt(text, 10, 64)
		if at := time.Unix(seconds, 0); err == nil && at.After(from) && at.Before(to) {
			context[name] = by
		}
	}
	replace("decided", "$DECIDED", now.Add(-time.Minute), now.Add(time.Minute))
	replace("expires", "$EXPIRES", now, now.Add(24*time.Hour+time.Minute))
	return answer
}

func equal(got, want any) bool { return reflect.DeepEqual(got, want) }

// covers reports whether got has all that want names: objects may have more
// members, lists must be as long. Where want has an object, got may have its
// JSON as text, as bodies are.
func covers(got, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		members := object(got)
		for name, value := range want {
			if member, there := members[name]; !there || !covers(member, value) {
				return false
			}
		}
		return members != nil
	case []any:
		items, _ := got.([]any)
		if len(items) != len(want) {
			return false
		}
		for i := range want {
			if !covers(items[i], want[i]) {
				return false
			}
		}
		return true
	}
	return equal(got, want)
}

// object returns the object that v is or has as text, nil if it is none.
func object(v any) map[string]any {
	if text, ok := v.(string); ok && json.Unmarshal([]byte(text), &v) != nil {
		return nil
	}
	members, _ := v.(map[string]any)
	return members
}

// text returns v as JSON.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
