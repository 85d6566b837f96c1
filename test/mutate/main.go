// Command mutate shows that every guard of Latchkey has a test that fails
// without it. It takes the guards out one at a time, each by one small edit of
// one file, and runs the tests that must notice:
//
//	go run ./test/dynamolocal/run -- go run ./test/mutate
//
// Nothing in the checkout is changed: the edited file is laid over the real
// one by the overlay of the go command. The first run of the tests is without
// any edit, and must pass. At its end mutate prints for each guard the test
// that missed it, and it fails if one was missed by none, or if an edit no
// longer fits the code. A guard that no test can miss says why in the list.
//
// The lists are in the files named after the packages they are about.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"sync"
)

func main() {
	only := flag.String("only", "", "take out those guards only whose file or name this regular expression matches")
	side := flag.Int("side", 2, "how many guards are taken out side by side")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	if err := run(ctx, *only, *side); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// run takes out the guards that are chosen, and returns why the outcome is not
// what it must be.
func run(ctx context.Context, only string, side int) error {
	chosen, err := choose(only)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	l, err := newLaboratory(dir)
	if err != nil {
		return err
	}
	if err := l.control(ctx, chosen); err != nil {
		return err
	}
	results := make([]result, len(chosen))
	slots := make(chan struct{}, max(1, side))
	var wg sync.WaitGroup
	for i, g := range chosen {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			results[i] = l.without(ctx, g)
			fmt.Println(results[i])
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	return table(os.Stdout, results)
}

// choose returns the guards whose file or name matches.
func choose(only string) ([]guard, error) {
	matches, err := regexp.Compile(only)
	if err != nil {
		return nil, err
	}
	var chosen []guard
	for _, g := range guards() {
		if matches.MatchString(g.file + " " + g.name) {
			chosen = append(chosen, g)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("no guard matches %q", only)
	}
	return chosen, nil
}
