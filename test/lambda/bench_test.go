//go:build dynamodb && bench

package lambda_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

const (
	starts = 15  // of every binary
	calls  = 300 // of every function, after some to warm up
	hashes = 60  // calls of functions that hash a password
	warmUp = 10

	noOp = "(no-op)"
)

// TestTimes prints how long every function takes to start and to answer,
// beside a function that does nothing. The ratios are what to read: times are
// those of this machine, and of DynamoDB Local where a function asks it.
func TestTimes(t *testing.T) {
	binaries := build(t)
	binaries[noOp] = buildNoOp(t)
	s := newStorage(t)
	s.start(t, binaries)
	s.functions[noOp] = &function{Function: boot(t, binaries[noOp], nil)}
	s.environments[noOp] = nil
	var rows []row
	for _, load := range s.loads(t) {
		rows = append(rows, s.measure(t, binaries[load.function], load))
	}
	printRows(rows)
}

func buildNoOp(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "bootstrap")
	command := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags=-s", "-tags", "lambda.norpc,nethttpomithttp2", "-o", binary, "./test/runtimeapi/testdata/echo")
	command.Dir, command.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

// row is a line of the table.
type row struct {
	load
	megabytes float64
	init      time.Duration // median
	p50, p99  time.Duration // of warm calls
}

// measure starts the function some times, and calls the one that runs.
func (s *stack) measure(t *testing.T, binary string, l load) row {
	t.Helper()
	info, err := os.Stat(binary)
	if err != nil {
		t.Fatal(err)
	}
	var inits, warm []time.Duration
	for range starts {
		f := boot(t, binary, s.environments[l.function])
		inits = append(inits, f.Init())
		f.Stop()
	}
	for i := range l.calls + warmUp {
		answer, err := s.functions[l.function].Invoke(t.Context(), l.event(i))
		if err != nil || answer.Error != nil || !strings.Contains(string(answer.Payload), l.want) {
			t.Fatalf("%s, %s = %s, %v, %v, want %s in it", l.function, l.what, answer.Payload, answer.Error, err, l.want)
		}
		if i >= warmUp {
			warm = append(warm, answer.Took)
		}
	}
	return row{load: l, megabytes: float64(info.Size()) / 1e6, init: quantile(inits, 50), p50: quantile(warm, 50), p99: quantile(warm, 99)}
}

// quantile returns the duration that the given percentage does not exceed.
func quantile(d []time.Duration, percent int) time.Duration {
	slices.Sort(d)
	return d[(len(d)*percent+99)/100-1]
}

// printRows prints the table. The first row is the one that others are
// compared with.
func printRows(rows []row) {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "function\tevent\tMB\tinit ms\t×\twarm p50 ms\t×\twarm p99 ms\t×\t")
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%s\t%.1f\t%s\t%s\t%s\t\n", r.function, r.what, r.megabytes,
			against(r.init, rows[0].init), against(r.p50, rows[0].p50), against(r.p99, rows[0].p99))
	}
	table.Flush()
}

// against returns two cells: milliseconds, and how many times the other.
func against(d, other time.Duration) string {
	return fmt.Sprintf("%.2f\t%.1f", float64(d.Microseconds())/1000, float64(d)/float64(other))
}
