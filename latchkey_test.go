package latchkey_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey"
	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// numbers are what a Config says of sessions.
func numbers(c latchkey.Config) [6]int64 {
	return [6]int64{
		int64(c.Access), int64(c.Idle), int64(c.Absolute), int64(c.ReplayWindow), int64(c.RotationGap), int64(c.MaxSessions),
	}
}

// The defaults are those of a stack that sets no parameter, and a window that
// the stack sets to 0 is none.
func TestDefaultsAreTheStacks(t *testing.T) {
	backends := setup.Backends{Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	for _, test := range []struct {
		env  map[string]string
		want latchkey.Config
	}{
		{nil, latchkey.Config{}},
		{
			map[string]string{"REPLAY_WINDOW_SECONDS": "0", "ROTATION_GAP_SECONDS": "0"},
			latchkey.Config{ReplayWindow: -1, RotationGap: -time.Hour},
		},
	} {
		cfg, err := setup.FromEnv(func(name string) string { return test.env[name] })
		if err != nil {
			t.Fatal(err)
		}
		stack, err := setup.Library(cfg, backends)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := numbers(test.want.WithDefaults()), numbers(stack.WithDefaults()); got != want {
			t.Errorf("with %v: %v, want %v", test.env, got, want)
		}
	}
	if c := (latchkey.Config{ReplayWindow: -1}).WithDefaults(); c.ReplayWindow != 0 {
		t.Errorf("ReplayWindow below 0 becomes %v, want 0", c.ReplayWindow)
	}
}

// What is missing or wrong is said when the parts are made.
func TestFaultsOfAConfig(t *testing.T) {
	whole := latchkey.Config{SessionsTable: "sessions", KeysTable: "keys", Region: "eu-central-1"}
	for name, test := range map[string]struct {
		change func(*latchkey.Config)
		want   [2]string // in the error of the authorizer, of the manager; "" for none
	}{
		"nothing":      {func(*latchkey.Config) {}, [2]string{"", ""}},
		"no keys":      {func(c *latchkey.Config) { c.KeysTable = "" }, [2]string{"KeysTable", "KeysTable"}},
		"no sessions":  {func(c *latchkey.Config) { c.SessionsTable = "" }, [2]string{"SessionsTable", "SessionsTable"}},
		"long tokens":  {func(c *latchkey.Config) { c.Access = 25 * time.Hour }, [2]string{"lifetime", "lifetime"}},
		"short gap":    {func(c *latchkey.Config) { c.RotationGap = time.Second }, [2]string{"", "RotationGap"}},
		"origin":       {func(c *latchkey.Config) { c.Origins = []string{"*"} }, [2]string{"origin", "origin"}},
		"global claim": {func(c *latchkey.Config) { c.Global = []authorizer.Validator{{}} }, [2]string{"validator", ""}},
		"a bad rule":   {func(c *latchkey.Config) { c.Rules = []authorizer.Rule{{Route: "/notes"}} }, [2]string{"METHOD", ""}},
		"stores, not tables": {func(c *latchkey.Config) {
			*c = latchkey.Config{Sessions: memory.New(), Keys: token.Records{}}
		}, [2]string{"", ""}},
	} {
		cfg := whole
		test.change(&cfg)
		_, errAuthorizer := latchkey.NewAuthorizer(cfg)
		_, errManager := latchkey.NewManager(cfg)
		for i, err := range []error{errAuthorizer, errManager} {
			if (err == nil) != (test.want[i] == "") || err != nil && !strings.Contains(err.Error(), test.want[i]) {
				t.Errorf("%s, %s = %v, want %q", name, [2]string{"authorizer", "manager"}[i], err, test.want[i])
			}
		}
	}
}
