package sessions_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// failingKeys are Keys one call of which fails, and then answers with what a
// careless caller could go on with.
type failingKeys struct {
	sessions.Keys
	at, calls int
}

func (k *failingKeys) fails() bool {
	k.calls++
	return k.calls == k.at
}

func (k *failingKeys) Signer(ctx context.Context) (*token.Signer, error) {
	signer, err := k.Keys.Signer(ctx)
	if k.fails() {
		err = errStorage
	}
	return signer, err
}

func (k *failingKeys) MAC(ctx context.Context, id string) (token.MAC, error) {
	mac, err := k.Keys.MAC(ctx, id)
	if k.fails() {
		return token.MAC{ID: mac.ID}, errStorage
	}
	return mac, err
}

func (k *failingKeys) Settings(ctx context.Context) (token.Settings, error) {
	settings, err := k.Keys.Settings(ctx)
	if k.fails() {
		err = errStorage
	}
	return settings, err
}

// written returns the writes since they were last taken.
func (p *played) written() string {
	var all []string
	for call, n := range p.store.Take() {
		if !slices.Contains([]string{"Get", "List", "User", "Data"}, call) {
			all = append(all, fmt.Sprint(call, " ", n))
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// knowsNothingOf fails if a session is live that the stage was not played
// with: what a failed sign-in created it has revoked.
func (p *played) knowsNothingOf(t *testing.T, name string) {
	t.Helper()
	must(t, p.store.List(t.Context(), sessions.KeyOf("public", p.user), func(_ sessions.User, page []sessions.Session) error {
		for _, s := range page {
			if s.State == sessions.Live && s.Created.Equal(p.now) {
				t.Errorf("%s leaves the session %s behind", name, s)
			}
		}
		return nil
	}))
}

// withoutKeys are the operations that need none: whatever becomes of the keys,
// sessions can be ended.
func withoutKeys() []string {
	return []string{"Epoch", "Revoke", "RevokeMany", "RevokeAll", "Disable", "Dismiss", "Enable", "User", "MergeUserClaims"}
}

// TestEveryKeyFails loses each of the keys that an operation needs, one at a
// time. The outcome is then unknown and no token is handed out; a refresh may
// have rotated and a sign-in takes back what it created; and the same call
// succeeds afterwards.
func TestEveryKeyFails(t *testing.T) {
	for _, op := range operations() {
		for at := 1; ; at++ {
			p := play(t)
			keys, cfg := &failingKeys{Keys: p.keys, at: at}, p.config()
			cfg.Keys = keys
			var err error
			p.m, err = sessions.New(cfg)
			must(t, err)
			err = op.call(t.Context(), p)
			if keys.calls < at {
				must(t, err)
				if at > 1 == slices.Contains(withoutKeys(), op.name) {
					t.Errorf("%s asks for %d keys", op.name, keys.calls)
				}
				break
			}
			if !errors.Is(err, sessions.ErrUnavailable) {
				t.Errorf("%s without key call %d = %v, want ErrUnavailable", op.name, at, err)
			}
			if wrote := p.written(); wrote != "" && at == 1 || len(p.events) != 0 && at == 1 {
				t.Errorf("%s without any key made the writes %s and reports %v", op.name, wrote, p.events)
			} else if wrote != "" && !strings.HasPrefix(op.name, "Start") && !(wrote == "Rotate 1" && strings.HasPrefix(op.name, "Refresh")) {
				t.Errorf("%s without key call %d made the writes %s", op.name, at, wrote)
			}
			p.knowsNothingOf(t, op.name)
			if err := op.call(t.Context(), p); err != nil {
				t.Errorf("%s after key call %d failed = %v, want nil", op.name, at, err)
			}
		}
	}
}
