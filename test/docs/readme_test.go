package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// under returns the code of a language under a heading of README.
func under(t *testing.T, heading, language string) string {
	t.Helper()
	_, section, _ := strings.Cut(read(t, "README.md"), "\n## "+heading+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	code := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindStringSubmatch(section)
	if code == nil {
		t.Fatalf("README has no %s under %s", language, heading)
	}
	return code[1]
}

// What README has to copy is copied from what is tested.
func TestReadmeCopiesWhatIsTested(t *testing.T) {
	comment := regexp.MustCompile(`(?m)^ *#.*\n`)
	template := comment.ReplaceAllString(read(t, "examples/attach/http-api/template.yaml"), "")
	if lines := under(t, "Attach it to your API", "yaml"); !strings.Contains(template, lines) {
		t.Errorf("the template of examples/attach/http-api has other lines than README:\n%s", lines)
	}
	main := under(t, "In a Lambda of your own", "go")
	example := strings.Replace(main, "func main()", "func ExampleNewAuthorizer()", 1)
	if !strings.Contains(read(t, "example_test.go"), example) {
		t.Errorf("example_test.go has other lines than README:\n%s", main)
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
