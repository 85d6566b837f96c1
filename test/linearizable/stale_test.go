package linearizable

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/anishathalye/porcupine"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/test/proof"
)

// misfit returns the part of a history that does not fit, "" if all fits.
func misfit(history []porcupine.Operation) string {
	model := Model()
	for _, part := range bySession(history) {
		if porcupine.CheckOperations(model, part) {
			continue
		}
		slices.SortFunc(part, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
		var told strings.Builder
		for _, o := range part {
			fmt.Fprintf(&told, "client %d, from %d to %d ns: %v: %v\n", o.ClientId, o.Call, o.Return, o.Input.(of).Call, o.Output)
		}
		return told.String()
	}
	return ""
}

// stale is a store one of whose reads is behind, as a read of DynamoDB is that
// is not consistent: it has what the same read found before.
type stale struct {
	sessions.Store
	read string
	seen sync.Map
}

// The reads of a store.
const (
	aSession       = "a session"
	besideASession = "the user beside a session"
	theUser        = "the user alone"
	aList          = "the list of sessions"
)

// found returns what a read of that key has found: this, unless it is behind.
func found[V any](s *stale, read string, key any, now V) V {
	if before, seen := s.seen.Swap([2]any{read, key}, now); seen && read == s.read {
		return before.(V)
	}
	return now
}

func (s *stale) Get(ctx context.Context, h sessions.Handle) (sessions.Session, sessions.User, error) {
	got, u, err := s.Store.Get(ctx, h)
	if err != nil {
		return got, u, err
	}
	return found(s, aSession, h, got), found(s, besideASession, h.User(), u), nil
}

func (s *stale) User(ctx context.Context, key sessions.UserKey) (sessions.User, error) {
	u, err := s.Store.User(ctx, key)
	return found(s, theUser, key, u), err
}

func (s *stale) List(ctx context.Context, key sessions.UserKey, yield func(sessions.User, []sessions.Session) error) error {
	type list struct {
		user sessions.User
		all  []sessions.Session
	}
	var now list
	err := s.Store.List(ctx, key, func(u sessions.User, page []sessions.Session) error {
		now = list{u, append(now.all, page...)}
		return nil
	})
	if err != nil {
		return err
	}
	then := found(s, aList, key, now)
	return yield(then.user, then.all)
}

// TestReadsMustBeConsistent shows that the proof sees what it is for: over a
// store that is never behind, every history fits the specification, and one
// soon does not where one kind of read is.
func TestReadsMustBeConsistent(t *testing.T) {
	const few, many = 20, 200
	seed := proof.Seed(t)
	for _, read := range []string{"", aSession, besideASession, theUser, aList} {
		store := &stale{Store: memory.New(), read: read}
		s := newStack(t, func() sessions.Store { return store })
		wrong, most := "", many
		if read == "" {
			most = few
		}
		for i := 0; i < most && wrong == ""; i++ {
			wrong = misfit(s.live(t.Context(), fmt.Sprintf("user-%d", i), seed+uint64(i)))
		}
		if (wrong != "") != (read != "") {
			t.Errorf("where the read that is behind is %q, what does not fit is %q", read, wrong)
		}
		t.Logf("behind is %q:\n%s", read, wrong)
	}
}
