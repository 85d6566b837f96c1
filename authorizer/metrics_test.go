package authorizer_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Counters are added up and written once in 10 s, each named as a counter of the
// stack's. A flood is no more lines, and a clock that is set back silences none.
func TestMetrics(t *testing.T) {
	w := newWorld(t, token.ES256)
	var out bytes.Buffer
	w.config.Metrics, w.config.Stack = &out, "latchkey-dev"
	a := w.authorizer()
	expired := w.signIn("u0", "").Access
	w.clock.Advance(2 * time.Hour)
	live, revoked := w.signIn("u1", "").Access, w.signIn("u2", "")
	w.revoke(revoked)
	get := event{kind: http2Kind, method: "GET"}
	post := event{kind: http2Kind, method: "POST"}.bearer(live)
	counted := func(when string, want map[string]float64) {
		t.Helper()
		if strings.Count(out.String(), "\n") != 1 {
			t.Fatalf("%s: %q, want one line", when, out.String())
		}
		checkLine(t, out.Bytes(), want, float64(w.clock.Now().UnixMilli()))
		out.Reset()
	}
	w.send(a, get.bearer(live))
	counted("after the first request", map[string]float64{"Allowed": 1})
	for range 5000 {
		w.send(a, get)
	}
	w.send(a, post)
	w.send(a, get.bearer(tamper(live)))
	w.send(a, get.with("Cookie", cookies(tamper(live), expired, "garbage")))
	w.send(a, event{kind: http2Kind, method: "POST"}.bearer(revoked.Access))
	w.store.down.Store(true)
	w.clock.Advance(9999 * time.Millisecond)
	w.send(a, post)
	w.store.down.Store(false)
	w.store.answer = func(sessions.Session) (sessions.Session, error) {
		return sessions.Session{}, overloaded{errors.New("throttled")}
	}
	w.send(a, post)
	if out.Len() != 0 {
		t.Fatalf("within 10 s of the last line: %q, want nothing", out.String())
	}
	w.clock.Advance(time.Millisecond)
	sendBytes(t, a, []byte("nonsense"))
	counted("after 10 s", map[string]float64{"Allowed": 1, "Checked": 2, "RefusedMissing": 5000, "RefusedInvalid": 1, "RefusedExpired": 1, "RefusedRevoked": 1, "Errors": 2, "Overloaded": 1})
	for _, d := range []time.Duration{time.Hour, -2 * time.Hour} {
		w.clock.Advance(d)
		w.send(a, get)
		counted(d.String()+" later", map[string]float64{"RefusedMissing": 1})
	}
	if strings.Count(w.log.String(), "\n") != 3 {
		t.Errorf("the log has %s, want the three that were not judged and no refusal", w.log)
	}
}

// checkLine asserts that the line has those counters, and says of each that it
// is one.
func checkLine(t *testing.T, text []byte, want map[string]float64, now float64) {
	t.Helper()
	var line map[string]any
	must(t, json.Unmarshal(text, &line))
	var format struct {
		Stack string
		AWS   struct {
			Timestamp         float64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name, Unit string }
			}
		} `json:"_aws"`
	}
	must(t, json.Unmarshal(text, &format))
	if format.Stack != "latchkey-dev" || format.AWS.Timestamp != now || len(format.AWS.CloudWatchMetrics) != 1 {
		t.Fatalf("line = %s, want the stack, timestamp %v and one set of metrics", text, now)
	}
	set := format.AWS.CloudWatchMetrics[0]
	if set.Namespace != "Latchkey" || len(set.Dimensions) != 1 || !slices.Equal(set.Dimensions[0], []string{"Stack"}) || len(set.Metrics) != len(want) || len(line) != len(want)+2 {
		t.Errorf("line = %s, want %v in Latchkey by stack", text, want)
	}
	for _, m := range set.Metrics {
		if line[m.Name] != want[m.Name] || m.Unit != "Count" {
			t.Errorf("%s = %v in %s, want %v as a count", m.Name, line[m.Name], m.Unit, want[m.Name])
		}
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestMetricsThatCannotBeWrittenFailNoRequest(t *testing.T) {
	w := newWorld(t, token.ES256)
	w.config.Metrics = brokenWriter{}
	if got := w.ask(event{kind: http2Kind, method: "GET"}.bearer(w.signIn("u1", "").Access)); got != "allow" {
		t.Errorf("GET = %s, want allow", got)
	}
}

// overloaded is the error of a store for the load on one user's items.
type overloaded struct{ error }

func (overloaded) OneKey() bool { return true }
