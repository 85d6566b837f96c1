package main

import (
	"errors"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// TestEveryEditFits holds the lists to the code: what is to be replaced is
// there exactly once, and what comes of it is Go that differs.
func TestEveryEditFits(t *testing.T) {
	for _, g := range guards() {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(g.file)))
		if err != nil {
			t.Errorf("guard %q: %v", g.name, err)
			continue
		}
		edited, err := g.apply(string(text))
		if err != nil {
			t.Errorf("guard %q of %s: %v", g.name, g.file, err)
			continue
		}
		if edited == string(text) {
			t.Errorf("guard %q of %s: the edit changes nothing", g.name, g.file)
		}
		if _, err := parser.ParseFile(token.NewFileSet(), g.file, edited, parser.SkipObjectResolution); err != nil {
			t.Errorf("guard %q of %s: without it: %v", g.name, g.file, err)
		}
	}
}

// TestEveryConditionIsTakenOut: each part of what DynamoDB is asked to see to
// has an edit that ends it.
func TestEveryConditionIsTakenOut(t *testing.T) {
	const file = "sessions/dynamo/sessions.go"
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	_, expressions, _ := strings.Cut(string(text), "const (")
	expressions, _, _ = strings.Cut(expressions, "\n)")
	n := 0
	for _, part := range condition.FindAllString(expressions, -1) {
		n++
		gone := func(g guard) bool {
			edited, err := g.apply(string(text))
			return g.file == file && err == nil && strings.Count(edited, part) < strings.Count(string(text), part)
		}
		if !slices.ContainsFunc(guards(), gone) {
			t.Errorf("no edit takes %q out", part)
		}
	}
	if n < 14 {
		t.Errorf("%d conditions found, want at least 14", n)
	}
}

// condition is a comparison that is followed by no comma, which would make it
// a part of a SET, or a function that stands where a condition does.
var condition = regexp.MustCompile(`#\w+ (?:=|>|>=|<=) :\w+(?: AND|"\n)|"attribute_\w+\(#\w+\)"|if_not_exists\([^)]+\)`)

func TestEveryGuardIsNamedAndHasTests(t *testing.T) {
	seen := map[string]bool{}
	for _, g := range guards() {
		if key := g.file + g.name; g.name == "" || seen[key] {
			t.Errorf("guard %q of %s: no name of its own", g.name, g.file)
		} else {
			seen[key] = true
		}
		for _, p := range g.tests.packages {
			tests, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(p), "*_test.go"))
			if err != nil || len(tests) == 0 {
				t.Errorf("guard %q of %s: %s has no tests, %v", g.name, g.file, p, err)
			}
		}
		if len(g.tests.packages) == 0 {
			t.Errorf("guard %q of %s: no tests named", g.name, g.file)
		}
	}
	if len(seen) < 50 {
		t.Errorf("%d guards in the lists, want at least 50", len(seen))
	}
}

func TestApplyWantsOnePlace(t *testing.T) {
	e := edit{old: "b", new: "c"}
	for text, want := range map[string]string{"abd": "acd", "ad": "", "abb": ""} {
		got, err := e.apply(text)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("apply(%q) = %q, %v, want %q", text, got, err, want)
		}
	}
}

func TestTableTellsWhatIsWrong(t *testing.T) {
	at := guard{file: "f.go", edit: edit{name: "n"}}
	lasting := at
	lasting.survives = "it is doubled"
	for _, c := range []struct {
		name  string
		r     result
		wrong bool
		text  string
	}{
		{"missed", result{guard: at, missed: "TestX"}, false, "TestX"},
		{"survived", result{guard: at}, true, "no test fails"},
		{"survived by right", result{guard: lasting}, false, "it is doubled"},
		{"missed against the list", result{guard: lasting, missed: "TestX"}, true, "none can"},
		{"not run", result{guard: at, err: errors.New("does not compile")}, true, "does not compile"},
	} {
		var out strings.Builder
		err := table(&out, []result{c.r})
		if (err != nil) != c.wrong || !strings.Contains(out.String(), c.text) {
			t.Errorf("table(%s) = %v and prints %q, want %v and %q", c.name, err, out.String(), c.wrong, c.text)
		}
	}
}
