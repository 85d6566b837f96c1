package main

import (
	"context"
	"fmt"
	"go/ast"
	"go/constant"
	"go/printer"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// mutant is one guard, and the edit that takes it out.
type mutant struct {
	function string // that holds the guard, with its receiver
	kind     kind
	text     string // the guard, on one line
	file     string
	line     int

	id            int    // what switches the edit on in the built tests
	start, end    int    // of the guard in the file, in bytes
	before, after string // what is put around it
}

// kind says what becomes of a guard.
type kind string

const (
	never     kind = "never taken"       // the condition of an if or a case is false
	dropped   kind = "operand dropped"   // one side of && is true, of || is false
	negated   kind = "answer negated"    // a comparison that is returned
	forgotten kind = "error forgotten"   // an error that is returned is nil
	left      kind = "left out"          // an assignment or a call without a result
	passed    kind = "passed over"       // a call or a sum yields an operand of the same type
	zeroed    kind = "value zeroed"      // of a key in a literal
	changed   kind = "constant changed"  // a truth is its opposite, a text is empty, a number about twice as large
	held      kind = "always holds"      // a part of a condition that DynamoDB sees to
	unchanged kind = "changes only once" // an assignment by DynamoDB
)

// finder collects the mutants of one file.
type finder struct {
	*checked
	source   []byte
	function string
	result   types.Type // the last of the function that is walked, or nil
	guarded  ast.Stmt   // the return that the last if ends with
	found    []mutant
}

// find returns the mutants of a package, numbered from 1.
func find(ctx context.Context, p folder) ([]mutant, map[string][]byte, error) {
	c, err := check(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	var all []mutant
	for _, file := range c.files {
		f := finder{checked: c, source: c.sources[c.fset.File(file.Pos()).Name()]}
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				f.function = nameOf(decl)
				f.walkIn(decl.Type, decl.Body)
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					if v, ok := spec.(*ast.ValueSpec); ok && decl.Tok == token.VAR {
						f.function = v.Names[0].Name
						f.walk(v)
					}
				}
			}
		}
		all = append(all, f.found...)
	}
	for i := range all {
		all[i].id = i + 1
		all[i].before = strings.ReplaceAll(all[i].before, "mutantOn(ID)", fmt.Sprintf("mutantOn(%d)", i+1))
	}
	return all, c.sources, nil
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

// walkIn walks the body of a function.
func (f *finder) walkIn(t *ast.FuncType, body *ast.BlockStmt) {
	if body == nil {
		return
	}
	outer := f.result
	f.result = nil
	if t.Results != nil {
		f.result = f.info.TypeOf(t.Results.List[len(t.Results.List)-1].Type)
	}
	f.walk(body)
	f.result = outer
}

// walk takes what stands in a node, to the limit of functions.
func (f *finder) walk(root ast.Node) {
	ast.Inspect(root, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok && f.constant(e) {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			f.walkIn(n.Type, n.Body)
			return false
		case *ast.GenDecl:
			return n.Tok == token.VAR
		case *ast.ArrayType, *ast.StructType:
			return false
		case *ast.CompositeLit:
			f.literal(n)
			return false
		case *ast.CallExpr:
			return f.call(n)
		case *ast.DeferStmt:
			f.walk(n.Call.Fun)
			return false
		case *ast.IfStmt:
			f.around(never, n.Cond, "(!mutantOn(ID) && (", "))")
			f.guarded = n.Body.List[0]
		case *ast.SwitchStmt:
			f.cases(n)
		case *ast.BinaryExpr:
			f.operands(n)
		case *ast.ReturnStmt:
			return f.returned(n)
		case *ast.BlockStmt:
			f.statements(n.List)
		case *ast.CaseClause:
			f.statements(n.Body)
		}
		return true
	})
}

// around adds a mutant that puts text around a node.
func (f *finder) around(k kind, n ast.Node, before, after string) {
	at := f.fset.Position(n.Pos())
	f.found = append(f.found, mutant{
		function: f.function, kind: k, text: f.print(n), file: at.Filename, line: at.Line,
		start: at.Offset, end: f.fset.Position(n.End()).Offset, before: before, after: after,
	})
}

// instead adds a mutant that has the value of text instead of an expression,
// unless the type of that has no name there.
func (f *finder) instead(k kind, e ast.Expr, t types.Type, text string) bool {
	name, ok := f.spell(e.Pos(), t)
	if ok {
		f.around(k, e, "func() "+name+" { if mutantOn(ID) { return "+strings.ReplaceAll(text, "TYPE", name)+" }; return ", " }()")
	}
	return ok
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
			f.around(never, condition, "(!mutantOn(ID) && (", "))")
		}
	}
}

// operands takes each side of && and ||, of a chain each link, and what is
// added to a value.
func (f *finder) operands(b *ast.BinaryExpr) {
	before := "(!mutantOn(ID) && "
	switch b.Op {
	case token.LAND:
		before = "(mutantOn(ID) || "
	case token.LOR:
	case token.ADD, token.SUB, token.MUL, token.QUO, token.REM, token.AND, token.OR, token.XOR:
		f.instead(passed, b, f.info.TypeOf(b), f.text(b.X))
		return
	default:
		return
	}
	for _, side := range []ast.Expr{b.X, b.Y} {
		if inner, ok := side.(*ast.BinaryExpr); !ok || inner.Op != b.Op {
			f.around(dropped, side, before, ")")
		}
	}
}

// harmless matches the calls of what costs memory, or is for people to read.
var harmless = regexp.MustCompile(`^(?:panic|fmt\.Errorf|errors\.New|slog\..*|.*\.Clone|.*\.LogAttrs)$`)

// call takes a call whose result can be replaced by what it is made of, the
// receiver or an argument, and reports whether more is to be found in it: how
// much a slice may grow says only how much memory to set aside.
func (f *finder) call(c *ast.CallExpr) bool {
	t, name := f.info.TypeOf(c), f.print(c.Fun)
	if isType := f.info.Types[c.Fun].IsType(); isType || harmless.MatchString(name) || name == "make" && len(c.Args) == 3 {
		return isType
	}
	var from []ast.Expr
	if method, ok := c.Fun.(*ast.SelectorExpr); ok && f.info.Selections[method] != nil {
		from = append(from, method.X)
	}
	for _, x := range append(from, c.Args...) {
		if types.Identical(f.info.TypeOf(x), t) && !f.info.Types[x].IsType() {
			f.instead(passed, c, t, f.text(x))
		}
	}
	return true
}

// literal takes the values of fields and keys, but constants, which are mutants
// of their own.
func (f *finder) literal(l *ast.CompositeLit) {
	_, isMap := f.info.TypeOf(l).Underlying().(*types.Map)
	for _, e := range l.Elts {
		field, ok := e.(*ast.KeyValueExpr)
		if !ok {
			f.walk(e)
			continue
		}
		inner, ok := field.Value.(*ast.CompositeLit)
		elided := ok && inner.Type == nil // its type is not written, so nothing can be put around it
		if v := f.info.Types[field.Value]; v.Value == nil && !v.IsNil() && !elided {
			f.instead(zeroed, field.Value, v.Type, "*new(TYPE)")
		}
		if isMap {
			f.walk(field.Key)
		}
		f.walk(field.Value)
	}
}

// returned takes a comparison that is an answer, and an error, unless an if
// that is a mutant of its own does nothing but return it. What is returned
// beside an error is nothing.
func (f *finder) returned(r *ast.ReturnStmt) bool {
	for _, result := range r.Results {
		if b, ok := result.(*ast.BinaryExpr); ok && compares(b.Op) {
			f.around(negated, b, "(mutantOn(ID) != (", "))")
		}
	}
	if len(r.Results) == 0 || !isError(f.result) {
		return true
	}
	last := r.Results[len(r.Results)-1]
	if _, several := f.info.TypeOf(last).(*types.Tuple); several || f.info.Types[last].IsNil() || !f.refuses(last) {
		return true
	}
	if ast.Stmt(r) != f.guarded {
		f.instead(forgotten, last, f.result, "nil")
	}
	return false
}

// refuses reports whether an error begins here, or is at hand. What another
// function answers is that function's.
func (f *finder) refuses(e ast.Expr) bool {
	return refusal.MatchString(f.print(e))
}

var refusal = regexp.MustCompile(`^[\w.]+$|^(?:fmt|errors)\.|\berr\)$`)

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
		f.around(left, s, "if !mutantOn(ID) { ", " }")
	}
}

var (
	part       = regexp.MustCompile(`#\w+ (?:=|<>|<|<=|>|>=) :\w+|(?:attribute_(?:not_)?exists|attribute_type|begins_with)\([^()]*\)`)
	assignment = regexp.MustCompile(`(#\w+) = (if_not_exists\([^()]*\)|:\w+)`)
)

// constant takes an expression with a value that is known, and reports whether
// it is one. A condition or change for DynamoDB is taken part by part.
func (f *finder) constant(e ast.Expr) bool {
	c := f.info.Types[e]
	if c.Value == nil {
		return false
	}
	switch c.Value.Kind() {
	case constant.Bool:
		f.instead(changed, e, c.Type, "!"+f.text(e))
	case constant.String:
		if text := constant.StringVal(c.Value); !f.parts(e, text) && text != "" {
			f.instead(changed, e, c.Type, `""`)
		}
	case constant.Int:
		v, exact := constant.Int64Val(c.Value)
		if exact && v >= 0 && (v < 1<<7 || v < 1<<62 && sizes.Sizeof(c.Type) == 8) {
			f.instead(changed, e, c.Type, strconv.FormatInt(2*v+1, 10))
		}
	}
	return true
}

// parts takes what DynamoDB is asked to see to, and reports whether there is
// any.
func (f *finder) parts(e ast.Expr, text string) bool {
	k, places, edit := held, part, func(s string) string { return "(" + s + " OR NOT " + s + ")" }
	if strings.HasPrefix(text, "SET ") {
		k, places, edit = unchanged, assignment, once
	}
	all := places.FindAllStringIndex(text, -1)
	for _, at := range all {
		s := text[at[0]:at[1]]
		if f.instead(k, e, f.info.TypeOf(e), strconv.Quote(text[:at[0]]+edit(s)+text[at[1]:])) {
			f.found[len(f.found)-1].text = s
		}
	}
	return len(all) > 0
}

// once turns what is always set into what is set where nothing was, and back.
func once(s string) string {
	name, value, _ := strings.Cut(s, " = ")
	if first, rest, ok := strings.Cut(value, ", "); ok && strings.HasPrefix(first, "if_not_exists") {
		return name + " = " + strings.TrimSuffix(rest, ")")
	}
	return name + " = if_not_exists(" + name + ", " + value + ")"
}
