package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// exported returns the exported names of the package in a folder, without tests.
func exported(t *testing.T, folder string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no Go in %s: %v", folder, err)
	}
	names := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		must(t, err)
		for _, declaration := range file.Decls {
			addNames(names, declaration)
		}
	}
	return names
}

// addNames adds what a declaration declares, and for methods and fields the name
// after that of the type in lower case, as variables are called: caller.Require.
func addNames(names map[string]bool, declaration ast.Decl) {
	switch d := declaration.(type) {
	case *ast.FuncDecl:
		names[d.Name.Name] = names[d.Name.Name] || d.Recv == nil
		if d.Recv != nil {
			receiver := strings.TrimLeft(typeName(d.Recv.List[0].Type), "*")
			names[strings.ToLower(receiver)+"."+d.Name.Name] = true
			names[receiver+"."+d.Name.Name] = true
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.ValueSpec:
				for _, name := range s.Names {
					names[name.Name] = true
				}
			case *ast.TypeSpec:
				names[s.Name.Name] = true
				if structure, ok := s.Type.(*ast.StructType); ok {
					for _, field := range structure.Fields.List {
						for _, name := range field.Names {
							names[s.Name.Name+"."+name.Name] = true
						}
					}
				}
			}
		}
	}
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

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

// pages are the documents, and those beside examples and clients.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := documents(t)
	for _, pattern := range []string{"examples/*/README.md", "examples/*/*/README.md", "clients/*/README.md"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		must(t, err)
		for _, file := range files {
			name := strings.TrimPrefix(filepath.ToSlash(file), root+"/")
			all[name] = read(t, name)
		}
	}
	return all
}

// What README, docs and the pages of examples and clients name in code exists:
// names of Go packages where they are declared, any other name of several words
// somewhere in the sources. Names of tests are TestEvidenceExists's.
func TestEveryIdentifierExists(t *testing.T) {
	known, sources := map[string]map[string]bool{}, words(t)
	for name, folder := range packages {
		known[name] = exported(t, folder)
	}
	checked := 0
	for document, text := range pages(t) {
		for _, match := range span.FindAllStringSubmatch(text, -1) {
			code := match[1]
			if q := qualified.FindStringSubmatch(code); q != nil {
				if ofTest.MatchString(q[2]) {
					continue
				}
				checked++
				if !declared(known, q[1], q[2]) {
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

// declared reports whether the package of that name declares the name, or else a
// type of that name in lower case has it.
func declared(known map[string]map[string]bool, of, name string) bool {
	if names, isPackage := known[of]; isPackage && names[name] {
		return true
	}
	return slices.ContainsFunc([]string{"authorizer", "backend", "sessions", "latchkey"}, func(p string) bool {
		return known[p][of+"."+name]
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
