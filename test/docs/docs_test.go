// Package docs_test keeps the documents true: what they name exists, and the
// numbers in them are those of the template.
package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/template/document"
)

const root = "../.."

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	must(t, err)
	return string(text)
}

// pages are the documents that are checked, by path.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "examples/*/README.md", "examples/*/*/README.md", "clients/*/README.md"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		must(t, err)
		for _, file := range files {
			name := strings.TrimPrefix(filepath.ToSlash(file), root+"/")
			all[name] = read(t, name)
		}
	}
	return all
}

// template is template.yaml, as it is written.
func template(t *testing.T) document.Value { return parsed(t, read(t, "template.yaml")) }

func parsed(t *testing.T, text string) document.Value {
	t.Helper()
	d, err := document.Parse([]byte(text))
	must(t, err)
	return d.Root
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rows returns the cells of every table row whose first cell names code.
func rows(text string) [][]string {
	var all [][]string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		all = append(all, cells)
	}
	return all
}

var word = regexp.MustCompile("`([A-Za-z]+)`")

func TestEveryParameterIsThereWithItsDefault(t *testing.T) {
	documented := map[string]string{}
	for _, row := range rows(read(t, "docs/configuration.md")) {
		named := word.FindAllStringSubmatch(row[0], -1)
		defaults := strings.Split(row[1], ",")
		for i, name := range named {
			if i < len(defaults) {
				documented[name[1]] = strings.TrimSpace(defaults[i])
			}
		}
	}
	for name, p := range template(t).Get("Parameters").Members() {
		want := p.Get("Default").Text()
		if want == "" {
			want = "empty"
		}
		if got, ok := documented[name]; !ok || got != want {
			t.Errorf("docs/configuration.md gives %s the default %q, want %q", name, got, want)
		}
		if p.Get("Description").Text() == "" {
			t.Errorf("parameter %s has no description", name)
		}
	}
}

var makeTarget = regexp.MustCompile(`\bmake ([a-z][a-z-]*[a-z])`)

func TestEveryMakeTargetExists(t *testing.T) {
	targets := regexp.MustCompile(`(?m)^([a-z-]+):`).FindAllStringSubmatch(read(t, "Makefile"), -1)
	var known []string
	for _, target := range targets {
		known = append(known, target[1])
	}
	for name, text := range pages(t) {
		for _, code := range regexp.MustCompile("(?s)`[^`]+`|```.*?```").FindAllString(text, -1) {
			for _, used := range makeTarget.FindAllStringSubmatch(code, -1) {
				if !slices.Contains(known, used[1]) {
					t.Errorf("%s names make %s, which the Makefile does not have", name, used[1])
				}
			}
		}
	}
}

// link is one inside the repository: a path, a heading of it, or both.
var link = regexp.MustCompile(`\]\(([^)#:]*)(?:#([^):]+))?\)`)

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	for name, text := range pages(t) {
		for _, target := range link.FindAllStringSubmatch(text, -1) {
			path := filepath.Join(filepath.Dir(name), target[1])
			if target[1] == "" {
				path = name
			}
			if _, err := os.Stat(filepath.Join(root, path)); err != nil {
				t.Errorf("%s links to %s, which is not there", name, target[1])
			} else if target[2] != "" && !slices.Contains(anchors(read(t, path)), target[2]) {
				t.Errorf("%s links to %s#%s, which is no heading there", name, path, target[2])
			}
		}
	}
}

// anchors are the names that GitHub gives to the headings of a text.
func anchors(text string) []string {
	var all []string
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		kept := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		all = append(all, strings.ReplaceAll(kept, " ", "-"))
	}
	return all
}

// folder is a line of the layout in docs/development.md: a name that ends in a slash.
var folder = regexp.MustCompile(`(?m)^( *)([a-z]+)/ `)

func TestTheLayoutIsTheLayout(t *testing.T) {
	text := read(t, "docs/development.md")
	layout := text[strings.Index(text, "## Layout"):]
	parent := ""
	found := folder.FindAllStringSubmatch(layout[:strings.Index(layout, "## Testing")], -1)
	for _, f := range found {
		path := f[2]
		if f[1] == "" {
			parent = f[2]
		} else {
			path = parent + "/" + f[2]
		}
		if info, err := os.Stat(filepath.Join(root, path)); err != nil || !info.IsDir() {
			t.Errorf("the layout has %s/, which is no folder", path)
		}
	}
	if len(found) < 8 {
		t.Errorf("found %d folders in the layout, want at least 8", len(found))
	}
}
