package docs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// evidence is a test named in docs/security.md, by its folder: `sessions.TestExplore`.
var evidence = regexp.MustCompile("`([a-z][a-z/]*)\\.((?:Test|Fuzz)[A-Za-z0-9]+)`")

// script is a file of tests in JavaScript that is named there.
var script = regexp.MustCompile("`([a-z][a-z/]*\\.test\\.mjs)`")

// TestEvidenceExists holds docs/security.md to the tests there are.
func TestEvidenceExists(t *testing.T) {
	found := evidence.FindAllStringSubmatch(read(t, "docs/security.md"), -1)
	for _, f := range found {
		if !hasTest(t, f[1], f[2]) {
			t.Errorf("docs/security.md names %s.%s, which is not there", f[1], f[2])
		}
	}
	for _, s := range script.FindAllStringSubmatch(read(t, "docs/security.md"), -1) {
		read(t, s[1])
	}
	if len(found) < 60 {
		t.Errorf("docs/security.md names %d tests, want at least 60", len(found))
	}
}

func hasTest(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
	must(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(t, err)
		if strings.Contains(string(text), "\nfunc "+name+"(") {
			return true
		}
	}
	return false
}

// clause is a row of the second table.
var clause = regexp.MustCompile(`(?m)^\| ((?:SL|JW|RT|CK|CS|CO|HD|PW|PF)-[^|]*) \|[^|]*\| ([^|]*) \|$`)

// TestEveryClauseIsAnswered wants a test for each clause, a command, or the
// plain word that it is not met.
func TestEveryClauseIsAnswered(t *testing.T) {
	answered := map[string]bool{}
	for _, row := range clause.FindAllStringSubmatch(read(t, "docs/security.md"), -1) {
		if !evidence.MatchString(row[2]) && !strings.Contains(row[2], "`make ") && row[2] != "not offered" {
			t.Errorf("%s is answered by %q, which names no test", row[1], row[2])
		}
		for _, id := range clauseIDs(row[1]) {
			answered[id] = true
		}
	}
	for group, last := range map[string]int{"SL": 16, "JW": 16, "RT": 8, "CK": 7, "CS": 5, "CO": 1, "HD": 1, "PW": 13, "PF": 11} {
		for n := 1; n <= last; n++ {
			if id := clauseID(group, n); !answered[id] {
				t.Errorf("docs/security.md has no answer to %s", id)
			}
		}
	}
}

func clauseID(group string, n int) string { return fmt.Sprintf("%s-%02d", group, n) }

// clauseIDs spells out a first cell: "PW-01 to PW-05" or "CK-05, CK-07".
func clauseIDs(cell string) []string {
	var all []string
	for _, part := range strings.Split(cell, ", ") {
		first, last, isRange := strings.Cut(part, " to ")
		if !isRange {
			last = first
		}
		group, from, _ := strings.Cut(first, "-")
		lo, _ := strconv.Atoi(from)
		hi, _ := strconv.Atoi(last[strings.Index(last, "-")+1:])
		for n := lo; n <= hi; n++ {
			all = append(all, clauseID(group, n))
		}
	}
	return all
}
