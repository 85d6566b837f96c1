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
	_, err := sessions.New(sessions.Config{Gap: -1, Replay: time.Hour, Idle: -2})
	for _, field := range []string{"Store", "Keys", "Access", "Idle", "Replay", "Gap", "Absolute", "MaxSessions"} {
		if field == "Absolute" {
			continue // Zero is not shorter than the Idle given.
		}
		if err == nil || !strings.Contains(err.Error(), "sessions: "+field+" is ") {
			t.Errorf("New(nothing right) = %v, want a line on %s", err, field)
		}
	}
}

func TestConfigBounds(t *testing.T) {
	s := newStage(t, token.EdDSA, issuer)
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
		{"idle as access and gap", func(c *sessions.Config) { c.Idle = c.Access + c.Gap }, true},
		{"idle below access and gap", func(c *sessions.Config) { c.Idle = c.Access + c.Gap - 1 }, false},
		{"absolute as idle", func(c *sessions.Config) { c.Absolute = c.Idle }, true},
		{"absolute below idle", func(c *sessions.Config) { c.Absolute = c.Idle - 1 }, false},
		{"no window, no gap", func(c *sessions.Config) { c.Replay, c.Gap = 0, 0 }, true},
		{"a window below zero", func(c *sessions.Config) { c.Replay = -1 }, false},
		{"a window and a gap of 5 minutes", func(c *sessions.Config) { c.Replay, c.Gap = 5*time.Minute, 5*time.Minute }, true},
		{"a window of more", func(c *sessions.Config) { c.Replay, c.Gap = 5*time.Minute+1, 5*time.Minute+1 }, false},
		{"a gap below the window", func(c *sessions.Config) { c.Gap = c.Replay - 1 }, false},
		{"a gap of more than 5 minutes", func(c *sessions.Config) { c.Gap = 5*time.Minute + 1 }, false},
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
	s := newStage(t, token.EdDSA, issuer)
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

func TestOutcomes(t *testing.T) {
	for o, want := range map[sessions.Outcome]string{
		0: "none", sessions.Started: "started", sessions.Rotated: "rotated",
		sessions.Fresh: "fresh", sessions.Replayed: "replayed", 99: "none",
	} {
		if got := o.String(); got != want {
			t.Errorf("Outcome(%d) = %s, want %s", int(o), got, want)
		}
	}
}

func TestHandles(t *testing.T) {
	u := sessions.KeyOf("public", "user")
	seen := make(map[sessions.Handle]bool)
	for range 10000 {
		h := sessions.NewHandle(u)
		if seen[h] {
			t.Fatalf("NewHandle gives %s twice", h)
		}
		seen[h] = true
		if got, err := sessions.ParseHandle(h.String()); err != nil || got != h || h.User() != u {
			t.Fatalf("ParseHandle(%s) = %s, %v, want the same", h, got, err)
		}
	}
	text := sessions.NewHandle(u).String()
	last := text[:42] + string(text[42]^1) // Sets one of the bits that must be zero.
	for _, bad := range []string{
		"", text[:42], text + "A", text + "=", text[:42] + "\n", text[:41] + "+/", " " + text[1:], last,
	} {
		if _, err := sessions.ParseHandle(bad); !errors.Is(err, sessions.ErrNotFound) {
			t.Errorf("ParseHandle(%q) = %v, want ErrNotFound", bad, err)
		}
	}
}

func TestKeysOfUsersDiffer(t *testing.T) {
	seen := make(map[sessions.UserKey]string)
	for _, who := range [][2]string{
		{"", ""}, {"a", ""}, {"", "a"}, {"a", "b"}, {"ab", ""}, {"", "ab"}, {"b", "a"}, {"a", "bc"}, {"ab", "c"}, {"a\x00", "b"}, {"a", "\x00b"},
	} {
		key := sessions.KeyOf(who[0], who[1])
		if other, taken := seen[key]; taken {
			t.Errorf("KeyOf(%q) is that of %s", who, other)
		}
		seen[key] = fmt.Sprintf("%q", who)
	}
}

func TestValidate(t *testing.T) {
	s := newStage(t, token.EdDSA, issuer)
	good := s.start(t, "u").Session
	if err := good.Validate(good.Handle); err != nil {
		t.Fatalf("Validate = %v, want nil", err)
	}
	for name, spoil := range map[string]func(*sessions.Session){
		"another handle":    func(s *sessions.Session) { s.Handle[31]++ },
		"another user":      func(s *sessions.Session) { s.User = "other" },
		"another tenant":    func(s *sessions.Session) { s.Tenant = "other" },
		"no state":          func(s *sessions.Session) { s.State = "" },
		"no digest":         func(s *sessions.Session) { s.Hash = [32]byte{} },
		"no key":            func(s *sessions.Session) { s.MACKey = "" },
		"no start":          func(s *sessions.Session) { s.Created = time.Time{} },
		"no idle expiry":    func(s *sessions.Session) { s.Idle = time.Time{} },
		"no end":            func(s *sessions.Session) { s.Absolute = time.Time{} },
		"no rotation":       func(s *sessions.Session) { s.Generation = 1 },
		"no claims":         func(s *sessions.Session) { s.Claims = nil },
		"claims of a list":  func(s *sessions.Session) { s.Claims = []byte(`[]`) },
		"claims cut short":  func(s *sessions.Session) { s.Claims = []byte(`{"a":`) },
		"no claims version": func(s *sessions.Session) { s.ClaimsVersion = 0 },
	} {
		bad := good
		spoil(&bad)
		if err := bad.Validate(good.Handle); !errors.Is(err, sessions.ErrCorrupt) {
			t.Errorf("Validate(%s) = %v, want ErrCorrupt", name, err)
		}
	}
}

// A session that is not there any more is over, not unknown: the client must
// sign in again and not try again.
func TestRefreshOfASessionThatIsGone(t *testing.T) {
	s := newStage(t, token.EdDSA, issuer)
	g := s.start(t, "u")
	s.store.Fail(func(string) error { return sessions.ErrNotFound }, nil)
	if err := noTokens(s.m.Refresh(t.Context(), g.Refresh)); !errors.Is(err, sessions.ErrEnded) {
		t.Errorf("Refresh = %v, want ErrEnded", err)
	}
}
