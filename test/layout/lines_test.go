package layout_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// columns is how wide a line may be; a tab is as wide as four of them.
const columns = 120

// read are the folders whose code a newcomer reads; the suite for stores reads
// like tests.
var read = []string{".", "authorizer", "backend", "cmd/local", "functions", "internal/endpoints", "sessions"}

// Lines of that code fit, and so do those of every page, but for code, tables and
// pictures.
func TestLinesFit(t *testing.T) {
	checked := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		name := entry.Name()
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			if name == "node_modules" || name == "sessionstest" || strings.HasPrefix(name, ".") && len(name) > 2 {
				return fs.SkipDir
			}
			return nil
		}
		folder := filepath.ToSlash(strings.TrimPrefix(filepath.Dir(path), filepath.Join("..", "..")))
		folder = strings.TrimPrefix(folder, "/")
		page := filepath.Ext(name) == ".md" && !below(folder, "test")
		code := filepath.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go") &&
			(folder == "" || below(folder, read...))
		if !page && !code {
			return nil
		}
		checked++
		return fits(t, path, page)
	})
	if err != nil || checked < 100 {
		t.Errorf("%d files were checked, %v", checked, err)
	}
}

// fits reports lines that do not fit.
func fits(t *testing.T, path string, page bool) error {
	text, err := os.ReadFile(path)
	fenced := false
	for i, line := range strings.Split(string(text), "\n") {
		fence := strings.HasPrefix(strings.TrimSpace(line), "```")
		fenced = fenced != fence
		if page && (fence || fenced || slices.ContainsFunc([]string{"|", "!", "#"}, func(p string) bool {
			return strings.HasPrefix(line, p)
		})) {
			continue
		}
		if n := utf8.RuneCountInString(line) + 3*strings.Count(line, "\t"); n > columns {
			t.Errorf("%s:%d has %d columns, want at most %d", path, i+1, n, columns)
		}
	}
	return err
}
