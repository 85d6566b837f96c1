// Command mutate takes guards out of the code, one at a time, and tells which
// no test misses:
//
//	mutate [-only REGEXP] [PACKAGE…]
//
// The guards are found in the syntax tree: conditions of if and case, operands
// of && and ||, comparisons and errors that are returned, constants, values of
// fields and keys, assignments and calls without a result, calls and sums that
// change a value, and the parts of the conditions and changes that DynamoDB is
// asked to see to. A package is built once with all of them, each behind a
// switch; then the tests that reach a guard run with it switched off.
//
// That no test misses a guard may be right: survivors.txt says where and why, of
// what decides who gets in. Mutate fails if the tests of a package miss a
// smaller share of its guards than its floor.
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// tags are the build tags of the tests.
const tags = "dynamodb"

// atOnce is how many guards are taken out side by side.
const atOnce = 2

// survivors is the file of those that no test need miss, as embedded.
//
//go:embed survivors.txt
var survivors string

// packages are those whose guards are taken out, by their paths in the module.
//
// The floor says what share of a package's guards, in percent, its tests must
// miss at least; those that survive by right count too. It is two or three
// points below what was measured, because some tests draw their inputs. Raise
// one that is far below; 0 where nothing was measured.
//
// The tests of the packages in also are asked after the package's own, because
// it leaves part of its proof to them.
var packages = map[string]struct {
	floor int
	also  []string
}{
	"authorizer":                  {floor: 90},
	"sessions":                    {floor: 76, also: []string{"./sessions/memory"}},
	"sessions/dynamo":             {floor: 91},
	"sessions/fdi":                {floor: 92},
	"sessions/keys":               {floor: 73, also: []string{"./internal/rotatekeys"}},
	"sessions/kms":                {floor: 88},
	"sessions/memory":             {floor: 88},
	"sessions/token":              {floor: 88},
	"internal/accounts":           {floor: 79, also: []string{"./internal/accounts/hashing"}},
	"internal/accounts/hashing":   {floor: 89},
	"internal/endpoints":          {floor: 0},
	"internal/endpoints/admin":    {floor: 50, also: []string{"./internal/endpoints"}},
	"internal/endpoints/frontend": {floor: 75, also: []string{"./internal/endpoints"}},
	"internal/endpoints/own":      {floor: 88, also: []string{"./internal/endpoints"}},
	"internal/mail":               {floor: 73},
	"internal/mail/invoke":        {floor: 84},
	"internal/mail/ses":           {floor: 78},
	"internal/rotatekeys":         {floor: 68},
	"internal/table":              {floor: 84, also: []string{"./sessions/dynamo"}},
	"internal/web":                {floor: 86},
}

func main() {
	only := flag.String("only", "", "take out those guards only whose function or text this regular expression matches")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	if err := run(ctx, *only, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// run takes out the guards of the packages that match, and returns why the
// outcome is not what it must be.
func run(ctx context.Context, only string, patterns []string) error {
	chosen, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	if len(patterns) == 0 {
		for _, name := range slices.Sorted(maps.Keys(packages)) {
			patterns = append(patterns, "./"+name)
		}
	}
	named, err := list(ctx, patterns...)
	if err != nil {
		return err
	}
	reasons, err := readSurvivors(survivors)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var said []string
	var errs []error
	for _, p := range named {
		results, err := takeOut(ctx, dir, p, chosen, reasons)
		if err != nil {
			return err
		}
		if len(results) == 0 {
			continue
		}
		floor := packages[p.short()].floor
		if only != "" {
			floor = 0
		}
		line, err := judge(results, floor)
		said, errs = append(said, line), append(errs, err)
	}
	if len(said) == 0 {
		return errors.New("no guards")
	}
	fmt.Println("\n" + strings.Join(said, "\n"))
	return errors.Join(errs...)
}

// takeOut takes the guards of one package out, and prints what comes of each.
func takeOut(
	ctx context.Context, dir string, p folder, chosen *regexp.Regexp, reasons map[string]string,
) ([]result, error) {
	if len(p.GoFiles) == 0 {
		return nil, nil
	}
	l, err := open(ctx, dir, p)
	if err != nil || len(l.suites) == 0 {
		return nil, err
	}
	if _, err := l.suites[0](); err != nil {
		return nil, err
	}
	l.mutants = slices.DeleteFunc(l.mutants, func(m mutant) bool { return !chosen.MatchString(m.function + " " + m.text) })
	results := make([]result, len(l.mutants))
	slots := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	for i, m := range l.mutants {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			r := result{mutant: m, folder: p.short()}
			r.byRight = reasons[r.key()]
			r.caught, r.err = l.without(ctx, m)
			results[i] = r
			fmt.Println(r)
		})
	}
	wg.Wait()
	return results, ctx.Err()
}
