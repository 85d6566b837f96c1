package docs_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/template/document"
	"github.com/latchkey-auth/latchkey/test/runbook"
)

// operations returns the part of docs/operations.md under a heading.
func operations(t *testing.T, heading string) string {
	t.Helper()
	return runbook.Under(t, filepath.Join(root, "docs/operations.md"), heading).Text
}

// explained returns what the first cells of a part's table name, each in a row
// of the given length without an empty cell.
func explained(t *testing.T, heading string, cells int) []string {
	t.Helper()
	var names []string
	for _, row := range rows(operations(t, heading)) {
		if len(row) != cells || slices.Contains(row, "") {
			t.Errorf("%q: the row of %s does not say everything", heading, row[0])
		}
		names = append(names, strings.Trim(row[0], "`"))
	}
	slices.Sort(names)
	return names
}

// ofType returns the properties of the template's resources of one type.
func ofType(t *testing.T, kind string) map[string]document.Value {
	t.Helper()
	found := map[string]document.Value{}
	for name, r := range template(t).Get("Resources").Members() {
		if r.Get("Type").Text() == kind {
			found[name] = r.Get("Properties")
		}
	}
	if len(found) == 0 {
		t.Fatalf("template.yaml has no %s", kind)
	}
	return found
}

func TestEveryAlarmIsExplainedAndTellsTheTopic(t *testing.T) {
	alarms := ofType(t, "AWS::CloudWatch::Alarm")
	if got, want := explained(t, "What each alarm means", 3), slices.Sorted(maps.Keys(alarms)); !slices.Equal(got, want) {
		t.Errorf("docs/operations.md explains %v, want %v", got, want)
	}
	for name, properties := range alarms {
		for _, of := range []string{"AlarmActions", "OKActions"} {
			if !strings.Contains(properties.Get(of).String(), "AlarmTopic") {
				t.Errorf("%s does not tell AlarmTopic of its %s", name, of)
			}
		}
	}
}

// graph is a widget of a dashboard.
type graph struct {
	Properties struct {
		Title   string
		Metrics [][]any
	}
}

func TestEveryGraphIsExplained(t *testing.T) {
	var titles []string
	part := operations(t, "Read the dashboard")
	for _, g := range graphs(t) {
		titles = append(titles, g.Properties.Title)
		for _, metric := range g.Properties.Metrics {
			if metric[0] != "Latchkey" && metric[0] != "." {
				continue // of AWS, or a sum
			}
			if !strings.Contains(part, fmt.Sprintf("`%v`", metric[1])) {
				t.Errorf("docs/operations.md does not explain the metric %v", metric[1])
			}
		}
	}
	slices.Sort(titles)
	if got := explained(t, "Read the dashboard", 2); !slices.Equal(got, titles) {
		t.Errorf("docs/operations.md explains the graphs %q, want %q", got, titles)
	}
}

func graphs(t *testing.T) []graph {
	t.Helper()
	var all []graph
	for _, properties := range ofType(t, "AWS::CloudWatch::Dashboard") {
		_, text := properties.Get("DashboardBody").Expression()
		var body struct{ Widgets []graph }
		must(t, json.Unmarshal([]byte(text.Text()), &body))
		all = append(all, body.Widgets...)
	}
	return all
}

// What the page calls by name, other than an answer of AWS, is in the template.
func TestOperationsNameWhatThereIs(t *testing.T) {
	template := read(t, "template.yaml")
	for _, name := range regexp.MustCompile("`([A-Z][A-Za-z]+)`").FindAllStringSubmatch(read(t, "docs/operations.md"), -1) {
		answer := slices.Contains([]string{"AVAILABLE", "Enabled", "FunctionError"}, name[1])
		if !answer && !regexp.MustCompile(`\b`+name[1]+`\b`).MatchString(template) {
			t.Errorf("docs/operations.md speaks of %s, which template.yaml does not have", name[1])
		}
	}
}
