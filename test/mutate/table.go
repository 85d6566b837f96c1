package main

import (
	"errors"
	"fmt"
	"strings"
)

// result is what came of taking a guard out.
type result struct {
	mutant
	folder  string // path of the package in the module
	caught  bool   // a test failed
	byRight string // why no test need fail; empty: one must
	err     error  // the tests could not be run
}

// key names a guard whatever line it stands on.
func (r result) key() string {
	return strings.Join([]string{r.folder, r.function, string(r.kind), r.text}, "\t")
}

func (r result) String() string {
	outcome := "survives"
	switch {
	case r.err != nil:
		outcome = "error"
	case r.caught:
		outcome = "caught"
	case r.byRight != "":
		outcome = "by right"
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

// judge says what came of the guards of one package, and returns an error if
// its tests miss fewer than the floor, or if a guard could not be taken out.
func judge(all []result, floor int) (string, error) {
	caught, byRight := 0, 0
	var errs []error
	for _, r := range all {
		switch {
		case r.err != nil:
			errs = append(errs, fmt.Errorf("%s: %w", r, r.err))
		case r.caught:
			caught++
		case r.byRight != "":
			byRight++
		}
	}
	share := 100 * (caught + byRight) / len(all)
	said := fmt.Sprintf("%-30s%5d guards,%5d caught,%4d survive by right,%4d survive: %3d %%, floor %d %%",
		all[0].folder, len(all), caught, byRight, len(all)-caught-byRight, share, floor)
	if share < floor {
		errs = append(errs, fmt.Errorf("%s: tests miss %d %% of the guards, want %d %%", all[0].folder, share, floor))
	}
	return said, errors.Join(errs...)
}
