package main

import (
	"fmt"
	"slices"
	"strings"
)

// guard is one thing that the code sees to, and the edit that ends it.
type guard struct {
	file  string // from the root of the module, with slashes
	tests suites
	edit
}

// suites are the packages one of whose tests must fail without the guard, in
// the order in which they are asked.
type suites struct {
	packages []string
	tags     string // build tags of their tests
	skip     string // tests that compare the text of requests and would fail whatever comes of them; a regular expression
}

// edit takes a guard out.
type edit struct {
	name     string // what is no longer seen to
	old, new string // old must be in the file exactly once
	survives string // why no test can notice; empty: one must
}

// guards returns all lists.
func guards() []guard {
	return slices.Concat(
		sessionsGuards(), refreshGuards(), tokenGuards(), keyGuards(),
		decisionGuards(), answerGuards(), backendGuards(), fdiGuards(), endpointGuards(), attemptGuards(), accountGuards(), expressionGuards(), tableGuards(),
	)
}

// in returns the guards of one file.
func in(file string, tests suites, edits ...edit) []guard {
	all := make([]guard, len(edits))
	for i, e := range edits {
		all[i] = guard{file: file, tests: tests, edit: e}
	}
	return all
}

// apply returns the file's text without the guard. An edit that fits nowhere,
// or in two places, is an error: the list must follow the code.
func (e edit) apply(text string) (string, error) {
	if n := strings.Count(text, e.old); n != 1 {
		return "", fmt.Errorf("the text to replace is there %d times, want once:\n%s", n, e.old)
	}
	return strings.Replace(text, e.old, e.new, 1), nil
}
