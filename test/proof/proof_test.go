package proof_test

import (
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/test/proof"
)

func TestScale(t *testing.T) {
	for _, tt := range []struct {
		value string
		want  int
	}{{"", 3}, {"1", 5}, {"yes", 5}} {
		t.Setenv(proof.Variable, tt.value)
		if got := proof.Scale(3, 5); got != tt.want || proof.Long() != (tt.want == 5) {
			t.Errorf("with %s=%q the size is %d, want %d", proof.Variable, tt.value, got, tt.want)
		}
	}
}

// recorder notes attributes in place of the test itself.
type recorder struct {
	testing.TB
	lines []string
}

func (r *recorder) Attr(key, value string) { r.lines = append(r.lines, key+" "+value) }

func TestReport(t *testing.T) {
	r := &recorder{TB: t}
	proof.Report(r, "states", 400_000)
	proof.Report(r, "longest answer", "12ms")
	if got := strings.Join(r.lines, "\n"); got != "proof states: 400000\nproof longest answer: 12ms" {
		t.Errorf("reported\n%s", got)
	}
}

func TestSeed(t *testing.T) {
	t.Setenv(proof.SeedVariable, "42")
	if got := proof.Seed(t); got != 42 {
		t.Errorf("with %s=42 the seed is %d", proof.SeedVariable, got)
	}
	t.Setenv(proof.SeedVariable, "")
	seen := map[uint64]bool{}
	for range 20 {
		seen[proof.Seed(t)] = true
	}
	if len(seen) < 2 {
		t.Error("20 runs have one seed")
	}
}
