package sessionstest

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// The times of a Manager under test.
const (
	access   = time.Hour
	idle     = 100 * 24 * time.Hour
	absolute = 365 * 24 * time.Hour
	replay   = time.Minute
	gap      = 90 * time.Second
	ms       = time.Millisecond
)

const tenant = "public"

// world is a Manager over the store under test. Its clock is set by hand, and
// it records everything that the Manager reports and asks for.
type world struct {
	*testing.T
	m     *sessions.Manager
	store *Counter
	clock *clock
	keys  *Keys
	user  string

	mu     sync.Mutex
	events []sessions.Event
}

func newWorld(t *testing.T, st sessions.Store, changes ...func(*sessions.Config)) *world {
	t.Helper()
	w := &world{
		T: t, store: NewCounter(st), user: somebody(),
		clock: &clock{now: epochOfTests()}, keys: NewKeys(t, token.EdDSA),
	}
	cfg := sessions.Config{
		Store: w.store, Keys: w.keys, Now: w.clock.Now,
		Access: access, Idle: idle, Absolute: absolute,
		ReplayWindow: replay, RotationGap: gap, MaxSessions: 100, Events: w.record,
	}
	for _, change := range changes {
		change(&cfg)
	}
	var err error
	if w.m, err = sessions.New(cfg); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) record(_ context.Context, e sessions.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

// reported returns the number of events of a kind.
func (w *world) reported(kind sessions.EventKind) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, e := range w.events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// start signs the world's user in.
func (w *world) start() sessions.Grant {
	w.Helper()
	g, err := w.signIn(sessions.StartRequest{})
	if err != nil {
		w.Fatalf("Start = %v, want nil", err)
	}
	return g
}

// epoch reads the user's epoch.
func (w *world) epoch() sessions.Epoch {
	w.Helper()
	epoch, err := w.m.Epoch(w.Context(), tenant, w.user)
	w.succeeds(err)
	return epoch
}

func (w *world) succeeds(err error) {
	w.Helper()
	if err != nil {
		w.Fatalf("a call = %v, want nil", err)
	}
}

func (w *world) signIn(req sessions.StartRequest) (sessions.Grant, error) {
	var err error
	if req.Epoch, err = w.m.Epoch(w.Context(), tenant, w.user); err != nil {
		return sessions.Grant{}, err
	}
	return w.m.Start(w.Context(), req)
}

// refresh presents a token and checks the outcome.
func (w *world) refresh(raw string, want sessions.Outcome) sessions.Grant {
	w.Helper()
	g, err := w.m.Refresh(w.Context(), raw)
	if err != nil || g.Outcome != want {
		w.Fatalf("Refresh = %v, %v, want %v", g.Outcome, err, want)
	}
	return g
}

// refused presents a token and checks the error and that no tokens were
// returned.
func (w *world) refused(raw string, want error) {
	w.Helper()
	g, err := w.m.Refresh(w.Context(), raw)
	if !errors.Is(err, want) {
		w.Fatalf("Refresh = %v, %v, want %v", g.Outcome, err, want)
	}
	if g.Access != "" || g.Refresh != "" {
		w.Fatalf("Refresh refused with %v and handed out a token", err)
	}
}

// checked checks that the check of the grant's access token returns want.
func (w *world) checked(g sessions.Grant, want error) {
	w.Helper()
	if _, err := w.m.Check(w.Context(), g.Claims); !errors.Is(err, want) {
		w.Fatalf("Check = %v, want %v", err, want)
	}
}

// stored returns the session as the store has it.
func (w *world) stored(g sessions.Grant) sessions.Session {
	w.Helper()
	return get(w.T, w.store, g.Session.Handle)
}

func (w *world) state(g sessions.Grant, want sessions.State) {
	w.Helper()
	if got := w.stored(g).State; got != want {
		w.Fatalf("state = %s, want %s", got, want)
	}
}

// clock is a clock that is set by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) { c.set(c.Now().Add(d)) }

func (c *clock) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

// object is short for JSON in calls.
func object(text string) json.RawMessage { return json.RawMessage(text) }

// version is short for the version a caller expects.
func version(n int64) *int64 { return &n }
