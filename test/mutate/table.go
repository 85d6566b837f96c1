package main

import (
	"fmt"
	"io"
	"path"
	"text/tabwriter"
)

// String is the line that is printed while the others are still running.
func (r result) String() string {
	switch {
	case r.err != nil:
		return fmt.Sprintf("error     %s: %s", r.file, r.name)
	case r.missed == "":
		return fmt.Sprintf("survived  %s: %s", r.file, r.name)
	}
	return fmt.Sprintf("missed    %s: %s", r.file, r.name)
}

// wrong returns what is not as the list says, or "".
func (r result) wrong() string {
	switch {
	case r.err != nil:
		return r.err.Error()
	case r.missed == "" && r.survives == "":
		return "no test fails without it"
	case r.missed != "" && r.survives != "":
		return "a test fails without it, which the list says none can"
	}
	return ""
}

// table prints every guard with the test that missed it, then the survivors
// with their reasons, then the sums. The error counts what is wrong.
func table(out io.Writer, results []result) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nfile\tguard taken out\tfirst test that failed")
	survivors, wrong := 0, 0
	for _, r := range results {
		missed := r.missed
		if missed == "" {
			missed = "none"
			survivors++
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", r.file, r.name, path.Base(missed))
	}
	w.Flush()
	for _, r := range results {
		if fault := r.wrong(); fault != "" {
			wrong++
			fmt.Fprintf(out, "\nWRONG %s: %s: %s\n", r.file, r.name, fault)
		} else if r.missed == "" {
			fmt.Fprintf(out, "\nsurvives by right: %s: %s: %s\n", r.file, r.name, r.survives)
		}
	}
	fmt.Fprintf(out, "\n%d guards taken out, %d missed by a test, %d not\n", len(results), len(results)-survivors, survivors)
	if wrong > 0 {
		return fmt.Errorf("%d guards are not as the list says", wrong)
	}
	return nil
}
