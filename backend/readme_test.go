package backend_test

import (
	"os"
	"strings"
	"testing"
)

// README's lines for a backend in Go are those of the examples, and the body of
// its handler is at most five.
func TestREADME(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	_, section, _ := strings.Cut(read("../README.md"), "\n## In your backend\n")
	section, _, _ = strings.Cut(section, "\n## ")
	_, block, _ := strings.Cut(section, "```go\n")
	block, _, found := strings.Cut(block, "```")
	if !found {
		t.Fatal("README has no Go under In your backend")
	}
	block = strings.Replace(block, "func main() {", "func Example_main() {", 1)
	examples := read("example_test.go")
	for part := range strings.SplitSeq(block, "\n\n") {
		if !strings.Contains(examples, strings.TrimSpace(part)+"\n") {
			t.Errorf("README has other lines than example_test.go:\n%s", part)
		}
	}
	_, handler, _ := strings.Cut(block, "\nfunc signOut(")
	if n := strings.Count(handler, "\n\t"); n < 1 || n > 5 {
		t.Errorf("the body of README's handler has %d lines, want 1 to 5", n)
	}
}
