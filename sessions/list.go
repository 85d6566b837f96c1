package sessions

import (
	"bytes"
	"context"
	"slices"
)

// Info returns the session, or ErrNotFound if it is over or was never there.
func (m *Manager) Info(ctx context.Context, h Handle) (Session, error) {
	return m.live(ctx, h)
}

// List returns the live sessions of the user, newest first.
func (m *Manager) List(ctx context.Context, tenant, user string) ([]Session, error) {
	settings, err := m.keys.Settings(ctx)
	if err != nil {
		return nil, unavailable("settings", err)
	}
	now := moment(m.cfg.Now)
	var found []Session
	err = m.store.List(ctx, KeyOf(tenant, user), func(page []Session) error {
		for _, s := range page {
			if s.live(now, settings.NotBefore) {
				found = append(found, s)
			}
		}
		return nil
	})
	if err != nil {
		return nil, storage("listing", err)
	}
	slices.SortFunc(found, newestFirst)
	return found, nil
}

// newestFirst is a total order, so that sign-ins that run side by side agree
// on which session is the oldest.
func newestFirst(a, b Session) int {
	if c := b.Created.Compare(a.Created); c != 0 {
		return c
	}
	return bytes.Compare(a.Handle[:], b.Handle[:])
}
