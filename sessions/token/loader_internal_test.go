package token

import (
	"context"
	"testing"
)

// TestWaitForALoadThatEnded: a load that has ended was waited for, whatever else
// is over by then. Else it would be made once more for the sake of a key that it
// did not find.
func TestWaitForALoadThatEnded(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	f := &flight{done: make(chan struct{}), impatient: ended.Done()}
	for _, want := range []bool{false, true} {
		for range 100 { // select draws
			if got := f.wait(ended, true); got != want {
				t.Fatalf("wait = %t, want %t", got, want)
			}
		}
		if !want {
			close(f.done)
		}
	}
}
