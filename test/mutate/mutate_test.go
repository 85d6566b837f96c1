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

import "errors"

var ErrNo = errors.New("no")

const (
	condition = "#a = :b AND attribute_exists(#c)"
	change    = "SET #a = :b, " + "#n = if_not_exists(#n, :z)"
)

var texts = []string{condition, change}

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

// Guards are taken out of a package, and told by whether a test misses them.
func TestTakeOut(t *testing.T) {
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
	results, err := takeOut(t.Context(), t.TempDir(), packages[0], regexp.MustCompile(""))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range results {
		text, _, _ := strings.Cut(r.String(), "\tline")
		got = append(got, text)
	}
	slices.Sort(got)
	want := []string{
		"caught    m\tCheck\tconstant flipped\tfalse", // of n < 0
		"caught    m\tCheck\tconstant flipped\ttrue",
		"caught    m\tCheck\terror forgotten\tErrNo", // likewise
		"caught    m\tCheck\tleft out\tknown = true",
		"caught    m\tCheck\tnever taken\tn < 0",
		"caught    m\tCheck\toperand dropped\tn > 10",
		"survives  m\tCheck\tconstant flipped\tfalse",
		"survives  m\tCheck\tnever taken\tn > 10 && ok",
		"survives  m\tCheck\toperand dropped\tok",
		"survives  m\tchange\tchanges only once\t#a = :b",
		"survives  m\tchange\tchanges only once\t#n = if_not_exists(#n, :z)",
		"survives  m\tcondition\talways holds\t#a = :b",
		"survives  m\tcondition\talways holds\tattribute_exists(#c)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("taken out:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What DynamoDB is asked stays in its language.
func TestExpressionsAreRewritten(t *testing.T) {
	found, err := find("m.go", []byte(source), func() int { return 1 })
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range found {
		if m.id == 0 {
			got = append(got, m.before)
		}
	}
	want := []string{
		"(#a = :b OR NOT #a = :b)", "(attribute_exists(#c) OR NOT attribute_exists(#c))",
		"#a = if_not_exists(#a, :b)", "#n = :z",
	}
	if !slices.Equal(got, want) {
		t.Errorf("rewritten as %q, want %q", got, want)
	}
}

func TestTableTellsWhatIsWrong(t *testing.T) {
	at := result{folder: "latchkey/m", mutant: mutant{function: "F", kind: never, text: "a"}}
	caught, broken := at, at
	caught.caught, broken.err = true, errors.New("does not compile")
	reasons, err := readSurvivors("# it is doubled\n" + at.key() + "\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		r        result
		accepted map[string]string
		wrong    bool
	}{
		"caught":                   {caught, nil, false},
		"survived":                 {at, nil, true},
		"survived by right":        {at, reasons, false},
		"not run":                  {broken, nil, true},
		"not run, though by right": {broken, reasons, true},
	} {
		var out strings.Builder
		if err := table(&out, []result{c.r}, c.accepted); (err != nil) != c.wrong || strings.Contains(out.String(), "m\tF\t") != c.wrong {
			t.Errorf("table(%s) = %v and prints %q, want an error: %v", name, err, out.String(), c.wrong)
		}
	}
	for _, text := range []string{at.key() + "\n", "# why\nm\tF\n"} {
		if _, err := readSurvivors(text); err == nil {
			t.Errorf("readSurvivors(%q) = nil, want an error", text)
		}
	}
}

// Every survivor that is accepted has a reason.
func TestSurvivorsAreReadable(t *testing.T) {
	if _, err := readSurvivors(survivors); err != nil {
		t.Error(err)
	}
}
