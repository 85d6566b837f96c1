package sessions

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// writesInFlight is how many sessions are written to side by side.
const writesInFlight = 16

// maxReason is the longest reason that is kept, in bytes.
const maxReason = 100

// Revoke ends the session. After it returned nil, no check passes and no
// refresh succeeds for that session. It is no error if the session is over or
// was never there. After an error the call may be repeated.
func (m *Manager) Revoke(ctx context.Context, h Handle, reason string) error {
	return m.revoke(ctx, Session{Handle: h}, EventRevoked, reason)
}

// RevokeMany ends the sessions. It returns nil only if all of them are ended.
// After an error some may be ended, and the call may be repeated.
func (m *Manager) RevokeMany(ctx context.Context, hs []Handle, reason string) error {
	return m.revokeEach(ctx, hs, EventRevoked, reason)
}

// revokeEach revokes the sessions. It tries all of them, even if some fail, and
// returns what went wrong.
func (m *Manager) revokeEach(ctx context.Context, hs []Handle, kind EventKind, reason string) error {
	return each(hs, func(h Handle) error { return m.revoke(ctx, Session{Handle: h}, kind, reason) })
}

// each writes to the sessions, up to writesInFlight at once, and returns what
// went wrong.
func each(hs []Handle, write func(Handle) error) error {
	failed := make([]error, len(hs))
	slots := make(chan struct{}, writesInFlight)
	var wg sync.WaitGroup
	for i, h := range hs {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			failed[i] = write(h)
		})
	}
	wg.Wait()
	failed = slices.DeleteFunc(failed, func(err error) bool { return err == nil })
	if len(failed) == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d sessions: %w", len(failed), len(hs), failed[0])
}

func (m *Manager) revoke(ctx context.Context, s Session, kind EventKind, reason string) error {
	reason = label(reason, maxReason)
	if err := m.store.Revoke(ctx, s.Handle, moment(m.cfg.Now), reason); err != nil {
		return storage("revoking", err)
	}
	m.tell(ctx, kind, s, reason)
	return nil
}
