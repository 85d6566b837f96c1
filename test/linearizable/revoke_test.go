//go:build dynamodb

package linearizable

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
	"github.com/latchkey-auth/latchkey/test/proof"
)

// TestRevokeIsLinearizable lets clients call one stack, over a network that
// loses requests and answers, and compares what they saw with the
// specification.
func TestRevokeIsLinearizable(t *testing.T) {
	seed, seeds := proof.Seed(t), proof.Scale(25, 2000)
	table := dynamolocal.Table(t, dynamo.SessionsTable)
	network := &lossy{
		RoundTripper: &http.Transport{MaxIdleConnsPerHost: 2 * clients}, // a connection for every client
		random:       rand.New(rand.NewPCG(seed, 1)),
	}
	s := newStack(t, func() sessions.Store { return dynamo.New(connect(t, network), table) })
	calls, answers := 0, map[string]int{}
	for i := range seeds {
		history := s.live(t.Context(), fmt.Sprintf("user-%d", i), seed+uint64(i))
		if told := misfit(history); told != "" {
			t.Fatalf("seed %d: a history that the specification does not allow:\n%s", seed+uint64(i), told)
		}
		calls += len(history)
		for _, o := range history {
			answers[fmt.Sprintf("%s: %s", o.Input.(Call).Operation, o.Output)]++
		}
	}
	wantSeen(t, answers)
	if proof.Long() && calls < 100_000 {
		t.Errorf("%d calls were made, want 100000", calls)
	}
	proof.Report(t, "calls", calls)
	proof.Report(t, "seeds", seeds)
	t.Log(answers)
}

// wantSeen fails the test if something of the specification never happened.
func wantSeen(t *testing.T, answers map[string]int) {
	t.Helper()
	for _, want := range []string{
		"start: done", "start: refused", "GET: done", "POST: done", "POST: refused",
		"POST that needs a role: done", "POST that needs a role: denied", "revoke all others: done", "revoke all others: refused",
		"disable: done", "enable: done", "grant the role: done", "take the role away: done",
		"refresh: rotated", "refresh: replayed", "refresh: fresh", "refresh: refused", "refresh: reused",
		"revoke: done", "revoke all: done",
	} {
		if answers[want] == 0 {
			t.Errorf("no %s in %v", want, answers)
		}
	}
}
