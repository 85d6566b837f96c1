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

// floors say what share of a package's guards, in percent, its tests must miss
// at least; those that survive by right count too. They are a little below what
// was measured, because some tests draw their inputs; those of 50 have not been
// measured whole. Raise one that is far below.
var floors = map[string]int{
	"./authorizer":                  90,
	"./sessions":                    76,
	"./sessions/dynamo":             50,
	"./sessions/fdi":                92,
	"./sessions/keys":               72,
	"./sessions/kms":                88,
	"./sessions/memory":             88,
	"./sessions/token":              86,
	"./internal/accounts":           50,
	"./internal/accounts/hashing":   50,
	"./internal/endpoints":          0,
	"./internal/endpoints/admin":    50,
	"./internal/endpoints/frontend": 75,
	"./internal/endpoints/own":      50,
	"./internal/rotatekeys":         60,
	"./internal/table":              66,
	"./internal/web":                86,
}

// elsewhere are packages whose tests are asked too, because a package leaves
// part of its proof to them.
var elsewhere = map[string][]string{
	"/sessions": {"./sessions/memory"}, "/sessions/keys": {"./internal/rotatekeys"},
	"/internal/endpoints/frontend": {"./internal/endpoints"}, "/internal/endpoints/own": {"./internal/endpoints"},
	"/internal/endpoints/admin": {"./internal/endpoints"},
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
		patterns = slices.Sorted(maps.Keys(floors))
	}
	packages, err := list(ctx, patterns...)
	if err != nil {
		return err
	}
	accepted, err := readSurvivors(survivors)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var all []result
	for _, p := range packages {
		if len(p.GoFiles) == 0 {
			continue
		}
		results, err := takeOut(ctx, dir, p, chosen)
		if err != nil {
			return err
		}
		all = append(all, results...)
	}
	if len(all) == 0 {
		return errors.New("no guards")
	}
	if only != "" {
		floors = nil
	}
	return table(os.Stdout, all, accepted, floors)
}

// takeOut takes the guards of one package out.
func takeOut(ctx context.Context, dir string, p folder, chosen *regexp.Regexp) ([]result, error) {
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
			caught, err := l.without(ctx, m)
			results[i] = result{mutant: m, folder: p.ImportPath, caught: caught, err: err}
			fmt.Println(results[i])
		})
	}
	wg.Wait()
	return results, ctx.Err()
}
