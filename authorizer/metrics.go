package authorizer

import (
	"io"
	"sync"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
)

// Reasons for which requests are refused (401) or denied (403). Each is the
// name of a counter.
const (
	reasonMissing   = "RefusedMissing"   // no token
	reasonDuplicate = "RefusedDuplicate" // two tokens of a kind
	reasonInvalid   = "RefusedInvalid"   // not a token of ours
	reasonExpired   = "RefusedExpired"   // the token's time is over
	reasonRevoked   = "RefusedRevoked"   // the token's session is over
	reasonRID       = "RefusedRID"       // cookie token without rid
	reasonOrigin    = "DeniedOrigin"     // cookie token from a page of another site
	reasonClaims    = "DeniedClaims"     // a claim validator failed
	reasonMethod    = "DeniedMethod"     // the method must not be in a policy
)

// writeEvery is the least time between two lines of counters. To Lambda every
// 401 is a failed invocation already; a flood of them must not cost many log
// lines as well.
const writeEvery = 10 * time.Second

// metrics counts, and writes the counters as one line of CloudWatch's embedded
// metric format. What is counted after the last line is lost with the sandbox.
type metrics struct {
	out   io.Writer
	stack string
	now   func() time.Time

	mu      sync.Mutex
	counts  map[string]int64
	written time.Time
}

func newMetrics(out io.Writer, stack string, now func() time.Time) *metrics {
	return &metrics{out: out, stack: stack, now: now, counts: map[string]int64{}}
}

// decided counts a decision.
func (m *metrics) decided(d decision) {
	name := d.reason
	if d.effect == allowed {
		name = "Allowed"
	}
	m.count(name, d.checked)
}

// failed counts a request about which nothing could be decided. Requests of a
// user who asks too often are counted apart, so that they set off no alarm.
func (m *metrics) failed(overloaded bool) {
	if overloaded {
		m.count("Overloaded", false)
		return
	}
	m.count("Errors", false)
}

func (m *metrics) count(name string, checked bool) {
	if m.out == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.counts[name]++
	if checked {
		m.counts["Checked"]++
	}
	now := m.now()
	if now.Sub(m.written) < writeEvery && !now.Before(m.written) {
		return
	}
	m.write(now)
}

// write writes the counters and resets them. A line that cannot be written is
// lost: a request must not fail for it.
func (m *metrics) write(now time.Time) {
	line := map[string]any{}
	var names []map[string]string
	for name, n := range m.counts {
		line[name] = n
		names = append(names, map[string]string{"Name": name, "Unit": "Count"})
	}
	dimensions := []string{}
	if m.stack != "" {
		line["Stack"] = m.stack
		dimensions = append(dimensions, "Stack")
	}
	line["_aws"] = map[string]any{
		"Timestamp": now.UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{
			"Namespace":  "Latchkey",
			"Dimensions": [][]string{dimensions},
			"Metrics":    names,
		}},
	}
	m.written, m.counts = now, map[string]int64{}
	text, err := jsonv2.Marshal(line, jsonv2.Deterministic(true))
	if err != nil {
		return
	}
	_, _ = m.out.Write(append(text, '\n'))
}
