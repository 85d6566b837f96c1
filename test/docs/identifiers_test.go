package docs_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// packages are those that people import, by name.
var packages = map[string]string{
	"latchkey": ".", "authorizer": "authorizer", "authorizertest": "authorizer/authorizertest", "backend": "backend",
	"sessions": "sessions", "token": "sessions/token", "keys": "sessions/keys", "fdi": "sessions/fdi",
	"dynamo": "sessions/dynamo", "memory": "sessions/memory", "kms": "sessions/kms", "sessionstest": "sessions/sessionstest",
}

var (
	span      = regexp.MustCompile("`([^`\n]+)`")
	qualified = regexp.MustCompile(`^([a-z]+)\.([A-Z][A-Za-z]*(?:\.[A-Z][A-Za-z]*)?)\b`)
	capital   = regexp.MustCompile(`^[A-Z][a-z0-9]+[A-Z][A-Za-z0-9]*$`)
	ofTest    = regexp.MustCompile(`^(Test|Fuzz|Benchmark)`)
)

// What README, docs and the pages of examples and clients name in code exists:
// names of Go packages where they are declared, any other name of several words
// somewhere in the sources. Names of tests are TestEvidenceExists's.
func TestEveryIdentifierExists(t *testing.T) {
	checked, sources, known := 0, words(t), map[string]bool{}
	for document, text := range pages(t) {
		for _, match := range span.FindAllStringSubmatch(text, -1) {
			code := match[1]
			if q := qualified.FindStringSubmatch(code); q != nil {
				if ofTest.MatchString(q[2]) {
					continue
				}
				checked++
				if !known[q[0]] {
					known[q[0]] = declared(q[1], q[2])
				}
				if !known[q[0]] {
					t.Errorf("%s names %s, which no package declares", document, q[0])
				}
			} else if capital.MatchString(code) {
				checked++
				if !sources[code] {
					t.Errorf("%s names %s, which is in no source", document, code)
				}
			}
		}
	}
	if checked < 40 {
		t.Errorf("only %d names were checked", checked)
	}
}

// declared reports whether the package of that name exports the name, or else a
// type, by whose name in lower case variables are called: caller.Require.
func declared(of, name string) bool {
	exports := func(folder, name string) bool {
		command := exec.Command("go", "doc", "-short", "./"+folder, name)
		command.Dir = root
		return command.Run() == nil
	}
	if folder, isPackage := packages[of]; isPackage && exports(folder, name) {
		return true
	}
	return slices.ContainsFunc([]string{"authorizer", "backend", "sessions", "."}, func(folder string) bool {
		return exports(folder, of+"."+name)
	})
}

var sourceWord = regexp.MustCompile(`[A-Za-z0-9]+`)

// words are all words of the sources.
func words(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && (name == "node_modules" || name == "docs" || len(name) > 2 && name[0] == '.') {
			return filepath.SkipDir
		}
		if !slices.Contains([]string{".go", ".yaml", ".mjs", ".ts", ".py", ".tf", ".sh", ".json"}, filepath.Ext(name)) {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, w := range sourceWord.FindAllString(string(text), -1) {
			all[w] = true
		}
		return err
	})
	must(t, err)
	return all
}
