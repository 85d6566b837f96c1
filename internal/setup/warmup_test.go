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

// What a function needs of its keys is there before the first event, which
// asks for nothing more; and a warm-up that fails leaves the function as it was.
// The authorizer reads a session as well, with all that a read needs. That this
// failed is a line of the log and no more.
func TestWarmUp(t *testing.T) {
	for _, test := range []struct {
		name         string
		build        api.Constructor
		event        map[string]any
		opens, reads int
		down         bool // the table of sessions is
	}{
		{"authorizer", api.Plain(setup.Authorizer(nil)), request("GET", "x"), 0, 1, false},
		{"authorizer", api.Plain(setup.Authorizer(nil)), request("GET", "x"), 0, 1, true},
		{"refresh", api.Refresh, post("POST /auth/session/refresh", "x", ""), 2, 0, false},
	} {
		var log bytes.Buffer
		b := inMemory(everything()...)
		cfg := defaults(t)
		bootstrap(t, cfg, b)
		keys := &counted{KeyStore: b.Keys, Sealer: b.Sealer, down: true}
		store := &reads{Store: b.Sessions, down: test.down}
		b.Keys, b.Sealer, b.Sessions, b.Log = keys, keys, store, setup.NewLog(&log)
		if test.opens == 0 {
			b.Sealer = nil
		}
		cold, err := test.build(cfg, b)
		must(t, err)
		if err := cold.WarmUp(t.Context()); !errors.Is(err, token.ErrUnavailable) {
			t.Errorf("%s warmed up without its store = %v, want %v", test.name, err, token.ErrUnavailable)
		}
		keys.down, keys.loads = false, 0
		log.Reset()
		warm, err := test.build(cfg, b)
		must(t, err)
		if err := warm.WarmUp(t.Context()); err != nil || keys.loads != 1 || keys.opens != test.opens || store.n != test.reads {
			t.Errorf("%s warmed up = %v with %d loads, %d keys opened and %d reads, want 1, %d and %d",
				test.name, err, keys.loads, keys.opens, store.n, test.opens, test.reads)
		}
		if told := strings.Contains(log.String(), `"level":"WARN"`); told != test.down || strings.Count(log.String(), "\n") > 1 {
			t.Errorf("%s with sessions down %v logged %q, want a warning if they are", test.name, test.down, log.String())
		}
		event, err := json.Marshal(test.event)
		must(t, err)
		_, _ = warm.Invoke(t.Context(), event) // a refusal
		if keys.loads != 1 || keys.opens != test.opens || store.n != test.reads {
			t.Errorf("%s after an event: %d loads, %d keys opened and %d reads, want no more",
				test.name, keys.loads, keys.opens, store.n)
		}
	}
}
