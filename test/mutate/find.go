package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// mutant is one guard, and the edit that takes it out.
type mutant struct {
	function string // that holds the guard, with its receiver
	kind     kind
	text     string // the guard, on one line
	file     string
	line     int

	id            int    // what switches the edit on in the built tests; 0: the file is edited and built for it
	start, end    int    // of the guard in the file, in bytes
	before, after string // what is put around it, or instead of it where id is 0
}

// kind says what becomes of a guard.
type kind string

const (
	never     kind = "never taken"       // the condition of an if or a case is false
	dropped   kind = "operand dropped"   // one side of && is true, of || is false
	negated   kind = "answer negated"    // a comparison that is returned
	flipped   kind = "constant flipped"  // true and false
	forgotten kind = "error forgotten"   // an error that is returned is nil
	left      kind = "left out"          // an assignment or a call without a result
	held      kind = "always holds"      // a part of a condition that DynamoDB sees to
	unchanged kind = "changes only once" // an assignment by DynamoDB
)

// finder collects the mutants of one file.
type finder struct {
	fset     *token.FileSet
	file     string
	source   []byte
	next     func() int
	function string
	results  *ast.FieldList // of the function that is walked
	guarded  ast.Stmt       // the return that the last if ends with
	found    []mutant
}

// find returns the mutants of a file, whose ids come from next.
func find(file string, source []byte, next func() int) ([]mutant, error) {
	f := finder{fset: token.NewFileSet(), file: file, source: source, next: next}
	tree, err := parser.ParseFile(f.fset, file, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, decl := range tree.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && fn.Body != nil {
			f.function, f.results = nameOf(fn), fn.Type.Results
			f.walk(fn.Body)
		}
		f.function = ""
		f.expressions(decl)
	}
	return f.found, nil
}

// nameOf is a function's name as go doc spells it.
func nameOf(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return fn.Name.Name
	}
	t := fn.Recv.List[0].Type
	if p, ok := t.(*ast.StarExpr); ok {
		t = p.X
	}
	if g, ok := t.(*ast.IndexExpr); ok {
		t = g.X
	}
	return fmt.Sprint(t) + "." + fn.Name.Name
}

func (f *finder) walk(body ast.Node) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			outer := f.results
			f.results = n.Type.Results
			f.walk(n.Body)
			f.results = outer
			return false
		case *ast.GenDecl:
			return n.Tok != token.CONST
		case *ast.IfStmt:
			f.around(never, n.Cond, "(!mutantOn(%d) && (", "))")
			f.guarded = only(n.Body.List)
		case *ast.SwitchStmt:
			f.cases(n)
		case *ast.BinaryExpr:
			f.operands(n)
		case *ast.ReturnStmt:
			f.returned(n)
		case *ast.Ident:
			if n.Name == "true" || n.Name == "false" {
				f.around(flipped, n, "("+n.Name+" != mutantOn(%d))", "")
			}
		case *ast.BlockStmt:
			f.statements(n.List)
		case *ast.CaseClause:
			f.statements(n.Body)
		}
		return true
	})
}

// only returns the statement of a block that has one.
func only(list []ast.Stmt) ast.Stmt {
	if len(list) != 1 {
		return nil
	}
	return list[0]
}

// around adds a mutant that puts text around an expression; before has a %d
// for its id. Without after it replaces the expression.
func (f *finder) around(k kind, n ast.Node, before, after string) {
	id := f.next()
	f.add(k, n, id, fmt.Sprintf(before, id), after)
}

func (f *finder) add(k kind, n ast.Node, id int, before, after string) {
	at := f.fset.Position(n.Pos())
	f.found = append(f.found, mutant{
		function: f.function, kind: k, text: f.print(n), file: f.file, line: at.Line,
		id: id, start: at.Offset, end: f.fset.Position(n.End()).Offset, before: before, after: after,
	})
}

var space = regexp.MustCompile(`\s+`)

func (f *finder) print(n ast.Node) string {
	var b strings.Builder
	_ = printer.Fprint(&b, f.fset, n) // a Builder takes everything
	text := space.ReplaceAllString(b.String(), " ")
	if len(text) > 100 {
		text = text[:97] + "..."
	}
	return text
}

// cases takes the conditions of a switch that has no tag.
func (f *finder) cases(s *ast.SwitchStmt) {
	if s.Tag != nil {
		return
	}
	for _, clause := range s.Body.List {
		for _, condition := range clause.(*ast.CaseClause).List {
			f.around(never, condition, "(!mutantOn(%d) && (", "))")
		}
	}
}

// operands takes each side of && and ||, of a chain each link.
func (f *finder) operands(b *ast.BinaryExpr) {
	before := "(!mutantOn(%d) && "
	switch b.Op {
	case token.LAND:
		before = "(mutantOn(%d) || "
	case token.LOR:
	default:
		return
	}
	for _, side := range []ast.Expr{b.X, b.Y} {
		if inner, ok := side.(*ast.BinaryExpr); !ok || inner.Op != b.Op {
			f.around(dropped, side, before, ")")
		}
	}
}

// returned takes a comparison that is an answer, and an error, unless an if
// that is a mutant of its own does nothing but return it.
func (f *finder) returned(r *ast.ReturnStmt) {
	for _, result := range r.Results {
		if b, ok := result.(*ast.BinaryExpr); ok && compares(b.Op) {
			f.around(negated, b, "(mutantOn(%d) != (", "))")
		}
	}
	if ast.Stmt(r) == f.guarded || f.results == nil || len(r.Results) == 0 || len(r.Results) != f.results.NumFields() {
		return
	}
	fields := f.results.List
	if t, ok := fields[len(fields)-1].Type.(*ast.Ident); !ok || t.Name != "error" {
		return
	}
	if result := r.Results[len(r.Results)-1]; f.print(result) != "nil" && refuses.MatchString(f.print(result)) {
		f.around(forgotten, result, "mutantError(%d, ", ")")
	}
}

// refuses matches an error that begins where it is returned, or is at hand
// there. What another function answers is that function's.
var refuses = regexp.MustCompile(`^[\w.]+$|^(?:fmt|errors)\.|\berr\)$`)

func compares(op token.Token) bool {
	return slices.Contains([]token.Token{token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ}, op)
}

// statements takes assignments and calls whose results nobody wants. A panic
// stays: a function may end with it.
func (f *finder) statements(list []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE || f.print(s.Lhs[0]) == "_" {
				continue
			}
		case *ast.IncDecStmt:
		case *ast.ExprStmt:
			if strings.HasPrefix(f.print(s), "panic(") {
				continue
			}
		default:
			continue
		}
		f.around(left, s, "if !mutantOn(%d) { ", " }")
	}
}

var (
	part       = regexp.MustCompile(`#\w+ (?:=|<>|<|<=|>|>=) :\w+|(?:attribute_(?:not_)?exists|attribute_type|begins_with)\([^()]*\)`)
	assignment = regexp.MustCompile(`(#\w+) = (if_not_exists\([^()]*\)|:\w+)`)
)

// expressions takes the conditions that are written in DynamoDB's language,
// part by part, and the assignments. One text of several literals is told by
// its first.
func (f *finder) expressions(decl ast.Node) {
	ast.Inspect(decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			f.function = nameOf(n)
		case *ast.ValueSpec:
			if f.function == "" {
				f.function = n.Names[0].Name
				defer func() { f.function = "" }()
				for _, v := range n.Values {
					f.expressions(v)
				}
				return false
			}
		case *ast.BinaryExpr:
			if literals := chain(n); len(literals) > 0 {
				f.parts(literals)
				return false
			}
		case *ast.BasicLit:
			f.parts([]*ast.BasicLit{n})
		}
		return true
	})
}

// chain returns the literals of a text that is put together with +.
func chain(e ast.Expr) []*ast.BasicLit {
	switch e := e.(type) {
	case *ast.BasicLit:
		return []*ast.BasicLit{e}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return append(chain(e.X), chain(e.Y)...)
		}
	}
	return nil
}

func (f *finder) parts(literals []*ast.BasicLit) {
	sets := strings.HasPrefix(strings.Trim(literals[0].Value, "\"`"), "SET ")
	for _, l := range literals {
		if l.Kind != token.STRING {
			continue
		}
		if !sets {
			f.rewrite(l, part, held, func(s string) string { return "(" + s + " OR NOT " + s + ")" })
			continue
		}
		f.rewrite(l, assignment, unchanged, func(s string) string {
			name, value, _ := strings.Cut(s, " = ")
			if strings.HasPrefix(value, "if_not_exists") {
				_, value, _ = strings.Cut(strings.TrimSuffix(value, ")"), ", ")
				return name + " = " + value
			}
			return name + " = if_not_exists(" + name + ", " + value + ")"
		})
	}
}

// rewrite adds a mutant for each place in a literal that matches.
func (f *finder) rewrite(l *ast.BasicLit, places *regexp.Regexp, k kind, edit func(string) string) {
	base := f.fset.Position(l.Pos()).Offset
	for _, at := range places.FindAllStringIndex(l.Value, -1) {
		text := l.Value[at[0]:at[1]]
		f.add(k, l, 0, edit(text), "")
		m := &f.found[len(f.found)-1]
		m.text, m.start, m.end = text, base+at[0], base+at[1]
	}
}
