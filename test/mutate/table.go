package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// result is what came of taking a guard out.
type result struct {
	mutant
	folder string // import path of the package
	caught bool   // a test failed
	err    error  // the tests could not be run
}

// key names a guard whatever line it stands on.
func (r result) key() string {
	_, short, _ := strings.Cut(r.folder, "latchkey/")
	return strings.Join([]string{short, r.function, string(r.kind), r.text}, "\t")
}

func (r result) String() string {
	outcome := "survives"
	switch {
	case r.err != nil:
		outcome = "error"
	case r.caught:
		outcome = "caught"
	}
	return fmt.Sprintf("%-8s  %s\tline %d", outcome, r.key(), r.line)
}

// readSurvivors reads guards that may survive into reasons by key. A line #
// gives the reason of the guards that follow it.
func readSurvivors(text string) (map[string]string, error) {
	reasons, reason := map[string]string{}, ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if why, found := strings.CutPrefix(line, "# "); found {
			reason = why
			continue
		}
		if line == "" {
			continue
		}
		if strings.Count(line, "\t") != 3 || reason == "" {
			return nil, fmt.Errorf("survivors.txt: want a reason, and then package, function, kind and guard: %s", line)
		}
		reasons[line] = reason
	}
	return reasons, nil
}

// table writes what came of the guards of each package, then those that
// survive against the list, and returns whether there are any.
func table(w io.Writer, all []result, accepted map[string]string) error {
	type row struct{ taken, caught, accepted, wrong int }
	rows := map[string]*row{}
	var names []string
	var wrong []result
	for _, r := range all {
		if rows[r.folder] == nil {
			rows[r.folder] = &row{}
			names = append(names, r.folder)
		}
		here := rows[r.folder]
		here.taken++
		switch {
		case r.err == nil && r.caught:
			here.caught++
		case r.err == nil && accepted[r.key()] != "":
			here.accepted++
		default:
			here.wrong++
			wrong = append(wrong, r)
		}
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\npackage\ttaken out\tcaught\tsurvive by right\tsurvive")
	for _, name := range names {
		here := rows[name]
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\n", name, here.taken, here.caught, here.accepted, here.wrong)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, r := range wrong {
		fmt.Fprintf(w, "%s\n", r)
		if r.err != nil {
			fmt.Fprintln(w, r.err)
		}
	}
	if len(wrong) > 0 || len(all) == 0 {
		return fmt.Errorf("of %d guards, no test misses %d", len(all), len(wrong))
	}
	return nil
}
