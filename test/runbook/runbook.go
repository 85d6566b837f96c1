// Package runbook reads the commands of a document, for the tests that run
// them as they stand there.
package runbook

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// Part is what stands under one heading of the second level, or before the
// first of them.
type Part struct {
	Title    string
	Commands []string // the blocks of shell in it
}

// Args returns the arguments of a command of this repository, as they stand in
// the only block of shell under the heading, with replacements made in them.
func Args(file, title, command string, replace ...string) ([]string, error) {
	parts, err := Read(file)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		args, found := strings.CutPrefix(strings.Join(p.Commands, ""), "go run ./cmd/"+command+" ")
		if p.Title == title && found {
			return strings.Fields(strings.NewReplacer(replace...).Replace(args)), nil
		}
	}
	return nil, fmt.Errorf("%s: under %q there is no command %s alone", file, title, command)
}

// Read returns the parts of a document in Markdown.
func Read(file string) ([]Part, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	shell := regexp.MustCompile("(?sm)^```sh\n(.*?)^```$")
	var parts []Part
	for _, section := range strings.Split(string(text), "\n## ") {
		title, _, _ := strings.Cut(section, "\n")
		part := Part{Title: title}
		for _, block := range shell.FindAllStringSubmatch(section, -1) {
			part.Commands = append(part.Commands, block[1])
		}
		parts = append(parts, part)
	}
	return parts, nil
}
