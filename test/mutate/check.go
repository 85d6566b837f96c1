package main

import (
	"context"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// sizes are those of the machines that the tests run on.
var sizes = types.SizesFor("gc", "amd64")

// checked is a package's syntax with its types.
type checked struct {
	fset    *token.FileSet
	files   []*ast.File
	sources map[string][]byte // by path
	info    types.Info
	pkg     *types.Package
}

// check reads a package and finds out its types.
func check(ctx context.Context, p folder) (*checked, error) {
	c := &checked{fset: token.NewFileSet(), sources: map[string][]byte{}, info: types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
	}}
	for _, name := range p.GoFiles {
		path := filepath.Join(p.Dir, name)
		source, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(c.fset, path, source, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		c.sources[path], c.files = source, append(c.files, file)
	}
	imports, err := list(ctx, "-export", "-deps", p.ImportPath)
	if err != nil {
		return nil, err
	}
	open := func(path string) (io.ReadCloser, error) {
		i := slices.IndexFunc(imports, func(f folder) bool { return f.ImportPath == path })
		return os.Open(imports[i].Export)
	}
	config := types.Config{Importer: importer.ForCompiler(c.fset, "gc", open), Sizes: sizes}
	c.pkg, err = config.Check(p.ImportPath, c.fset, c.files, &c.info)
	return c, err
}

// spell returns how a type is written at a place, and false if it cannot be:
// its package is not imported there, or the name stands for something else.
func (c *checked) spell(at token.Pos, t types.Type) (string, bool) {
	t = types.Default(t)
	name := types.TypeString(t, func(p *types.Package) string {
		if p == c.pkg {
			return ""
		}
		return p.Name()
	})
	found, err := types.Eval(c.fset, c.pkg, at, name)
	return name, err == nil && found.IsType() && types.Identical(found.Type, t)
}

// text is an expression as it is written.
func (f *finder) text(e ast.Expr) string {
	return string(f.source[f.fset.Position(e.Pos()).Offset:f.fset.Position(e.End()).Offset])
}

func isError(t types.Type) bool {
	return t != nil && types.Identical(t, types.Universe.Lookup("error").Type())
}
