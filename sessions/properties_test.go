package sessions_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/sessionstest"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// life is what a session should be, kept apart from the code under test: all
// its refresh tokens by generation, and when the last one was made.
type life struct {
	handle   sessions.Handle
	access   token.Claims // of the last access token
	tokens   []string
	over     bool
	rotated  time.Time
	idle     time.Time
	absolute time.Time
	data     int64 // writes
}

// lives is a Manager whose sessions are compared with what they should be,
// after every call of a random walk.
type lives struct {
	*stage
	all []*life
}

// TestRandomWalks makes calls in random order, with the clock moving to the
// edges of the windows, and compares each outcome with the rules.
func TestRandomWalks(t *testing.T) {
	began := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	keys := newKeyring(t, token.EdDSA, issuer, func() time.Time { return began })
	rapid.Check(t, func(t *rapid.T) {
		w := &lives{stage: &stage{store: sessionstest.NewCounter(memory.New()), keys: keys, now: began}}
		w.manage(t)
		w.signIn(t)
		t.Repeat(map[string]func(*rapid.T){
			"sign in":    w.signIn,
			"refresh":    w.refresh,
			"wait":       w.wait,
			"revoke":     w.revoke,
			"revoke all": w.revokeAll,
			"write data": w.write,
			"":           w.compare,
		})
	})
}

func (w *lives) signIn(t *rapid.T) {
	if w.live() >= 3 {
		t.Skip("the limit has a test of its own")
	}
	w.now = w.now.Add(time.Millisecond)
	epoch, err := w.m.Epoch(t.Context(), "public", "u")
	mustHold(t, err)
	g, err := w.m.Start(t.Context(), sessions.StartRequest{Epoch: epoch})
	mustHold(t, err)
	w.all = append(w.all, &life{
		handle: g.Session.Handle, access: g.Claims, tokens: []string{g.Refresh},
		idle: w.now.Add(100 * 24 * time.Hour), absolute: w.now.Add(365 * 24 * time.Hour),
	})
}

// refresh presents any token there ever was.
func (w *lives) refresh(t *rapid.T) {
	l := rapid.SampledFrom(w.all).Draw(t, "session")
	behind := rapid.IntRange(0, min(3, len(l.tokens)-1)).Draw(t, "generations behind")
	generation := len(l.tokens) - 1 - behind
	outcome, want := w.expect(l, behind)
	g, err := w.m.Refresh(t.Context(), l.tokens[generation])
	if !errors.Is(err, want) || g.Outcome != outcome {
		t.Fatalf("Refresh(%d behind, rotated %v ago) = %v, %v, want %v, %v",
			behind, w.now.Sub(l.rotated), g.Outcome, err, outcome, want)
	}
	switch outcome {
	case sessions.Rotated:
		l.tokens = append(l.tokens, g.Refresh)
		l.rotated, l.idle = w.now, w.now.Add(100*24*time.Hour)
	case sessions.Replayed:
		if g.Refresh != l.tokens[generation+1] {
			t.Fatalf("Refresh gives another child than before")
		}
	case sessions.Fresh:
		if g.Refresh != "" {
			t.Fatalf("Refresh of a fresh token gives a refresh token")
		}
	default:
		l.over = true
		return
	}
	w.sound(t, l, g)
}

// expect is the refresh rule, written once more.
func (w *lives) expect(l *life, behind int) (sessions.Outcome, error) {
	ago := w.now.Sub(l.rotated)
	switch {
	case w.ended(l):
		return 0, sessions.ErrEnded
	case behind == 0 && ago >= 90*time.Second:
		return sessions.Rotated, nil
	case behind == 0:
		return sessions.Fresh, nil
	case behind == 1 && ago <= time.Minute:
		return sessions.Replayed, nil
	case behind == 1:
		return 0, sessions.ErrStale
	default:
		return 0, sessions.ErrTheft
	}
}

// sound checks what was granted: the token's times lie within the session's.
func (w *lives) sound(t *rapid.T, l *life, g sessions.Grant) {
	c := g.Claims
	end := l.absolute
	if l.idle.Before(end) {
		end = l.idle
	}
	if c.Expires.After(end) || c.Expires.After(w.now.Add(time.Hour)) || c.Handle != l.handle.String() {
		t.Fatalf("access token ends %v, its session %v", c.Expires, end)
	}
	if g.Session.State != sessions.Live || !g.Session.Expires().Equal(end) {
		t.Fatalf("session ends %v, want %v", g.Session.Expires(), end)
	}
	l.access = c
}

func (w *lives) wait(t *rapid.T) {
	w.now = w.now.Add(rapid.SampledFrom([]time.Duration{
		time.Millisecond, 59999 * time.Millisecond, time.Minute, 60001 * time.Millisecond,
		89999 * time.Millisecond, 90 * time.Second, time.Hour, 50 * 24 * time.Hour,
		100*24*time.Hour - time.Millisecond, 100 * 24 * time.Hour,
	}).Draw(t, "pause"))
}

func (w *lives) revoke(t *rapid.T) {
	l := rapid.SampledFrom(w.all).Draw(t, "session")
	mustHold(t, w.m.Revoke(t.Context(), l.handle, "out"))
	l.over = true
}

func (w *lives) revokeAll(t *rapid.T) {
	if rapid.IntRange(0, 3).Draw(t, "rarely") != 0 {
		t.Skip("too often it leaves nothing to look at")
	}
	mustHold(t, w.m.RevokeAll(t.Context(), "public", "u", "out"))
	for _, l := range w.all {
		l.over = true
	}
}

func (w *lives) write(t *rapid.T) {
	l := rapid.SampledFrom(w.all).Draw(t, "session")
	text := json.RawMessage(fmt.Sprintf(`{"write":%d}`, l.data+1))
	v, err := w.m.PutData(t.Context(), l.handle, text, &l.data)
	switch {
	case w.ended(l) && errors.Is(err, sessions.ErrNotFound):
	case !w.ended(l) && err == nil && v == l.data+1:
		l.data++
	default:
		t.Fatalf("PutData = %d, %v, session over: %t", v, err, w.ended(l))
	}
}

// compare checks every session after every step.
func (w *lives) compare(t *rapid.T) {
	for _, l := range w.all {
		s, _, err := w.store.Get(t.Context(), l.handle)
		if errors.Is(err, sessions.ErrNotFound) && w.ended(l) {
			continue // A sign-in has removed it.
		}
		mustHold(t, err)
		// A token of a session whose epoch is over may still be spent, for nothing.
		if !w.ended(l) && (int(s.Generation) != len(l.tokens)-1 || !s.Absolute.Equal(l.absolute) || !s.Idle.Equal(l.idle)) {
			t.Fatalf("session = %v, want generation %d", s, len(l.tokens)-1)
		}
		d, err := w.store.Data(t.Context(), l.handle)
		if err != nil || d.Version != l.data {
			t.Fatalf("Data has version %d, %v, want %d", d.Version, err, l.data)
		}
		if _, err := w.m.Check(t.Context(), l.access); (err == nil) == w.ended(l) {
			t.Fatalf("Check = %v, session over: %t", err, w.ended(l))
		}
	}
}

func (w *lives) ended(l *life) bool {
	return l.over || !w.now.Before(l.idle) || !w.now.Before(l.absolute)
}

func (w *lives) live() int {
	n := 0
	for _, l := range w.all {
		if !w.ended(l) {
			n++
		}
	}
	return n
}

func mustHold(t *rapid.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
