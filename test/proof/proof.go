// Package proof gives the tests that prove a promise two sizes: one for every
// run of the tests, of seconds, and one for make proof, of as much as an hour.
// The tests are the same in both.
//
// Tests start with [Scale], and tell what they found with [Report].
package proof

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// Variable is the environment variable that asks for the long size, whatever
// its value is, unless that is empty.
const Variable = "PROOF"

// Long reports whether the long size is asked for.
func Long() bool { return os.Getenv(Variable) != "" }

// Scale returns how much a test is to do.
func Scale[T any](short, long T) T {
	if Long() {
		return long
	}
	return short
}

// Report states what a test has found, as one line of the table that make
// proof ends with: what was counted or measured, and the figure. A test may
// report several.
func Report(t testing.TB, what string, figure any) {
	t.Helper()
	t.Attr("proof", fmt.Sprintf("%s: %v", what, figure))
}

// SeedVariable is the environment variable that names the seed of random
// tests, so that one can be repeated.
const SeedVariable = "SEED"

// Seed returns the seed of a random test, another at every run unless the
// environment has one, and logs how to repeat the test with it.
func Seed(t testing.TB) uint64 {
	t.Helper()
	seed := rand.Uint64N(1_000_000)
	if given := os.Getenv(SeedVariable); given != "" {
		var err error
		if seed, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatalf("%s is %q, want a number", SeedVariable, given)
		}
	}
	t.Logf("seed %d; %s=%d repeats it", seed, SeedVariable, seed)
	return seed
}
