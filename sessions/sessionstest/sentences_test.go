package sessionstest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// TestSentences checks that every sentence of the contracts has its subtest
// and every such subtest its sentence.
func TestSentences(t *testing.T) {
	for file, tested := range map[string][]string{
		"../store.go":       names(storeRules()),
		"../token/store.go": names(keyStoreRules()),
	} {
		written := contract(t, file)
		for _, name := range written {
			if !slices.Contains(tested, name) {
				t.Errorf("%s: no subtest named %q", file, name)
			}
		}
		for _, name := range tested {
			if !slices.Contains(written, name) {
				t.Errorf("%s: no sentence %q", file, name)
			}
		}
		if len(written) == 0 {
			t.Errorf("%s: no sentences", file)
		}
	}
}

func names[S any](rules []rule[S]) []string {
	var all []string
	for _, r := range rules {
		all = append(all, r.name())
	}
	return all
}

// contract returns the sentences of the interfaces in the file whose name ends
// in Store, and of their methods.
func contract(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, decl := range parsed.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok || d.Tok != token.TYPE {
			continue
		}
		spec := d.Specs[0].(*ast.TypeSpec)
		if i, ok := spec.Type.(*ast.InterfaceType); ok && strings.HasSuffix(spec.Name.Name, "Store") {
			// The first sentence of an interface introduces it.
			all = append(all, sentences(spec.Name.Name, d.Doc)[1:]...)
			for _, m := range i.Methods.List {
				if m.Doc != nil {
					all = append(all, sentences(m.Names[0].Name, m.Doc)...)
				}
			}
		}
	}
	return slices.DeleteFunc(all, func(s string) bool { return strings.Contains(s, "subtest") })
}

func sentences(of string, doc *ast.CommentGroup) []string {
	text := strings.Join(strings.Fields(doc.Text()), " ")
	var all []string
	for _, s := range strings.SplitAfter(text, ". ") {
		all = append(all, of+"/"+strings.TrimSpace(s))
	}
	return all
}
