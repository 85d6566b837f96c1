package main

import (
	"context"
	"encoding/json"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"strings"
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
		Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Scopes: map[ast.Node]*types.Scope{},
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
	exports, err := exported(ctx, p)
	if err != nil {
		return nil, err
	}
	open := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	config := types.Config{Importer: importer.ForCompiler(c.fset, "gc", open), Sizes: sizes}
	c.pkg, err = config.Check(p.ImportPath, c.fset, c.files, &c.info)
	return c, err
}

// exported returns the paths of what the compiler tells of a package's imports.
func exported(ctx context.Context, p folder) (map[string]string, error) {
	out, err := command(ctx, p.Dir, nil, "go", "list", "-tags", tags, "-export", "-deps", "-json=ImportPath,Export", ".")
	if err != nil {
		return nil, err
	}
	exports := map[string]string{}
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var f struct{ ImportPath, Export string }
		if err := d.Decode(&f); err != nil {
			return nil, err
		}
		exports[f.ImportPath] = f.Export
	}
	return exports, nil
}

// spell returns how a file names a type, and false if it cannot.
func (c *checked) spell(file *ast.File, t types.Type) (string, bool) {
	ok := true
	name := types.TypeString(types.Default(t), func(p *types.Package) string {
		if p == c.pkg {
			return ""
		}
		for _, i := range file.Imports {
			if strings.Trim(i.Path.Value, `"`) != p.Path() {
				continue
			}
			if i.Name != nil {
				return i.Name.Name
			}
			return p.Name()
		}
		ok = false
		return ""
	})
	return name, ok
}

// text is an expression as it is written.
func (f *finder) text(e ast.Expr) string {
	return string(f.source[f.fset.Position(e.Pos()).Offset:f.fset.Position(e.End()).Offset])
}

func isError(t types.Type) bool {
	return t != nil && types.Identical(t, types.Universe.Lookup("error").Type())
}
