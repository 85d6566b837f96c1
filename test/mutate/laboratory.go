package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// laboratory holds one package with a switch for each of its guards.
type laboratory struct {
	mutants []mutant
	suites  []func() (*suite, error) // whose tests are asked, built when first asked: the package's own first
}

// open finds the guards of a package and puts a switch to each. What the runs
// need is kept in dir.
func open(ctx context.Context, dir string, p folder) (*laboratory, error) {
	mutants, sources, err := find(ctx, p)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{
		filepath.Join(p.Dir, "mutant_switches.go"): []byte(strings.Replace(switches, "NAME", p.Name, 1)),
	}
	for path, source := range sources {
		files[path] = with(source, slices.DeleteFunc(slices.Clone(mutants), func(m mutant) bool { return m.file != path }))
	}
	told, err := overlay(dir, files)
	if err != nil {
		return nil, err
	}
	asked, err := folders(ctx, p)
	l := &laboratory{mutants: mutants}
	for _, f := range asked {
		l.suites = append(l.suites, sync.OnceValues(func() (*suite, error) {
			s, err := build(ctx, told, f)
			if err != nil {
				return nil, err
			}
			return s, s.control(ctx)
		}))
	}
	return l, err
}

// folders returns the packages whose tests are asked.
func folders(ctx context.Context, p folder) ([]folder, error) {
	var all []folder
	if len(p.TestGoFiles)+len(p.XTestGoFiles) > 0 {
		all = append(all, p)
	}
	if patterns := packages[p.short()].also; len(patterns) > 0 {
		others, err := list(ctx, patterns...)
		if err != nil {
			return nil, err
		}
		all = append(all, others...)
	}
	return all, nil
}

// without reports whether a test fails with the guard taken out.
func (l *laboratory) without(ctx context.Context, m mutant) (bool, error) {
	for _, opened := range l.suites {
		s, err := opened()
		if err != nil {
			return false, err
		}
		if s.catches(ctx, m) {
			return true, ctx.Err()
		}
	}
	return false, ctx.Err()
}
