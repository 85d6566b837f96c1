// Package runbook reads the commands of a document, for the tests that run
// them as they stand there.
package runbook

import (
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
