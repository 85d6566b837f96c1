package setup_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// counted is a key store and a sealer whose calls are counted.
type counted struct {
	token.KeyStore
	token.Sealer
	loads, opens int
	down         bool
}

func (c *counted) Load(ctx context.Context) (token.Records, error) {
	c.loads++
	if c.down {
		return token.Records{}, errors.New("down")
	}
	return c.KeyStore.Load(ctx)
}

func (c *counted) Open(ctx context.Context, purpose, id string, sealed []byte) ([]byte, error) {
	c.opens++
	return c.Sealer.Open(ctx, purpose, id, sealed)
}

// What a function needs of its keys is there before the first event, which
// asks for nothing more; and a warm-up that fails leaves the function as it was.
func TestWarmUp(t *testing.T) {
	for _, test := range []struct {
		name  string
		build api.Constructor
		event map[string]any
		opens int
	}{
		{"authorizer", api.Plain(setup.Authorizer(nil)), request("GET", "x"), 0},
		{"refresh", api.Refresh, post("POST /auth/session/refresh", "x", ""), 2},
	} {
		b := inMemory("SESSIONS_TABLE", "KEYS_TABLE", "KMS_KEY_ID", "ACCOUNTS_TABLE")
		cfg := defaults(t)
		bootstrap(t, cfg, b)
		keys := &counted{KeyStore: b.Keys, Sealer: b.Sealer, down: true}
		b.Keys, b.Sealer = keys, keys
		if test.opens == 0 {
			b.Sealer = nil
		}
		cold, err := test.build(cfg, b)
		must(t, err)
		if err := cold.WarmUp(t.Context()); !errors.Is(err, token.ErrUnavailable) {
			t.Errorf("%s warmed up without its store = %v, want %v", test.name, err, token.ErrUnavailable)
		}
		keys.down, keys.loads = false, 0
		warm, err := test.build(cfg, b)
		must(t, err)
		if err := warm.WarmUp(t.Context()); err != nil || keys.loads != 1 || keys.opens != test.opens {
			t.Errorf("%s warmed up = %v with %d loads and %d keys opened, want 1 and %d", test.name, err, keys.loads, keys.opens, test.opens)
		}
		event, err := json.Marshal(test.event)
		must(t, err)
		_, _ = warm.Invoke(t.Context(), event) // a refusal
		if keys.loads != 1 || keys.opens != test.opens {
			t.Errorf("%s after an event: %d loads and %d keys opened, want no more", test.name, keys.loads, keys.opens)
		}
	}
}

// reads is a session store whose reads are counted, and fail while it is down.
type reads struct {
	sessions.Store
	n    int
	down bool
}

func (r *reads) Get(ctx context.Context, h sessions.Handle) (sessions.Session, sessions.User, error) {
	r.n++
	if r.down {
		return sessions.Session{}, sessions.User{}, errors.New("down")
	}
	return r.Store.Get(ctx, h)
}

// The authorizer reads a session before the first event, with all that a read
// needs; that this failed is a line of the log, and its keys are loaded all the
// same.
func TestAuthorizerReadsAtItsStart(t *testing.T) {
	for _, down := range []bool{false, true} {
		var log bytes.Buffer
		b := inMemory("SESSIONS_TABLE", "KEYS_TABLE", "KMS_KEY_ID")
		cfg := defaults(t)
		bootstrap(t, cfg, b)
		store := &reads{Store: b.Sessions, down: down}
		b.Sessions, b.Log = store, setup.NewLog(&log)
		h, err := setup.Authorizer(nil)(cfg, b.Backends)
		must(t, err)
		if err := h.WarmUp(t.Context()); err != nil || store.n != 1 {
			t.Errorf("WarmUp with sessions down %v = %v after %d reads, want nil after 1", down, err, store.n)
		}
		if told := strings.Contains(log.String(), `"level":"WARN"`); told != down || strings.Count(log.String(), "\n") > 1 {
			t.Errorf("WarmUp with sessions down %v logged %q, want a warning: %v", down, log.String(), down)
		}
	}
}
