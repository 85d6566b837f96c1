package document_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/template/document"
)

func parse(t *testing.T, text string) *document.Document {
	t.Helper()
	d, err := document.Parse([]byte(text))
	if err != nil {
		t.Fatalf("Parse(%s) = %v, want nil", text, err)
	}
	return d
}

func TestParseRefuses(t *testing.T) {
	bomb := "a: &a [1]"
	for i := 'a'; i < 'h'; i++ {
		bomb += fmt.Sprintf("\n%c: &%c [%s]", i+1, i+1, strings.Repeat("*"+string(i)+", ", 10))
	}
	for _, text := range []string{
		"", "# nothing", "[a]", "a", "a: [b", "a: 1\n---\nb: 2", "a: 1\nb: 2\na: 3", "{[a]: 1}", "a:\n  <<: 1", "a: &x [*x]", bomb,
		`{"a": 1`, `{"a": 1, "a": 2}`, `{"a": 1} {}`, `{"a": [1, }`,
	} {
		if d, err := document.Parse([]byte(text)); !errors.Is(err, document.ErrUnreadable) || d != nil {
			t.Errorf("Parse(%.40q) = %v, %v, want ErrUnreadable", text, d, err)
		}
	}
}

// The same template in YAML, with short and long forms, and in JSON.
func TestParseAlike(t *testing.T) {
	const short = "A: !Ref P\nB: !GetAtt R.Arn\nC: !If [X, 1, !Ref AWS::NoValue]\nD: !Sub '${R.Arn}'\nE: [x, null]\n"
	const long = "A: {Ref: P}\nB: {Fn::GetAtt: [R, Arn]}\nC: {Fn::If: [X, 1, {Ref: AWS::NoValue}]}\nD: {Fn::Sub: '${R.Arn}'}\nE: [x, ~]\n"
	const anchored = "A: &a {Ref: P}\nB: {Fn::GetAtt: &b [R, Arn]}\nC: {Fn::If: [X, 1, {<<: [{Ref: AWS::NoValue}, *a]}]}\nD: !Sub '${R.Arn}'\nE: [x, ~]\n"
	const asJSON = `{"A": {"Ref": "P"},
"B": {"Fn::GetAtt": ["R", "Arn"]},
"C": {"Fn::If": ["X", 1, {"Ref": "AWS::NoValue"}]},
"D": {"Fn::Sub": "${R.Arn}"},
	"E": ["x", null]}`
	want := parse(t, short).Root
	for _, text := range []string{long, anchored, strings.ReplaceAll("\ufeff"+short, "\n", "\r\n"), asJSON, "\ufeff" + asJSON} {
		if got := parse(t, text).Root; got.String() != want.String() {
			t.Errorf("Parse(%s) = %s, want %s", text, got, want)
		}
		line := 0
		for name, member := range parse(t, text).Root.Members() {
			if line++; member.Line() != line {
				t.Errorf("%s stands on line %d, want %d", name, member.Line(), line)
			}
		}
	}
	for name, target := range map[string]string{"A": "P", "B": "R", "D": "R", "E": "[x, ]"} {
		if got := want.Get(name).Target(); got != target {
			t.Errorf("Target of %s = %q, want %q", name, got, target)
		}
	}
}

// The values a template can have are those of its readings, one after the
// other. In each reading, values that depend on each other agree.
func TestWorlds(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"a", "a"},
		{"!Ref Free", "!Ref Free"},
		{"!ImportValue x", "!ImportValue x"},
		{"!Ref AWS::NoValue", ""},
		{"!If [Undefined, a, !If [Dev, !Ref Bound, !Ref AWS::NoValue]]", "a|1|2|"},
		{"!If [Dev, a, !If [Dev, b, c]]", "a|c"},
		{"!Sub '${Bound}-${Bound}-${!Free}'", "1-1-${Free}|2-2-${Free}"},
		{"!If [Dev, !Sub 'on ${Free}', !Ref Free]", "on dev|!Ref Free"},
		{"!FindInMap [Of, !Ref Free, Word]", "d|p"},
		{"!If [Dev, !FindInMap [Of, !Ref Free, Word], other]", "d|other"},
		{"!FindInMap [Of, dev, None]", "!FindInMap [Of, dev, None]"},
		{"!If [Either, [a, !If [Dev, b, !Ref AWS::NoValue]], c]", "[a, b]|[a]|c"},
		{"!If [Itself, a, b]", "b|a"},
		{"!If [Same, a, b]", "a"},
		{"!Join [+, [!Ref Bound, !Ref AWS::Region]]", "!Join [+, [!Ref Bound, !Ref AWS::Region]]|!Join [+, [!Ref Bound, !Ref AWS::Region]]"},
	} {
		d := parse(t, `
Parameters: {Free: {Type: String, Default: 0}, Bound: {Type: String, AllowedValues: [1, 2]}}
Mappings: {Of: {dev: {Word: d}, prod: {Word: p}}}
Conditions:
  Dev: !Equals [dev, !Ref Free]
  Either: !Or [!Condition Dev, !And [!Not [!Condition Dev], !Equals [!Ref Free, prod]]]
  Itself: !Not [!Condition Itself]
  Same: !Equals [!Ref Free, !Ref Free]
Value: `+tt.text)
		var got []string
		for w := range d.Readings() {
			got = append(got, comesTo(w.Root().Get("Value")))
		}
		if joined := strings.Join(got, "|"); joined != tt.want {
			t.Errorf("%s comes to %s, want %s", tt.text, joined, tt.want)
		}
	}
}

// comesTo returns a value and everything inside it as its reading has them.
func comesTo(v document.Value) string {
	if v.Kind() != document.List {
		return v.String()
	}
	var items []string
	for _, item := range v.Items() {
		items = append(items, comesTo(item))
	}
	return "[" + strings.Join(items, ", ") + "]"
}

// If there are more readings than can be taken, that is reported.
func TestTooManyWorlds(t *testing.T) {
	count := map[bool]int{}
	for w, inOrder := range parse(t, "A: 1").Readings() {
		for i := range 30 {
			w.Holds(strconv.Itoa(i))
		}
		count[inOrder]++
	}
	if count[true] == 0 || count[false] == 0 {
		t.Errorf("there were %d readings in order and %d that were drawn, want both", count[true], count[false])
	}
}

func TestOver(t *testing.T) {
	const below = "{A: {B: 1, C: 2}, D: [1], E: x}"
	d := parse(t, "Below: "+below+"\nOwn: {A: {C: 3, F: 4}, D: [2]}\n")
	for own, want := range map[string]string{"Own": "{A: {C: 3, F: 4, B: 1}, D: [1, 2], E: x}", "Absent": below, "Below": "{A: {B: 1, C: 2}, D: [1, 1], E: x}"} {
		if got := d.Root.Get(own).Over(d.Root.Get("Below")).String(); got != want || d.Root.Get("Below").String() != below {
			t.Errorf("%s over %s = %s, want %s", own, d.Root.Get("Below"), got, want)
		}
	}
}

func TestIgnores(t *testing.T) {
	d := parse(t, `
Resources:
  A: # latchkey:ignore one all of A
    B:
      - C: 1
        # latchkey:ignore two   the next item

        # and a comment
      - D: {E: [1,
            2]} # latchkey:ignore three its own line
        F: 1
    G: "# latchkey:ignore no a text"
    H: |
      # latchkey:ignore no a text, too
    I: x#y # see #5 # latchkey:ignore no at the head of a comment only
  J: 1 # latchkey:ignore
# latchkey:ignore four nothing follows
`)
	want := []document.Ignore{
		{Line: 3, Rule: "one", Reason: "all of A", First: 3, Last: 15},
		{Line: 6, Rule: "two", Reason: "the next item", First: 9, Last: 11},
		{Line: 10, Rule: "three", Reason: "its own line", First: 10, Last: 10},
		{Line: 16, First: 16, Last: 16},
		{Line: 17, Rule: "four", Reason: "nothing follows", First: 19, Last: 19},
	}
	if !slices.Equal(d.Ignores, want) {
		t.Errorf("Ignores = %+v, want %+v", d.Ignores, want)
	}
}

// A comment applies to the same lines with every kind of line end. A null
// member has the line of its name, so that a report can point at what is
// missing.
func TestLines(t *testing.T) {
	for _, end := range []string{"\n", "\r\n", "\r", "\u0085", "\u2028", "\u2029"} {
		text := strings.ReplaceAll("A: 1\n# latchkey:ignore one why\nB: ~\n", "\n", end)
		want := []document.Ignore{{Line: 2, Rule: "one", Reason: "why", First: 3, Last: 3}}
		if d := parse(t, text); !slices.Equal(d.Ignores, want) || d.Root.Get("B").Line() != 3 {
			t.Errorf("Parse(%q): Ignores = %+v, B on line %d, want %+v, 3", text, d.Ignores, d.Root.Get("B").Line(), want)
		}
	}
	for _, text := range []string{"A: 1\n\nB:\n\n\nC: 2\n", "{\"A\": 1,\n\n\"B\":\n\nnull}"} {
		if got := parse(t, text).Root.Get("B"); got.Kind() != document.Absent || got.Line() != 3 {
			t.Errorf("Parse(%q): B is of kind %v on line %d, want absent on line 3", text, got.Kind(), got.Line())
		}
	}
}
