package template_test

import (
	"strings"
	"testing"
)

func TestParameters(t *testing.T) {
	for _, tt := range []struct{ name, value, want string }{
		{"Seconds", "1", ""}, {"Seconds", "90", ""}, {"Seconds", "1.5", ""},
		{"Seconds", "91", "up to 90"}, {"Seconds", "0", "from 1"}, {"Seconds", "", "a number"}, {"Seconds", "NaN", "a number"},
		{"Names", "abc", ""}, {"Names", "a,b,c", ""}, {"Names", "a,B", "of the form [a-z]+"}, {"Names", "a,,b", "of the form"}, {"Names", "a,bB", "of the form"},
		{"Word", "", ""}, {"Word", "abc", ""}, {"Word", "abc1", "it must be small letters"}, {"Word", "abc\n", "small letters"},
		{"word", "abc", "there is no parameter word; there are Seconds, Names, Word"},
	} {
		_, err := load(whole, map[string]string{tt.name: tt.value})
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Stack with %s=%q = %v, want %q", tt.name, tt.value, err, tt.want)
		}
	}
	all := map[string]string{"Seconds": "0", "Names": "A", "Other": ""}
	if _, err := load(whole, all); err == nil || strings.Count(err.Error(), "template:") != 3 {
		t.Errorf("Stack of three faults = %v, want all three", err)
	}
	required := with(t, "Type: Number, Default: 60", "Type: Number")
	if _, err := load(required, nil); err == nil || !strings.Contains(err.Error(), "Seconds has no default") {
		t.Errorf("Stack without a value = %v, want that Seconds has none", err)
	}
}
