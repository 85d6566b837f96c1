// Package memory keeps sessions and keys in memory: for local runs, examples
// and tests. It passes the same suite as the store on DynamoDB.
//
// What it holds is gone when the process ends, and it never forgets anything
// before: revoked and expired sessions stay, as the contract of a store asks.
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
	epochs   map[sessions.UserKey]int64
	data     map[sessions.Handle]sessions.Data
}

// New returns an empty Store.
func New() *Store {
	return &Store{
		sessions: make(map[sessions.UserKey]map[sessions.Handle]sessions.Session),
		epochs:   make(map[sessions.UserKey]int64),
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
func (st *Store) Get(ctx context.Context, h sessions.Handle) (sessions.Session, error) {
	var s sessions.Session
	err := st.locked(ctx, func() (err error) {
		s, err = st.find(h)
		return err
	})
	return s, err
}

// Rotate implements sessions.SessionStore.
func (st *Store) Rotate(ctx context.Context, h sessions.Handle, r sessions.Rotation) (sessions.Session, bool, error) {
	var s sessions.Session
	var applied bool
	err := st.locked(ctx, func() (err error) {
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
func (st *Store) List(ctx context.Context, u sessions.UserKey, yield func([]sessions.Session) error) error {
	var all []sessions.Session
	err := st.locked(ctx, func() error {
		for h := range st.sessions[u] {
			s, err := st.find(h)
			if err != nil {
				return err
			}
			all = append(all, s)
		}
		return nil
	})
	for err == nil && len(all) > 0 {
		n := min(len(all), pageSize)
		err = yield(all[:n:n])
		all = all[n:]
	}
	return err
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

// Epoch implements sessions.EpochStore.
func (st *Store) Epoch(ctx context.Context, u sessions.UserKey) (int64, error) {
	var count int64
	err := st.locked(ctx, func() error {
		count = st.epochs[u]
		return nil
	})
	return count, err
}

// BumpEpoch implements sessions.EpochStore.
func (st *Store) BumpEpoch(ctx context.Context, u sessions.UserKey) error {
	return st.locked(ctx, func() error {
		st.epochs[u]++
		return nil
	})
}

// Data implements sessions.DataStore.
func (st *Store) Data(ctx context.Context, h sessions.Handle) (sessions.Data, error) {
	var d sessions.Data
	err := st.locked(ctx, func() error {
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

// locked runs f alone, unless the caller has given up already.
func (st *Store) locked(ctx context.Context, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	return f()
}

// find returns a copy of the session, once it is seen to be whole.
func (st *Store) find(h sessions.Handle) (sessions.Session, error) {
	s, found := st.sessions[h.User()][h]
	if !found {
		return sessions.Session{}, sessions.ErrNotFound
	}
	if err := s.Validate(h); err != nil {
		return sessions.Session{}, err
	}
	s.Claims = bytes.Clone(s.Claims)
	return s, nil
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
