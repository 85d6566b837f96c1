package sessions_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

func TestNewNamesEveryFault(t *testing.T) {
	_, err := sessions.New(sessions.Config{RotationGap: -1, ReplayWindow: time.Hour, Idle: -2})
	for _, field := range []string{"Store", "Keys", "Access", "Idle", "ReplayWindow", "RotationGap", "Absolute", "MaxSessions"} {
		if field == "Absolute" {
			continue // Zero is not shorter than the Idle given.
		}
		if err == nil || !strings.Contains(err.Error(), "sessions: "+field+" is ") {
			t.Errorf("New(nothing right) = %v, want a line on %s", err, field)
		}
	}
}

func TestConfigBounds(t *testing.T) {
	s := newStage(t, token.EdDSA)
	for _, c := range []struct {
		name   string
		change func(*sessions.Config)
		good   bool
	}{
		{"the defaults", func(*sessions.Config) {}, true},
		{"no clock, no events", func(c *sessions.Config) { c.Now, c.Events = nil, nil }, true},
		{"access tokens of a second", func(c *sessions.Config) { c.Access = time.Second }, true},
		{"access tokens below a second", func(c *sessions.Config) { c.Access = 999 * time.Millisecond }, false},
		{"access tokens of a day", func(c *sessions.Config) { c.Access = 24 * time.Hour }, true},
		{"access tokens of more", func(c *sessions.Config) { c.Access = 24*time.Hour + 1 }, false},
		{"idle as access and gap", func(c *sessions.Config) { c.Idle = c.Access + c.RotationGap }, true},
		{"idle below access and gap", func(c *sessions.Config) { c.Idle = c.Access + c.RotationGap - 1 }, false},
		{"absolute as idle", func(c *sessions.Config) { c.Absolute = c.Idle }, true},
		{"absolute below idle", func(c *sessions.Config) { c.Absolute = c.Idle - 1 }, false},
		{"no window, no gap", func(c *sessions.Config) { c.ReplayWindow, c.RotationGap = 0, 0 }, true},
		{"a window below zero", func(c *sessions.Config) { c.ReplayWindow = -1 }, false},
		{"a window and a gap of 5 minutes", func(c *sessions.Config) { c.ReplayWindow, c.RotationGap = 5*time.Minute, 5*time.Minute }, true},
		{"a window of more", func(c *sessions.Config) { c.ReplayWindow, c.RotationGap = 5*time.Minute+1, 5*time.Minute+1 }, false},
		{"a gap below the window", func(c *sessions.Config) { c.RotationGap = c.ReplayWindow - 1 }, false},
		{"a gap of more than 5 minutes", func(c *sessions.Config) { c.RotationGap = 5*time.Minute + 1 }, false},
		{"one session", func(c *sessions.Config) { c.MaxSessions = 1 }, true},
		{"no sessions", func(c *sessions.Config) { c.MaxSessions = 0 }, false},
		{"1000 sessions", func(c *sessions.Config) { c.MaxSessions = 1000 }, true},
		{"1001 sessions", func(c *sessions.Config) { c.MaxSessions = 1001 }, false},
		{"no store", func(c *sessions.Config) { c.Store = nil }, false},
		{"no keys", func(c *sessions.Config) { c.Keys = nil }, false},
	} {
		cfg := s.config()
		c.change(&cfg)
		if m, err := sessions.New(cfg); (err == nil) != c.good || (m != nil) != c.good {
			t.Errorf("New(%s) = %v, want success: %t", c.name, err, c.good)
		}
	}
}

// TestGrantHidesItsTokens prints a grant in every way Go has.
func TestGrantHidesItsTokens(t *testing.T) {
	s := newStage(t, token.EdDSA)
	g := s.start(t, "u")
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("grant", "grant", g, "session", g.Session)
	slog.New(slog.NewTextHandler(&log, nil)).Info("grant", "grant", g, "all", []any{g, &g})
	marshalled, err := json.Marshal(map[string]any{"grant": g, "pointer": &g})
	must(t, err)
	shown := log.String() + string(marshalled)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		shown += fmt.Sprintf(verb+verb+verb, g, &g, g.Session)
	}
	hash := g.Session.Hash[:]
	for name, secret := range map[string]string{
		"access token":             g.Access,
		"signature":                g.Access[strings.LastIndexByte(g.Access, '.')+1:],
		"refresh token":            g.Refresh,
		"digest in hexadecimals":   fmt.Sprintf("%x", hash),
		"digest in decimals":       strings.Trim(fmt.Sprint(hash), "[]"),
		"digest as Go writes it":   strings.TrimPrefix(fmt.Sprintf("%#v", hash), "[]byte{"),
		"first bytes of the token": g.Refresh[len("v1.m1."):][:20] + g.Refresh[30:40],
	} {
		if strings.Contains(shown, secret) {
			t.Errorf("a printed grant shows its %s", name)
		}
	}
	if !strings.Contains(shown, g.Session.Handle.String()) {
		t.Errorf("a printed grant does not name its session: %s", g)
	}
}

// A session that is not there any more is over, not unknown: the client must
// sign in again and not try again.
func TestRefreshOfASessionThatIsGone(t *testing.T) {
	s := newStage(t, token.EdDSA)
	g := s.start(t, "u")
	s.store.Fail(func(call string) error {
		if call == "Rotate" {
			return sessions.ErrNotFound
		}
		return nil
	}, nil)
	if err := noTokens(s.m.Refresh(t.Context(), g.Refresh)); !errors.Is(err, sessions.ErrEnded) {
		t.Errorf("Refresh = %v, want ErrEnded", err)
	}
}
