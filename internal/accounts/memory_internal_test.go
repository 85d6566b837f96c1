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
		m.Take(t.Context(), quota(span, now, 1, name))
		m.Reserve(t.Context(), keyOf(name), patience(), now)
	}
	m.Reserve(t.Context(), keyOf("later"), patience(), now.Add(span))
	if len(m.taken) != 0 || len(m.counters) != 101 {
		t.Errorf("a span later %d and %d counts are kept, want 0 and 101", len(m.taken), len(m.counters))
	}
	m.Take(t.Context(), quota(day, now.Add(3*day), 1, "later"))
	if len(m.taken) != 1 || len(m.counters) != 0 {
		t.Errorf("days later %d and %d counts are kept, want 1 and 0", len(m.taken), len(m.counters))
	}
}
