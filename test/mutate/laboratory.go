package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// laboratory runs tests on edited code.
type laboratory struct {
	root string // of the module
	dir  string // for what the runs need
}

func newLaboratory(dir string) (*laboratory, error) {
	mod, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	return &laboratory{root: filepath.Dir(strings.TrimSpace(string(mod))), dir: dir}, nil
}

// control runs all tests that the guards name on the code as it is. If they
// did not pass, their failing would show nothing.
func (l *laboratory) control(ctx context.Context, gs []guard) error {
	packages := map[string][]string{} // by tags
	for _, g := range gs {
		for _, p := range g.tests.packages {
			if !slices.Contains(packages[g.tests.tags], p) {
				packages[g.tests.tags] = append(packages[g.tests.tags], p)
			}
		}
	}
	for tags, all := range packages {
		failed, err := l.test(ctx, suites{packages: all, tags: tags}, "")
		if err != nil {
			return err
		}
		if failed != "" {
			return fmt.Errorf("%s fails with every guard in its place", failed)
		}
	}
	return nil
}

// result is what came of taking a guard out.
type result struct {
	guard
	missed string // the test that failed
	err    error  // the tests could not be run
}

// without runs the tests with the guard taken out, until one fails.
func (l *laboratory) without(ctx context.Context, g guard) result {
	overlay, err := l.overlay(g)
	if err != nil {
		return result{guard: g, err: err}
	}
	for _, p := range g.tests.packages {
		failed, err := l.test(ctx, suites{[]string{p}, g.tests.tags, g.tests.skip}, overlay)
		if failed != "" || err != nil {
			return result{guard: g, missed: failed, err: err}
		}
	}
	return result{guard: g}
}

// overlay writes the edited file, and returns the path of the file that tells
// the go command of it.
func (l *laboratory) overlay(g guard) (string, error) {
	path := filepath.Join(l.root, filepath.FromSlash(g.file))
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	edited, err := g.apply(string(text))
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(l.dir, "guard")
	if err != nil {
		return "", err
	}
	file, overlay := filepath.Join(dir, "edited.go"), filepath.Join(dir, "overlay.json")
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {path: file}})
	if err != nil {
		return "", err
	}
	return overlay, errors.Join(os.WriteFile(file, []byte(edited), 0o600), os.WriteFile(overlay, replace, 0o600))
}

// failure is the line of a test that failed, and of a package that failed
// without one, as after a panic or a time-out.
var failure = regexp.MustCompile(`(?m)^--- FAIL: (\S+)|^FAIL\t(\S+)`)

// test runs the packages' tests and returns the name of the first that fails,
// "" if none does. The error says that there was nothing to run.
func (l *laboratory) test(ctx context.Context, s suites, overlay string) (failed string, err error) {
	args := []string{"test", "-count=1", "-failfast", "-vet=off", "-timeout=180s"}
	if s.tags != "" {
		args = append(args, "-tags="+s.tags)
	}
	if s.skip != "" {
		args = append(args, "-skip="+s.skip)
	}
	if overlay != "" {
		args = append(args, "-overlay="+overlay)
	}
	args = append(args, s.packages...)
	if overlay != "" && l.usesRapid(s.packages[0]) {
		args = append(args, "-rapid.nofailfile")
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = l.root
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return "", nil
	case !errors.As(err, &exit) || ctx.Err() != nil:
		return "", err
	}
	found := failure.FindSubmatch(out)
	if found == nil || strings.Contains(string(out), "[build failed]") || strings.Contains(string(out), "[setup failed]") {
		return "", fmt.Errorf("tests of %s did not run:\n%s", strings.Join(s.packages, " "), out)
	}
	return string(found[1]) + string(found[2]), nil
}

// usesRapid reports whether tests of the package know the flags of rapid, which
// would keep a failure in the checkout and try it again at every later run.
func (l *laboratory) usesRapid(pkg string) bool {
	files, _ := filepath.Glob(filepath.Join(l.root, filepath.FromSlash(pkg), "*_test.go"))
	return slices.ContainsFunc(files, func(file string) bool {
		text, err := os.ReadFile(file)
		return err == nil && strings.Contains(string(text), `"pgregory.net/rapid"`)
	})
}
