// Command checktemplate reports what in a SAM or CloudFormation template breaks
// what Latchkey promises for the template's APIs. It covers all values of the
// template's parameters. What it cannot read is a finding too.
//
//	go run ./cmd/checktemplate FILE…
//
// Every finding has its place, what it breaks and how to mend it. The exit
// status is 1 if there are findings, 2 if a file cannot be read, and otherwise
// 0. A note says what the template needs from Latchkey's own stack. It does not
// change the exit status. A finding that is intended is accepted by a comment
// with a reason:
//
//	# latchkey:ignore RULE reason
//
// at the end of the line, or on a line of its own above it. It applies to
// everything that begins on that line: above a function's Events, to every
// event.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/latchkey-auth/latchkey/cmd/checktemplate/rules"
	"github.com/latchkey-auth/latchkey/internal/template/document"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// The exit statuses.
const (
	clean      = 0
	found      = 1
	unreadable = 2
)

// run checks the files and returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("checktemplate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { usage(stderr) }
	if err := flags.Parse(args); err != nil {
		return unreadable
	}
	if flags.NArg() == 0 {
		usage(stderr)
		return unreadable
	}
	status := clean
	for _, name := range flags.Args() {
		d, err := read(name)
		if err != nil {
			fmt.Fprintf(stderr, "%s: %v\n", name, err)
			status = unreadable
			continue
		}
		findings := rules.Check(d)
		report(stdout, name, findings, rules.Notes(d))
		if len(findings) > 0 {
			status = max(status, found)
		}
	}
	return status
}

func read(name string) (*document.Document, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return document.Parse(data)
}

func report(w io.Writer, name string, findings []rules.Finding, notes []rules.Note) {
	for _, n := range notes {
		fmt.Fprintf(w, "%s:%d: note: %s: %s\n", name, n.Line, n.Resource, n.Text)
	}
	for _, f := range findings {
		fmt.Fprintf(w, "%s:%d: %s: %s: %s\n\tbreaks: %s\n\tmend: %s\n", name, f.Line, f.Rule, f.Resource, f.Fact, f.Breaks, f.Mend)
	}
}

func usage(w io.Writer) {
	fmt.Fprint(w, "usage: checktemplate FILE…\n\nSAM or CloudFormation templates, YAML or JSON. The rules:\n\n")
	for _, rule := range rules.All() {
		fmt.Fprintf(w, "  %-27s %s\n", rule.Name, rule.Demands)
	}
	fmt.Fprint(w, "\nAccept a finding by a comment: # latchkey:ignore RULE reason\n")
}
