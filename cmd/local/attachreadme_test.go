package main

import (
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/test/localrun"
)

// block is the first shell block of a page that holds the text.
func block(t *testing.T, page, text string) string {
	t.Helper()
	data, err := os.ReadFile("../../examples/attach/" + page)
	must(t, err)
	for _, found := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(data), -1) {
		if strings.Contains(found[1], text) {
			return found[1]
		}
	}
	t.Fatalf("examples/attach/%s has no lines with %s", page, text)
	return ""
}

// What the examples' pages tell to type on this machine answers as they say.
func TestLinesOfTheExamples(t *testing.T) {
	binary := localrun.Build(t)
	token := block(t, "README.md", "TOKEN=")
	for _, folder := range []string{"http-api", "aliases", "rest-api", "hybrid", "custom-domain"} {
		t.Run(folder, func(t *testing.T) {
			first, lines, _ := strings.Cut(block(t, folder+"/README.md", "make run"), "\n")
			args := regexp.MustCompile(`^make run ARGS="(-template .+)"$`).FindStringSubmatch(first)
			if args == nil {
				t.Fatalf("the first line is %q, want make run with a template", first)
			}
			p := launch(t, binary, strings.Fields(args[1])...)
			u, err := url.Parse(p.URL)
			must(t, err)
			script := strings.ReplaceAll(token+lines, ":8787", ":"+u.Port())
			shell := exec.Command("sh", "-e", "-c", script)
			shell.Dir = t.TempDir()
			out, err := shell.CombinedOutput()
			statuses := statusLine.FindAllStringSubmatch(string(out), -1)
			if err != nil || len(statuses) != strings.Count(lines, "curl -i") || len(statuses) == 0 {
				t.Fatalf("the lines ended with %v and %d answers\n%s", err, len(statuses), out)
			}
			for i, status := range statuses {
				if status[1] != "200" {
					t.Errorf("line %d answered %s, want 200\n%s", i+1, status[1], out)
				}
			}
			p.ends()
		})
	}
}
