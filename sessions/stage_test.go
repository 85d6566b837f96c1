package sessions_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/sessionstest"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// stage is a Manager over the memory store with a clock set by
// hand, and a store that can be told to fail.
type stage struct {
	m     *sessions.Manager
	store *sessionstest.Counter
	keys  *sessionstest.Keys
	now   time.Time

	mu     sync.Mutex
	events []sessions.Event
}

func newStage(t testing.TB, alg token.Algorithm) *stage {
	t.Helper()
	s := &stage{
		store: sessionstest.NewCounter(memory.New()),
		keys:  sessionstest.NewKeys(t, alg),
		now:   time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC),
	}
	s.manage(t)
	return s
}

// manage gives the stage its Manager.
func (s *stage) manage(t interface {
	Helper()
	Fatal(...any)
}) {
	t.Helper()
	var err error
	if s.m, err = sessions.New(s.config()); err != nil {
		t.Fatal(err)
	}
}

func (s *stage) config() sessions.Config {
	return sessions.Config{
		Store: s.store, Keys: s.keys, Now: func() time.Time { return s.now },
		Access: time.Hour, Idle: 100 * 24 * time.Hour, Absolute: 365 * 24 * time.Hour,
		ReplayWindow: time.Minute, RotationGap: 90 * time.Second, MaxSessions: 3,
		Events: func(_ context.Context, e sessions.Event) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.events = append(s.events, e)
		},
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// start signs the user in.
func (s *stage) start(t testing.TB, user string) sessions.Grant {
	t.Helper()
	s.now = s.now.Add(time.Second)
	epoch, err := s.m.Epoch(t.Context(), "public", user)
	must(t, err)
	g, err := s.m.Start(t.Context(), sessions.StartRequest{Epoch: epoch})
	must(t, err)
	return g
}
