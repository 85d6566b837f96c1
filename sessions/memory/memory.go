// Package memory keeps sessions and keys in memory, for local runs, examples
// and tests. Its stores pass the same suite as those on DynamoDB.
//
// Everything is gone when the process ends. Nothing is forgotten before that.
package memory

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

var _ sessions.Store = (*Store)(nil)

// pageSize is how many sessions List yields at a time.
const pageSize = 100

// Store is a sessions.Store. It is safe for concurrent use. What goes in and
// what comes out are copies: no caller can change what is stored.
type Store struct {
	mu       sync.Mutex
	sessions map[sessions.UserKey]map[sessions.Handle]sessions.Session
	users    map[sessions.UserKey]sessions.User
	data     map[sessions.Handle]sessions.Data
}

// New returns an empty Store.
func New() *Store {
	return &Store{
		sessions: make(map[sessions.UserKey]map[sessions.Handle]sessions.Session),
		users:    make(map[sessions.UserKey]sessions.User),
		data:     make(map[sessions.Handle]sessions.Data),
	}
}

// Create implements sessions.SessionStore.
func (st *Store) Create(ctx context.Context, s sessions.Session) error {
	return st.locked(ctx, func() error {
		if _, taken := st.sessions[s.Handle.User()][s.Handle]; taken {
			return sessions.ErrExists
		}
		st.put(s)
		return nil
	})
}

// Get implements sessions.SessionStore.
func (st *Store) Get(ctx context.Context, h sessions.Handle) (s sessions.Session, u sessions.User, err error) {
	err = st.locked(ctx, func() (err error) {
		u = st.user(h.User())
		s, err = st.find(h)
		return err
	})
	return s, u, err
}

// Rotate implements sessions.SessionStore.
func (st *Store) Rotate(
	ctx context.Context, h sessions.Handle, r sessions.Rotation,
) (s sessions.Session, applied bool, err error) {
	err = st.locked(ctx, func() (err error) {
		s, err = st.find(h)
		if err != nil || !r.Allows(s) {
			return err
		}
		s, applied = r.Apply(s), true
		st.put(s)
		return nil
	})
	return s, applied, err
}

// Revoke implements sessions.SessionStore.
func (st *Store) Revoke(ctx context.Context, h sessions.Handle, at time.Time, reason string) error {
	return st.locked(ctx, func() error {
		s, found := st.sessions[h.User()][h]
		if !found || s.State == sessions.Revoked {
			return nil
		}
		s.State, s.RevokedAt, s.Reason = sessions.Revoked, at, reason
		st.put(s)
		return nil
	})
}

// List implements sessions.SessionStore. The lock is not held while yield runs.
func (st *Store) List(
	ctx context.Context, key sessions.UserKey, yield func(sessions.User, []sessions.Session) error,
) error {
	var u sessions.User
	var all []sessions.Session
	err := st.locked(ctx, func() error {
		u = st.user(key)
		for _, s := range st.sessions[key] {
			s.Claims = bytes.Clone(s.Claims)
			all = append(all, s)
		}
		return nil
	})
	for err == nil {
		n := min(len(all), pageSize)
		err = yield(u, all[:n:n])
		if all = all[n:]; len(all) == 0 {
			break
		}
	}
	return err
}

// Remove implements sessions.SessionStore.
func (st *Store) Remove(ctx context.Context, h sessions.Handle, o sessions.Over) error {
	return st.locked(ctx, func() error {
		if s, found := st.sessions[h.User()][h]; found && o.Allows(s) {
			delete(st.sessions[h.User()], h)
			delete(st.data, h)
		}
		return nil
	})
}

// SetClaims implements sessions.SessionStore.
func (st *Store) SetClaims(ctx context.Context, h sessions.Handle, claims json.RawMessage, version int64) error {
	return st.locked(ctx, func() error {
		s, err := st.find(h)
		switch {
		case err != nil:
			return err
		case s.State != sessions.Live:
			return sessions.ErrNotFound
		case s.ClaimsVersion != version:
			return sessions.ErrConflict
		}
		s.Claims, s.ClaimsVersion = claims, version+1
		st.put(s)
		return nil
	})
}

// User implements sessions.UserStore.
func (st *Store) User(ctx context.Context, key sessions.UserKey) (u sessions.User, err error) {
	err = st.locked(ctx, func() error {
		u = st.user(key)
		return nil
	})
	return u, err
}

// Move implements sessions.UserStore.
func (st *Store) Move(
	ctx context.Context, key sessions.UserKey, m sessions.Move,
) (u sessions.User, moved bool, err error) {
	err = st.locked(ctx, func() error {
		u = st.user(key)
		if !m.Allows(u) {
			return nil
		}
		u, moved = m.Apply(u), true
		st.users[key] = u
		return nil
	})
	return u, moved, err
}

// Enable implements sessions.UserStore.
func (st *Store) Enable(ctx context.Context, key sessions.UserKey, epoch int64) error {
	return st.changeUser(ctx, key, func(u *sessions.User) bool {
		may := u.Disabled && u.Epoch == epoch
		u.Disabled = false
		return may
	})
}

// SetUserClaims implements sessions.UserStore.
func (st *Store) SetUserClaims(ctx context.Context, key sessions.UserKey, claims json.RawMessage, version int64) error {
	return st.changeUser(ctx, key, func(u *sessions.User) bool {
		may := u.ClaimsVersion == version
		u.Claims, u.ClaimsVersion = bytes.Clone(claims), version+1
		return may
	})
}

// changeUser makes a change, unless the change reports that it must not be
// made.
func (st *Store) changeUser(ctx context.Context, key sessions.UserKey, change func(*sessions.User) bool) error {
	return st.locked(ctx, func() error {
		u := st.user(key)
		if !change(&u) {
			return sessions.ErrConflict
		}
		st.users[key] = u
		return nil
	})
}

// Data implements sessions.DataStore.
func (st *Store) Data(ctx context.Context, h sessions.Handle) (d sessions.Data, err error) {
	err = st.locked(ctx, func() error {
		d = st.data[h]
		d.JSON = bytes.Clone(d.JSON)
		return nil
	})
	return d, err
}

// PutData implements sessions.DataStore. It keeps the data for ever.
func (st *Store) PutData(ctx context.Context, h sessions.Handle, d sessions.Data, _ time.Time) error {
	return st.locked(ctx, func() error {
		if st.data[h].Version != d.Version-1 {
			return sessions.ErrConflict
		}
		d.JSON = bytes.Clone(d.JSON)
		st.data[h] = d
		return nil
	})
}

// locked runs f with the lock held, unless the context has ended.
func (st *Store) locked(ctx context.Context, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	return f()
}

// find returns a copy of the session.
func (st *Store) find(h sessions.Handle) (sessions.Session, error) {
	s, found := st.sessions[h.User()][h]
	if !found {
		return sessions.Session{}, sessions.ErrNotFound
	}
	s.Claims = bytes.Clone(s.Claims)
	return s, nil
}

// user returns a copy of the user.
func (st *Store) user(key sessions.UserKey) sessions.User {
	u := st.users[key]
	u.Claims = bytes.Clone(u.Claims)
	return u
}

// put stores a copy of the session.
func (st *Store) put(s sessions.Session) {
	u := s.Handle.User()
	if st.sessions[u] == nil {
		st.sessions[u] = make(map[sessions.Handle]sessions.Session)
	}
	s.Claims = bytes.Clone(s.Claims)
	st.sessions[u][s.Handle] = s
}
