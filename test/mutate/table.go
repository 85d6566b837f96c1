package main

import (
	"errors"
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

// row is what came of the guards of one package.
type row struct{ taken, caught, accepted int }

// share is the part that was caught or survives by right, in percent.
func (r row) share() int { return 100 * (r.caught + r.accepted) / max(r.taken, 1) }

// table writes the guards that survive against the list, then what came of the
// guards of each package, and returns an error if a package is below its floor
// or a guard could not be taken out. Floors are by the end of the package's
// path.
func table(w io.Writer, all []result, accepted map[string]string, floors map[string]int) error {
	rows, names := map[string]*row{}, []string{}
	var errs []error
	for _, r := range all {
		if rows[r.folder] == nil {
			rows[r.folder], names = &row{}, append(names, r.folder)
		}
		here := rows[r.folder]
		here.taken++
		switch {
		case r.err != nil:
			errs = append(errs, fmt.Errorf("%s: %w", r, r.err))
		case r.caught:
			here.caught++
		case accepted[r.key()] != "":
			here.accepted++
		default:
			fmt.Fprintln(w, r)
		}
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\npackage\ttaken out\tcaught\tsurvive by right\tsurvive\tshare\tfloor")
	for _, name := range names {
		here, floor := *rows[name], 0
		for end, percent := range floors {
			if strings.HasSuffix(name, strings.TrimPrefix(end, ".")) {
				floor = percent
			}
		}
		wrong := here.taken - here.caught - here.accepted
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d %%\t%d %%\n", name, here.taken, here.caught, here.accepted, wrong, here.share(), floor)
		if here.share() < floor {
			errs = append(errs, fmt.Errorf("%s: of %d guards, no test misses %d", name, here.taken, wrong))
		}
	}
	return errors.Join(append(errs, t.Flush())...)
}
