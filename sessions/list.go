package sessions

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"
)

// A listing removes sessions that have been over for longer than settled, at
// most maxRemovals of them. Until then the item stays, so that a late
// repetition of the write that created it cannot create it again.
const (
	settled     = time.Hour
	maxRemovals = 100
)

// Info returns the session, or ErrNotFound if it is over or was never there.
func (m *Manager) Info(ctx context.Context, h Handle) (Info, error) {
	return m.live(ctx, h)
}

// List returns the live sessions of the user, newest first.
func (m *Manager) List(ctx context.Context, tenant, user string) ([]Info, error) {
	l, err := m.list(ctx, KeyOf(tenant, user))
	if err != nil {
		return nil, err
	}
	all := make([]Info, len(l.live))
	for i, s := range l.live {
		if all[i], err = m.beside(s, l.user); err != nil {
			return nil, err
		}
	}
	m.remove(ctx, l)
	return all, nil
}

// listing is what is found of a user's sessions.
type listing struct {
	user    User
	live    []Session // newest first
	settled []Handle  // sessions that can be removed; not always all of them
	before  time.Time // they were over before this instant
}

// list reads all sessions of a user. It returns ErrCorrupt if any of them is
// not whole.
func (m *Manager) list(ctx context.Context, key UserKey) (listing, error) {
	settings, err := m.keys.Settings(ctx)
	if err != nil {
		return listing{}, unavailable("settings", err)
	}
	now := moment(m.cfg.Now)
	l := listing{before: now.Add(-settled)}
	var corrupt error
	err = m.store.List(ctx, key, func(u User, page []Session) error {
		l.user = u
		for _, s := range page {
			switch fault := s.validate(s.Handle); {
			case fault != nil:
				corrupt = fault
			case s.live(now, settings.NotBefore) && u.Admits(s):
				l.live = append(l.live, s)
			case len(l.settled) < maxRemovals && u.settled(s, l.before):
				l.settled = append(l.settled, s.Handle)
			}
		}
		return nil
	})
	if err := errors.Join(err, corrupt); err != nil {
		return listing{}, storage("listing", err)
	}
	slices.SortFunc(l.live, newestFirst)
	return l, nil
}

// settled reports whether a session was over before the instant. When a move of
// the epoch ended it is not stored: then its start counts.
func (u User) settled(s Session, before time.Time) bool {
	switch {
	case s.Handle == u.Kept:
		return false
	case s.State == Revoked:
		return s.RevokedAt.Before(before)
	default:
		return s.Expires().Before(before) || s.Epoch < u.Epoch && s.Created.Before(before)
	}
}

// remove deletes the sessions that can be removed. Its errors do not matter to
// the caller of a listing: what is left, the next listing removes, or the time
// to live of the table.
func (m *Manager) remove(ctx context.Context, l listing) {
	over := Over{Before: l.before, Epoch: l.user.Epoch}
	each(l.settled, func(h Handle) error { return m.store.Remove(ctx, h, over) })
}

// newestFirst is a total order. So sign-ins that run side by side agree on
// which session is the oldest.
func newestFirst(a, b Session) int {
	if c := b.Created.Compare(a.Created); c != 0 {
		return c
	}
	return bytes.Compare(a.Handle[:], b.Handle[:])
}
