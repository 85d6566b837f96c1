package document_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// FuzzParse checks that all lines of a parsed template are in the file. The
// template must say the same when it is written as JSON with expressions in
// their long form.
func FuzzParse(f *testing.F) {
	f.Add("A: !GetAtt B.C # latchkey:ignore one two\n")
	f.Add("\ufeffA: &a {B: *b}\r\nC: {<<: *a}\nParameters: {P: {AllowedValues: [1, 2]}}\nD: !FindInMap [A, !Ref P, B]")
	f.Add(`{"A": [1, {"Fn::If": []}]}`)
	f.Add("A: !If [X, !Sub \"${Y}\\x07\", ~]\nB: {Ref: [], C: !Ref {}}\n'Fn::ForEach::D': []\n\"\": 007\n")
	files, err := filepath.Glob("../../../cmd/checktemplate/rules/testdata/*/*")
	if err != nil || len(files) == 0 {
		f.Fatalf("no templates: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := document.Parse([]byte(text))
		if err != nil {
			return
		}
		lines := len(regexp.MustCompile("\r\n|[\n\r\u0085\u2028\u2029]").FindAllString(text, -1)) + 1
		for w := range d.Readings() {
			for name, member := range w.Root().Members() {
				if member.Line() > lines {
					t.Errorf("%s stands on line %d of %d", name, member.Line(), lines)
				}
			}
		}
		written, err := json.Marshal(plain(d.Root))
		if err != nil {
			t.Fatal(err)
		}
		again, err := document.Parse(written)
		if err != nil || !reflect.DeepEqual(plain(again.Root), plain(d.Root)) {
			t.Errorf("Parse(%q) is %s, and as JSON %s, %v", text, d.Root, written, err)
		}
	})
}

// plain returns a value with its expressions in long form.
func plain(v document.Value) any {
	switch v.Kind() {
	case document.Scalar:
		return v.Text()
	case document.List:
		list := []any{}
		for _, item := range v.Items() {
			list = append(list, plain(item))
		}
		return list
	case document.Expression:
		name, arg := v.Expression()
		return map[string]any{name: plain(arg)}
	case document.Mapping:
		members := map[string]any{}
		for name, member := range v.Members() {
			members[name] = plain(member)
		}
		return members
	}
	return nil
}
