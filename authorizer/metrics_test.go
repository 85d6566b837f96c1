package authorizer_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

func TestMetrics(t *testing.T) {
	w := newWorld(t, token.ES256)
	var out bytes.Buffer
	w.config.Metrics, w.config.Stack = &out, "latchkey-dev"
	a := w.authorizer()
	live := w.signIn("u1", "").Access
	send := func(e event) { w.send(a, e) }

	send(event{kind: http2Kind, method: "GET"}.bearer(live))
	first := out.String()
	if want := `"Allowed":1`; !strings.Contains(first, want) || strings.Count(first, "\n") != 1 {
		t.Fatalf("after the first request: %q, want one line with %s", first, want)
	}
	out.Reset()
	send(event{kind: http2Kind, method: "POST"}.bearer(live))
	send(event{kind: http2Kind, method: "GET"})
	send(event{kind: http2Kind, method: "GET"}.bearer(tamper(live)))
	w.store.down.Store(true)
	w.clock.Advance(9999 * time.Millisecond)
	send(event{kind: http2Kind, method: "POST"}.bearer(live))
	if out.Len() != 0 {
		t.Fatalf("within 10 s of the last line: %q, want nothing", out.String())
	}
	w.clock.Advance(time.Millisecond)
	sendBytes(t, a, []byte("nonsense"))

	var line map[string]any
	must(t, json.Unmarshal(out.Bytes(), &line))
	for name, want := range map[string]float64{"Allowed": 1, "Checked": 1, "RefusedMissing": 1, "RefusedInvalid": 1, "Errors": 2} {
		if line[name] != want {
			t.Errorf("%s = %v, want %v", name, line[name], want)
		}
	}
	if line["Stack"] != "latchkey-dev" {
		t.Errorf("Stack = %v, want the one configured", line["Stack"])
	}
	checkFormat(t, line, float64(w.clock.Now().UnixMilli()))
	out.Reset()
	w.clock.Advance(time.Hour)
	send(event{kind: http2Kind, method: "GET"})
	if strings.Contains(out.String(), "Errors") || !strings.Contains(out.String(), `"RefusedMissing":1`) {
		t.Errorf("after an hour: %s, want one refusal alone", out.String())
	}
}

// checkFormat asserts that the line says of every counter that it is one.
func checkFormat(t *testing.T, line map[string]any, now float64) {
	t.Helper()
	var format struct {
		AWS struct {
			Timestamp         float64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name, Unit string }
			}
		} `json:"_aws"`
	}
	must(t, json.Unmarshal(encode(line), &format))
	if format.AWS.Timestamp != now || len(format.AWS.CloudWatchMetrics) != 1 {
		t.Fatalf("_aws = %+v, want timestamp %v and one set of metrics", format.AWS, now)
	}
	set := format.AWS.CloudWatchMetrics[0]
	if set.Namespace != "Latchkey" || len(set.Dimensions) != 1 || !slices.Equal(set.Dimensions[0], []string{"Stack"}) || len(set.Metrics) != len(line)-2 {
		t.Errorf("metrics = %+v, want those of %v in Latchkey by stack", set, line)
	}
	for _, m := range set.Metrics {
		if _, ok := line[m.Name]; !ok || m.Unit != "Count" {
			t.Errorf("metric %+v has no count", m)
		}
	}
}

// A flood within 10 s is one line.
func TestAFloodIsOneLine(t *testing.T) {
	w := newWorld(t, token.ES256)
	var out bytes.Buffer
	w.config.Metrics = &out
	a := w.authorizer()
	for range 5000 {
		w.send(a, event{kind: http2Kind, method: "GET"})
		w.clock.Advance(2 * time.Millisecond)
	}
	if got := strings.Count(out.String(), "\n"); got > 2 {
		t.Errorf("5,000 refusals in 10 s write %d lines, want at most 2", got)
	}
	if w.log.Len() != 0 {
		t.Errorf("refusals are logged one by one: %.200s", w.log)
	}
}

// A clock that is set back does not silence the counters.
func TestMetricsOfAClockSetBack(t *testing.T) {
	w := newWorld(t, token.ES256)
	var out bytes.Buffer
	w.config.Metrics = &out
	a := w.authorizer()
	for range 2 {
		w.send(a, event{kind: http2Kind, method: "GET"})
		w.clock.Advance(-time.Hour)
	}
	if got := strings.Count(out.String(), "\n"); got != 2 {
		t.Errorf("%d lines, want 2: %s", got, out.String())
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
