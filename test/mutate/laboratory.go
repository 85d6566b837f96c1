package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// laboratory holds one package with a switch for each of its guards.
type laboratory struct {
	dir     string // for what the runs need
	folder  folder
	sources map[string][]byte // by path
	mutants []mutant
	told    string                   // the path of the overlay with all switches
	folders []folder                 // whose tests are asked: the package's own first
	suites  []func() (*suite, error) // of the folders, built when first asked
}

// open finds the guards and puts a switch to each.
func (l *laboratory) open(ctx context.Context) error {
	l.sources = map[string][]byte{}
	files := map[string][]byte{
		filepath.Join(l.folder.Dir, "mutant_switches.go"): []byte(strings.Replace(switches, "NAME", l.folder.Name, 1)),
	}
	id := 0
	next := func() int { id++; return id }
	for _, name := range l.folder.GoFiles {
		path := filepath.Join(l.folder.Dir, name)
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		found, err := find(path, source, next)
		if err != nil {
			return err
		}
		l.mutants = append(l.mutants, found...)
		l.sources[path], files[path] = source, with(source, found)
	}
	var err error
	if l.told, err = overlay(l.dir, files); err != nil {
		return err
	}
	return l.ask(ctx)
}

// ask names the tests that are asked.
func (l *laboratory) ask(ctx context.Context) error {
	if len(l.folder.TestGoFiles)+len(l.folder.XTestGoFiles) > 0 {
		l.folders = []folder{l.folder}
	}
	for end, patterns := range elsewhere {
		if strings.HasSuffix(l.folder.ImportPath, end) {
			others, err := list(ctx, patterns...)
			if err != nil {
				return err
			}
			l.folders = append(l.folders, others...)
		}
	}
	for _, f := range l.folders {
		l.suites = append(l.suites, sync.OnceValues(func() (*suite, error) {
			s, err := build(ctx, l.told, f)
			if err != nil {
				return nil, err
			}
			return s, s.control(ctx)
		}))
	}
	return nil
}

// without reports whether a test fails with the guard taken out.
func (l *laboratory) without(ctx context.Context, m mutant) (bool, error) {
	if m.id != 0 {
		for _, opened := range l.suites {
			s, err := opened()
			if err != nil {
				return false, err
			}
			if s.catches(ctx, m.id) {
				return true, ctx.Err()
			}
		}
		return false, ctx.Err()
	}
	told, err := overlay(l.dir, map[string][]byte{m.file: m.alone(l.sources[m.file])})
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(filepath.Dir(told))
	for _, f := range l.folders {
		s, err := build(ctx, told, f)
		if err != nil {
			return false, err
		}
		if !s.passes(ctx, 5*time.Minute, nil, ".", comparesText) {
			return true, ctx.Err()
		}
	}
	return false, nil
}

// comparesText matches the tests that compare the text of requests, and would
// fail whatever comes of them.
const comparesText = "^(TestAliases|TestCalls)$"
