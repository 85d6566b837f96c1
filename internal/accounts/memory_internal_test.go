package accounts

import (
	"fmt"
	"testing"
	"time"
)

func TestMemoryForgetsCounts(t *testing.T) {
	m, now := NewMemory(), time.UnixMilli(1_800_000_000_000)
	for i := range 100 {
		name := fmt.Sprintf("192.0.2.%d", i)
		m.Take(t.Context(), quota("signin", name, 1, now))
		m.Reserve(t.Context(), keyOf(name), guesses(), now)
	}
	m.Reserve(t.Context(), keyOf("later"), guesses(), now.Add(span))
	if len(m.taken) != 0 || len(m.counters) != 101 {
		t.Errorf("a span later %d counts of sources and %d of accounts are kept, want 0 and 101", len(m.taken), len(m.counters))
	}
	m.Reserve(t.Context(), keyOf("next day"), guesses(), now.Add(guessesRemember))
	if len(m.counters) != 2 {
		t.Errorf("a day later %d counts of accounts are kept, want 2", len(m.counters))
	}
}
