package setup_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// named returns what the pattern's group finds in the template, each once.
func named(t *testing.T, pattern string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile("../../template.yaml")
	must(t, err)
	found := map[string]bool{}
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
		found[match[1]] = true
	}
	if len(found) == 0 {
		t.Fatalf("template.yaml has nothing like %s", pattern)
	}
	return found
}

// Every metric and every log line that the template draws, counts or alarms on
// is one that the functions write, and every metric of the authorizer is drawn.
func TestTheTemplateNamesWhatIsWritten(t *testing.T) {
	l := newLife(t)
	l.askAll(t)
	l.liveThrough(t)
	drawn := named(t, `\[(?:"Latchkey"|"\."), "([A-Z]\w+)"`)
	for metric := range named(t, `Namespace: Latchkey\n +MetricName: (\w+)`) {
		drawn[metric] = true
	}
	for metric := range drawn {
		if !l.metrics(t)[metric] {
			t.Errorf("the template names the metric %s, which the authorizer does not write", metric)
		}
	}
	for metric := range l.metrics(t) {
		if !drawn[metric] {
			t.Errorf("the authorizer writes %s, which no dashboard draws", metric)
		}
	}
	messages := l.messages(t)
	for message := range named(t, `\$\.msg = "([^"]+)"`) {
		if !messages[message] {
			t.Errorf("the template counts lines %q, which no function writes", message)
		}
	}
	filters := named(t, `MetricName: (\w+), MetricValue`)
	for metric := range named(t, `Namespace: !Sub Latchkey/\$\{AWS::StackName\}\n +MetricName: (\w+)`) {
		if !filters[metric] {
			t.Errorf("an alarm is on %s, which no filter counts", metric)
		}
	}
	l.checkQueries(t, messages)
}

// checkQueries wants the lines of the events that the dashboard promises, and
// each matched by one of its queries.
func (l *life) checkQueries(t *testing.T, messages map[string]bool) {
	t.Helper()
	queries := named(t, `filter msg like /([^/]+)/`)
	for _, promised := range []string{
		"session started", "session refreshed", "session replayed", "session theft", "session ahead", "session revoked",
		"refresh key unknown", "sign-in ok", "sign-in refused", "sign-in throttled", "sign-up ok",
	} {
		if !messages[promised] {
			t.Errorf("no function wrote %q; they wrote %v", promised, messages)
		}
		wantFound(t, queries, promised)
	}
	// Nobody signs in by a provider here: internal/endpoints has these lines.
	for _, promised := range []string{"login ok", "login refused", "login throttled"} {
		wantFound(t, queries, promised)
	}
	for query := range queries {
		if !strings.HasPrefix(query, "^") {
			t.Errorf("the query %s finds what users write", query)
		}
	}
}

// wantFound asserts that one of the queries matches the line.
func wantFound(t *testing.T, queries map[string]bool, line string) {
	t.Helper()
	for query := range queries {
		if regexp.MustCompile(query).MatchString(line) {
			return
		}
	}
	t.Errorf("no query of the dashboard finds %q", line)
}
