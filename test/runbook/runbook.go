// Package runbook reads the code of a page in Markdown, for the tests that run
// it as it stands there.
package runbook

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// Part is what stands under one heading of the second level, or before the
// first of them.
type Part struct{ Title, Text string }

// Read returns the parts of a page.
func Read(file string) ([]Part, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var parts []Part
	for _, section := range strings.Split(string(text), "\n## ") {
		title, _, _ := strings.Cut(section, "\n")
		parts = append(parts, Part{title, section})
	}
	return parts, nil
}

// Under returns the part of a page under a heading, which must be there.
func Under(t testing.TB, file, title string) Part {
	t.Helper()
	parts, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		if p.Title == title {
			return p
		}
	}
	t.Fatalf("%s has no part %q", file, title)
	return Part{}
}

// Block returns the first block of code in a language under a heading of a page.
func Block(t testing.TB, file, title, language string) string {
	t.Helper()
	code := Under(t, file, title).Code(language)
	if len(code) == 0 {
		t.Fatalf("%s has no %s under %q", file, language, title)
	}
	return code[0]
}

// Code returns the blocks of code in a language.
func (p Part) Code(language string) (blocks []string) {
	block := regexp.MustCompile("(?sm)^```" + language + "\n(.*?)^```$")
	for _, found := range block.FindAllStringSubmatch(p.Text, -1) {
		blocks = append(blocks, found[1])
	}
	return blocks
}

// Args returns the arguments of a command of this repository, as they stand in
// the only block of shell under the heading, with replacements made in them.
func Args(file, title, command string, replace ...string) ([]string, error) {
	parts, err := Read(file)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		args, found := strings.CutPrefix(strings.Join(p.Code("sh"), ""), "go run ./cmd/"+command+" ")
		if p.Title == title && found {
			return strings.Fields(strings.NewReplacer(replace...).Replace(args)), nil
		}
	}
	return nil, fmt.Errorf("%s: under %q there is no command %s alone", file, title, command)
}
