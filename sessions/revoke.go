package sessions

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// writesInFlight is how many sessions are revoked side by side.
const writesInFlight = 16

// maxReason is the longest reason that is kept, in bytes.
const maxReason = 100

// Revoke ends the session. Once it returned nil, no check passes and no
// refresh succeeds for it. A session that is over, or was never there, is no
// error. After any error the call may be repeated.
func (m *Manager) Revoke(ctx context.Context, h Handle, reason string) error {
	return m.revoke(ctx, Session{Handle: h}, EventRevoked, reason)
}

// RevokeMany ends the sessions. It returns nil only if all of them are ended;
// after an error some may be, and the call may be repeated.
func (m *Manager) RevokeMany(ctx context.Context, hs []Handle, reason string) error {
	all := make([]Session, len(hs))
	for i, h := range hs {
		all[i].Handle = h
	}
	return m.revokeEach(ctx, all, EventRevoked, reason)
}

// RevokeAll ends every session of the user, those being started at this moment
// included, and returns their handles. It returns no error only if all of them
// are ended; repeating it is safe.
func (m *Manager) RevokeAll(ctx context.Context, tenant, user, reason string) ([]Handle, error) {
	return m.RevokeOthers(ctx, tenant, user, Handle{}, reason)
}

// RevokeOthers is RevokeAll but for the session to keep. A sign-in under way
// fails as well: the password it was made with may be the reason for the call.
func (m *Manager) RevokeOthers(ctx context.Context, tenant, user string, keep Handle, reason string) ([]Handle, error) {
	u := KeyOf(tenant, user)
	// In this order, so that a session put before the list is read is found
	// there, and one put after it meets the new epoch.
	if err := m.store.BumpEpoch(ctx, u); err != nil {
		return nil, storage("counting the epoch", err)
	}
	var ended []Handle
	err := m.store.List(ctx, u, func(page []Session) error {
		var live []Session
		for _, s := range page {
			// Expired ones are ended too: another clock may call them live.
			if s.State != Revoked && s.Handle != keep {
				live = append(live, s)
				ended = append(ended, s.Handle)
			}
		}
		return m.revokeEach(ctx, live, EventRevoked, reason)
	})
	if err != nil {
		return nil, storage("revoking all", err)
	}
	return ended, nil
}

// revokeEach revokes the sessions, tries all of them whatever happens to some,
// and returns what went wrong.
func (m *Manager) revokeEach(ctx context.Context, all []Session, kind EventKind, reason string) error {
	failed := make([]error, len(all))
	slots := make(chan struct{}, writesInFlight)
	var wg sync.WaitGroup
	for i, s := range all {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			failed[i] = m.revoke(ctx, s, kind, reason)
		})
	}
	wg.Wait()
	failed = slices.DeleteFunc(failed, func(err error) bool { return err == nil })
	if len(failed) == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d sessions not ended: %w", len(failed), len(all), failed[0])
}

func (m *Manager) revoke(ctx context.Context, s Session, kind EventKind, reason string) error {
	reason = label(reason, maxReason)
	if err := m.store.Revoke(ctx, s.Handle, moment(m.cfg.Now), reason); err != nil {
		return storage("revoking", err)
	}
	m.tell(ctx, kind, s, reason)
	return nil
}
