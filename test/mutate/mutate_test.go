package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const source = `package m

import (
	"errors"
	"strings"
)

var ErrNo = errors.New("no")

const (
	condition = "#a = :b AND attribute_exists(#c)"
	change    = "SET #a = :b, " + "#n = if_not_exists(#n, :z)"
	limit     = 1 << 12
)

type rule struct {
	text string
	most int
	next *rule
}

func rules(next *rule) rule {
	return rule{text: strings.ToUpper(strings.TrimSpace(condition)), most: limit, next: next}
}

type mode int

const on mode = 1

// In it the name of the type stands for something else.
func isOn(mode mode) bool { return mode == on }

var texts = map[string]rule{"a": {text: change}}

func Check(n int, ok bool) (known bool, err error) {
	switch {
	case n < 0:
		return false, ErrNo
	}
	if n > 10 && ok {
		return false, ErrNo
	}
	known = true
	return known, nil
}
`

const tests = `package m

import "testing"

func TestCheck(t *testing.T) {
	for n, want := range map[int]bool{-1: false, 1: true} {
		if known, err := Check(n, true); known != want || (err == nil) != want {
			t.Errorf("Check(%d) = %v, %v", n, known, err)
		}
	}
}

func TestElsewhere(t *testing.T) {}
`

// packageOf returns the package of source and tests.
func packageOf(t *testing.T) folder {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module latchkey/m\n\ngo 1.26\n", "m.go": source, "m_test.go": tests} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	t.Setenv("GOWORK", "off")
	packages, err := list(t.Context(), ".")
	if err != nil || len(packages) != 1 {
		t.Fatalf("list = %v, %v, want one package", packages, err)
	}
	return packages[0]
}

// Guards are taken out of a package, and told by whether a test misses them.
func TestTakeOut(t *testing.T) {
	results, err := takeOut(t.Context(), t.TempDir(), packageOf(t), regexp.MustCompile(""), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range results {
		text, _, _ := strings.Cut(r.String(), "\tline")
		got = append(got, text)
	}
	want := []string{
		"caught    m\tCheck\tconstant changed\ttrue",
		"caught    m\tCheck\terror forgotten\tErrNo", // of n < 0
		"caught    m\tCheck\tleft out\tknown = true",
		"caught    m\tCheck\tnever taken\tn < 0",
		"caught    m\tCheck\toperand dropped\tn > 10",
		"survives  m\tCheck\tconstant changed\t0",
		"survives  m\tCheck\tconstant changed\t10",
		"survives  m\tCheck\tnever taken\tn > 10 && ok",
		"survives  m\tCheck\toperand dropped\tok",
		"survives  m\tisOn\tanswer negated\tmode == on",
		"survives  m\trules\talways holds\t#a = :b",
		"survives  m\trules\talways holds\tattribute_exists(#c)",
		"survives  m\trules\tconstant changed\tlimit",
		"survives  m\trules\tvalue zeroed\tnext",
		"survives  m\trules\tvalue zeroed\tstrings.ToUpper(strings.TrimSpace(condition))",
		"survives  m\trules\tpassed over\tstrings.ToUpper(strings.TrimSpace(condition))",
		"survives  m\trules\tpassed over\tstrings.TrimSpace(condition)",
		"survives  m\ttexts\tchanges only once\t#a = :b",
		"survives  m\ttexts\tchanges only once\t#n = if_not_exists(#n, :z)",
		"survives  m\ttexts\tconstant changed\t\"a\"",
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("taken out:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What DynamoDB is asked stays in its language.
func TestExpressionsAreRewritten(t *testing.T) {
	found, _, err := find(t.Context(), packageOf(t))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range found {
		if m.kind == held || m.kind == unchanged {
			_, text, _ := strings.Cut(m.before, "return ")
			text, _, _ = strings.Cut(text, " };")
			got = append(got, text)
		}
	}
	want := []string{
		`"(#a = :b OR NOT #a = :b) AND attribute_exists(#c)"`,
		`"#a = :b AND (attribute_exists(#c) OR NOT attribute_exists(#c))"`,
		`"SET #a = if_not_exists(#a, :b), #n = if_not_exists(#n, :z)"`,
		`"SET #a = :b, #n = :z"`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("rewritten as %q, want %q", got, want)
	}
}

func TestJudge(t *testing.T) {
	at := result{folder: "m", mutant: mutant{function: "F", kind: never, text: "a"}}
	caught, accepted, broken := at, at, at
	caught.caught, accepted.byRight, broken.err = true, "it is doubled", errors.New("does not compile")
	for name, c := range map[string]struct {
		r     result
		wrong bool
	}{"caught": {caught, false}, "survived": {at, true}, "survived by right": {accepted, false}, "not run": {broken, true}} {
		for floor, wrong := range map[int]bool{100: c.wrong, 50: c.r.err != nil} {
			if said, err := judge([]result{caught, c.r}, floor); (err != nil) != wrong {
				t.Errorf("judge(%s) with a floor of %d %% = %s, %v, want an error: %v", name, floor, said, err, wrong)
			}
		}
	}
}

// Every survivor that is accepted has a reason.
func TestSurvivorsAreReadable(t *testing.T) {
	if _, err := readSurvivors(survivors); err != nil {
		t.Error(err)
	}
	for _, text := range []string{"m\tF\tnever taken\ta\n", "# why\nm\tF\n"} {
		if _, err := readSurvivors(text); err == nil {
			t.Errorf("readSurvivors(%q) = nil, want an error", text)
		}
	}
}
