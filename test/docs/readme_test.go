package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/test/runbook"
)

// What README has to copy is copied from what is tested.
func TestReadmeCopiesWhatIsTested(t *testing.T) {
	page := filepath.Join(root, "README.md")
	comment := regexp.MustCompile(`(?m)^ *#.*\n`)
	template := comment.ReplaceAllString(read(t, "examples/attach/http-api/template.yaml"), "")
	if lines := runbook.Block(t, page, "Attach it to your API", "yaml"); !strings.Contains(template, lines) {
		t.Errorf("the template of examples/attach/http-api has other lines than README:\n%s", lines)
	}
	main := runbook.Block(t, page, "In a Lambda of your own", "go")
	example := strings.Replace(main, "func main()", "func ExampleNewAuthorizer()", 1)
	if !strings.Contains(read(t, "example_test.go"), example) {
		t.Errorf("example_test.go has other lines than README:\n%s", main)
	}
	backend := strings.Replace(runbook.Block(t, page, "In your backend", "go"), "func main() {", "func Example_main() {", 1)
	for part := range strings.SplitSeq(backend, "\n\n") {
		if !strings.Contains(read(t, "backend/example_test.go"), strings.TrimSpace(part)+"\n") {
			t.Errorf("backend/example_test.go has other lines than README:\n%s", part)
		}
	}
	_, handler, _ := strings.Cut(backend, "\nfunc signOut(")
	if n := strings.Count(handler, "\n\t"); n < 1 || n > 5 {
		t.Errorf("the body of the handler in README has %d lines, want 1 to 5", n)
	}
}

// docs/functions.md has every function, and no other.
func TestEveryFunctionIsThere(t *testing.T) {
	page := read(t, "docs/functions.md")
	folders, err := os.ReadDir(filepath.Join(root, "functions"))
	if err != nil {
		t.Fatal(err)
	}
	functions := []string{"authorizer"} // which has no route
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z]+)` \\|").FindAllStringSubmatch(page, -1) {
		functions = append(functions, row[1])
	}
	slices.Sort(functions)
	var there []string
	for _, folder := range folders {
		there = append(there, folder.Name())
	}
	if !slices.Equal(functions, there) {
		t.Errorf("docs/functions.md has %v, want %v", functions, there)
	}
}
