package rotatekeys_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/rotatekeys"
)

// A configuration that cannot be used fails the deployment with its reason,
// and lets the stack that failed be deleted.
func TestRefusal(t *testing.T) {
	why := errors.New("IDLE_SECONDS must not exceed ABSOLUTE_SECONDS")
	r := rotatekeys.Refuse(why)
	for kind, want := range map[string]string{"Create": "FAILED", "Update": "FAILED", "Delete": "SUCCESS"} {
		c := newCloudFormation(t)
		settings := c.event(kind, "https://api.example.com/auth")
		for i, event := range []string{settings, checking(settings)} {
			if _, err := r.Invoke(t.Context(), []byte(event)); err != nil || len(c.answers) != i+1 {
				t.Fatalf("%s = %v, and CloudFormation was told %v", kind, err, c.answers)
			}
			reason, _ := c.answers[i]["Reason"].(string)
			told := strings.Contains(reason, why.Error())
			if c.answers[i]["Status"] != want || told != (want == "FAILED") {
				t.Errorf("%s told %v, want %s with the reason of a failure", event, c.answers[i], want)
			}
		}
	}
	for _, event := range []string{"", "[]", "{}", `{"action":"rotate"}`, `{"source":"aws.events"}`} {
		if _, err := r.Invoke(t.Context(), []byte(event)); !errors.Is(err, why) {
			t.Errorf("Invoke(%s) = %v, want %v", event, err, why)
		}
	}
}
