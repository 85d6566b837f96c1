package eventstest

import (
	"encoding/json"
	"path"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Agrees reports whether got is the answer to the event of that name, such as
// "authorizer/http-2-get", when want stands beside it. The authorizer's answer
// has nothing but what is wanted; of the others' see [Covers].
func Agrees(name string, got, want any) bool {
	if path.Dir(name) == "authorizer" {
		return reflect.DeepEqual(got, want)
	}
	return Covers(got, want)
}

// Covers reports whether got has all that want names: objects may have more
// members, lists must be as long. Where want has an object, got may have its
// JSON as text, as bodies are.
func Covers(got, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		members := object(got)
		for name, value := range want {
			if member, there := members[name]; !there || !Covers(member, value) {
				return false
			}
		}
		return members != nil
	case []any:
		items, ok := got.([]any)
		ok = ok && len(items) == len(want)
		for i := 0; ok && i < len(want); i++ {
			ok = Covers(items[i], want[i])
		}
		return ok
	}
	return reflect.DeepEqual(got, want)
}

// object returns the object that v is or has as text, nil if it is none.
func object(v any) map[string]any {
	if text, ok := v.(string); ok && json.Unmarshal([]byte(text), &v) != nil {
		return nil
	}
	members, _ := v.(map[string]any)
	return members
}

// WithoutTimes returns an authorizer's answer with $DECIDED and $EXPIRES, as
// the files have them, in place of the times in its context, if they are what
// they should be at now: within a minute of it, and a day ahead at most.
func WithoutTimes(answer any, now time.Time) any {
	members, _ := answer.(map[string]any)
	context, _ := members["context"].(map[string]any)
	for name, longest := range map[string]time.Duration{"decided": time.Minute, "expires": 24*time.Hour + time.Minute} {
		text, _ := context[name].(string)
		seconds, err := strconv.ParseInt(text, 10, 64)
		if ahead := time.Unix(seconds, 0).Sub(now); err == nil && ahead > -time.Minute && ahead < longest {
			context[name] = "$" + strings.ToUpper(name)
		}
	}
	return answer
}
