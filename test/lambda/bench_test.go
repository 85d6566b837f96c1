//go:build dynamodb && bench && linux

package lambda_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/test/runtimeapi"
)

const noOp = "(no-op)"

// TestTimes prints how long functions take to start and to answer. It compares
// them with a function that does nothing and gets the same events. All take
// turns in one run, so that other load on the machine affects all of them. Read
// the ratios: the times are those of this machine, and of DynamoDB Local if a
// function calls it. docs/performance.md explains each row.
func TestTimes(t *testing.T) {
	b := newBench(t)
	busy, _ := os.ReadFile("/proc/loadavg") // for readers of the table
	fmt.Printf("load average %s\n| function, event | what | ms | × no-op | × its own warm |\n|---|---|---:|---:|---:|\n", busy)
	b.sizes()
	b.starts("from memory", false)
	b.starts("from disk", true)
	b.warm()
	// SignInFunction has 1,769 MB.
	b.first(256, slices.DeleteFunc(b.loads, func(l load) bool { return l.function == "SignInFunction" }))
}

// bench holds the measured functions.
type bench struct {
	*stack
	t        *testing.T
	binaries map[string]string // by the function's logical id
	loads    []load            // the no-op's comes first
	front    *front            // DynamoDB over TLS
}

func newBench(t *testing.T) *bench {
	s := newStorage(t)
	b := &bench{stack: s, t: t, binaries: build(t), front: startFront(t, s.dynamoURL)}
	b.binaries[noOp] = filepath.Join(t.TempDir(), "bootstrap")
	command := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags=-s", "-tags", "lambda.norpc,nethttpomithttp2",
		"-o", b.binaries[noOp], "./test/runtimeapi/testdata/noop")
	command.Dir, command.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	s.start(t, b.binaries)
	b.loads = s.loads(t)
	for _, f := range s.functions {
		f.Stop()
	}
	return b
}

// line prints a row of the table.
func line(who, what string, milliseconds float64, ratios ...string) {
	fmt.Printf("| %s | %s | %.3g | %s |\n", who, what, milliseconds, strings.Join(append(ratios, "–", "–")[:2], " | "))
}

func times(ratio float64) string { return fmt.Sprintf("%.2f", ratio) }

// sizes prints the sizes of binaries, in MB.
func (b *bench) sizes() {
	for _, id := range []string{noOp, "AuthorizerFunction", "RefreshFunction"} {
		binary, zipped := megabytes(b.t, b.binaries[id])
		fmt.Printf("| %s | binary, zip in MB | %.2f, %.2f | – | – |\n", id, binary, zipped)
	}
}

// starts starts functions in turn, with each file in the given state, and
// prints the fastest start: other load on the machine can only add time. The
// warm-up begins when the function first connects.
func (b *bench) starts(what string, evicted bool) {
	const rounds = 21
	ids := []string{noOp, "AuthorizerFunction", "RefreshFunction"}
	warmUps, ready := map[string][]float64{}, map[string][]float64{}
	for range rounds {
		for _, id := range ids {
			if evicted {
				evict(b.t, b.binaries[id])
			}
			b.front.forget()
			begun := time.Now()
			f := boot(b.t, b.binaries[id], b.byTLS(id))
			f.Stop()
			ready[id] = append(ready[id], inMS(f.Init()))
			before := f.Init()
			if id != noOp {
				before = b.front.connected().Sub(begun)
			}
			warmUps[id] = append(warmUps[id], inMS(before))
		}
	}
	for _, id := range ids {
		fastest, whole := slices.Min(warmUps[id]), slices.Min(ready[id])
		line(id, "start "+what+", until the warm-up", fastest, times(fastest/slices.Min(ready[noOp])))
		line(id, "start "+what+", until ready", whole, times(whole/slices.Min(ready[noOp])))
	}
}

// contender is a sandbox that takes turns with others.
type contender struct {
	load
	*runtimeapi.Function
	calls     int
	p50, used []float64 // of each turn, in ms
}

// warm calls sandboxes in turn, several calls each.
func (b *bench) warm() {
	const rounds = 25
	var all []*contender
	for _, l := range b.loads {
		all = append(all, &contender{load: l, Function: boot(b.t, b.binaries[l.function], b.environments[l.function])})
	}
	for round := range rounds + 1 {
		for _, c := range all {
			before := cpu(b.t, c.PID())
			var took []time.Duration
			for range c.turn {
				took = append(took, b.call(c))
			}
			if round == 0 { // of the first calls
				continue
			}
			c.p50 = append(c.p50, inMS(quantile(took, 50)))
			c.used = append(c.used, inMS(cpu(b.t, c.PID())-before)/float64(c.turn))
		}
	}
	for _, c := range all {
		line(c.name(), "warm, p50", median(c.p50), times(ratio(c.p50, all[0].p50)))
		line(c.name(), "warm, processor", median(c.used), times(ratio(c.used, all[0].used)))
		c.Stop()
	}
}

// first starts sandboxes and makes the first call of each, with the share of a
// processor for that memory. It prints the fastest, like starts.
func (b *bench) first(megabytes int, loads []load) {
	const rounds, pause = 15, 2 * time.Millisecond
	first, own := map[string][]float64{}, map[string][]float64{}
	throttled := true
	for range rounds {
		for _, l := range loads {
			c := &contender{load: l, Function: boot(b.t, b.binaries[l.function], b.byTLS(l.function))}
			throttled = throttle(b.t, c.PID(), megabytes) && throttled
			time.Sleep(2 * period) // as between the start and the event, until a new share is given out
			took := inMS(b.call(c))
			var warm []time.Duration
			for range c.turn {
				time.Sleep(pause) // as between requests, so that the share is enough
				warm = append(warm, b.call(c))
			}
			c.Stop()
			first[l.name()] = append(first[l.name()], took)
			own[l.name()] = append(own[l.name()], inMS(quantile(warm, 50)))
		}
	}
	what := fmt.Sprintf("first call at %d MB", megabytes)
	if !throttled {
		what = "first call, at the full processor: no control group of version 1 can be made here"
	}
	for _, l := range loads {
		fastest := slices.Min(first[l.name()])
		line(l.name(), what, fastest, times(fastest/slices.Min(first[loads[0].name()])), times(fastest/slices.Min(own[l.name()])))
	}
}

// call hands the contender its next event.
func (b *bench) call(c *contender) time.Duration {
	b.t.Helper()
	answer, err := c.Invoke(b.t.Context(), c.event(c.calls))
	c.calls++
	if err != nil || answer.Error != nil || !strings.Contains(string(answer.Payload), c.want) {
		b.t.Fatalf("%s = %s, %v, %v, want %s in it", c.name(), answer.Payload, answer.Error, err, c.want)
	}
	return answer.Took
}

// byTLS returns the function's environment with DynamoDB behind TLS. It trusts
// no other root.
func (b *bench) byTLS(id string) []string {
	env := slices.DeleteFunc(slices.Clone(b.environments[id]), func(v string) bool { return strings.HasPrefix(v, "DYNAMODB_ENDPOINT=") })
	return append(env, "DYNAMODB_ENDPOINT="+b.front.url, "SSL_CERT_FILE="+b.front.root, "SSL_CERT_DIR="+filepath.Dir(b.front.root))
}

func inMS(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

// quantile returns the duration that the given percentage does not exceed.
func quantile(d []time.Duration, percent int) time.Duration {
	slices.Sort(d)
	return d[(len(d)*percent+99)/100-1]
}

func median(of []float64) float64 {
	of = slices.Sorted(slices.Values(of))
	return of[len(of)/2]
}

// ratio returns the median of the quotients of each turn.
func ratio(of, to []float64) float64 {
	quotients := make([]float64, len(of))
	for i := range of {
		quotients[i] = of[i] / to[i]
	}
	return median(quotients)
}
