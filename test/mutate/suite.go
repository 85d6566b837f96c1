package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// suite is the tests of one package, built.
type suite struct {
	folder folder
	binary string
	flags  []string
	tests  []test // the quickest first
}

// test is one of a suite, and what it took on the code as it is.
type test struct {
	name    string
	took    time.Duration
	reaches map[int]bool
}

// build makes a suite of the package's tests.
func build(ctx context.Context, overlay string, f folder) (*suite, error) {
	s := &suite{folder: f, binary: filepath.Join(filepath.Dir(overlay), f.Name+".test")}
	if _, err := command(ctx, f.Dir, nil, "go", "test", "-c", "-vet=off", "-tags", tags, "-overlay", overlay, "-o", s.binary, f.ImportPath); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(s.binary)
	if err != nil {
		return nil, err
	}
	// A failure of rapid's would be kept in the checkout, and made small.
	if bytes.Contains(text, []byte("rapid.nofailfile")) {
		s.flags = []string{"-rapid.nofailfile", "-rapid.shrinktime=0s"}
	}
	return s, nil
}

var named = regexp.MustCompile(`^(Test|Fuzz|Example)`)

// control runs every test on its own with nothing switched on, and notes which
// mutants it reaches. One that fails so is left out, since its failing would
// show nothing.
func (s *suite) control(ctx context.Context) error {
	names, err := command(ctx, s.folder.Dir, nil, s.binary, "-test.list", ".")
	if err != nil {
		return err
	}
	for name := range strings.FieldsSeq(string(names)) {
		if !named.MatchString(name) {
			continue
		}
		reached := s.binary + "." + name
		began := time.Now()
		if !s.passes(ctx, 5*time.Minute, []string{"MUTANT_REACHED=" + reached}, "^"+name+"$") {
			fmt.Fprintf(os.Stderr, "mutate: %s of %s is not asked: it fails with every guard in its place\n", name, s.folder.ImportPath)
			continue
		}
		t := test{name: name, took: time.Since(began), reaches: map[int]bool{}}
		ids, err := os.ReadFile(reached)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		for id := range strings.FieldsSeq(string(ids)) {
			n, err := strconv.Atoi(id)
			if err != nil {
				return err
			}
			t.reaches[n] = true
		}
		s.tests = append(s.tests, t)
	}
	if len(s.tests) == 0 || ctx.Err() != nil {
		return fmt.Errorf("no test of %s passes: %w", s.folder.ImportPath, context.Cause(ctx))
	}
	slices.SortFunc(s.tests, func(a, b test) int { return cmp.Compare(a.took, b.took) })
	return nil
}

// catches runs the tests that reach the mutant until one fails: the quick ones
// together, then the others, one by one.
func (s *suite) catches(ctx context.Context, m mutant) bool {
	var quick []string
	var together time.Duration
	var slow []test
	for _, t := range s.tests {
		switch {
		case !t.reaches[m.id] || (m.kind == held || m.kind == unchanged) && slices.Contains(compareText, t.name):
		case together+t.took < 2*time.Second:
			quick, together = append(quick, t.name), together+t.took
		default:
			slow = append(slow, t)
		}
	}
	on := []string{"MUTANT=" + strconv.Itoa(m.id)}
	if len(quick) > 0 && !s.passes(ctx, limit(together), on, "^("+strings.Join(quick, "|")+")$") {
		return true
	}
	return slices.ContainsFunc(slow, func(t test) bool { return !s.passes(ctx, limit(t.took), on, "^"+t.name+"$") })
}

// compareText are tests that compare the text of requests to DynamoDB, and
// would fail whatever comes of them.
var compareText = []string{"TestAliases", "TestCalls"}

// limit is when a test that took so long hangs.
func limit(took time.Duration) time.Duration { return 10*time.Second + 10*took }

// passes runs the tests that match. One that takes longer than the limit fails.
func (s *suite) passes(ctx context.Context, limit time.Duration, environment []string, run string) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	args := append([]string{"-test.failfast", "-test.run", run}, s.flags...)
	_, err := command(ctx, s.folder.Dir, environment, s.binary, args...)
	return err == nil
}
