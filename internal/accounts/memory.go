package accounts

import (
	"context"
	"slices"
	"sync"
	"time"
)

var _ Store = (*Memory)(nil)

// Memory is a Store that lives as long as the process. It is safe for
// concurrent use.
type Memory struct {
	mu       sync.Mutex
	users    map[Key]User // by tenant and e-mail address, or identity at another provider
	emails   map[Key]Key  // by tenant and id, where the user is
	links    map[mailed][]Link
	taken    map[Key]tally
	counters map[Key]reservation
	swept    time.Time
}

// mailed is the key of a user's links.
type mailed struct {
	purpose Purpose
	key     Key
}

// tally holds the counts of Take under one key, by part, and when they may be
// forgotten.
type tally struct {
	parts map[string]int
	ends  time.Time
}

// reservation is a count of Reserve and when it may be forgotten.
type reservation struct {
	Counter
	ends time.Time
}

// NewMemory returns an empty Memory.
func NewMemory() *Memory {
	return &Memory{
		users:    make(map[Key]User),
		emails:   make(map[Key]Key),
		links:    make(map[mailed][]Link),
		taken:    make(map[Key]tally),
		counters: make(map[Key]reservation),
	}
}

// Create implements Store.
func (m *Memory) Create(_ context.Context, u User) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.create(u)
}

func (m *Memory) create(u User) error {
	k := keyOf(u.Tenant, u.Email)
	if u.ThirdParty != (Identity{}) {
		k = u.ThirdParty.key(u.Tenant)
	}
	if _, ok := m.users[k]; ok {
		return ErrExists
	}
	m.users[k] = u
	m.emails[keyOf(u.Tenant, u.ID)] = k
	return nil
}

// ByEmail implements Store.
func (m *Memory) ByEmail(_ context.Context, tenant, email string) (User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	u, ok := m.users[keyOf(tenant, email)]
	if !ok {
		return User{}, ErrNotFound
	}
	return u, nil
}

// ByID implements Store.
func (m *Memory) ByID(_ context.Context, tenant, id string) (User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.emails[keyOf(tenant, id)]
	if !ok {
		return User{}, ErrNotFound
	}
	return m.users[k], nil
}

// Update implements Store.
func (m *Memory) Update(_ context.Context, u, renewed User) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := keyOf(u.Tenant, u.Email)
	stored, ok := m.users[k]
	if !ok || stored.ID != u.ID {
		return ErrNotFound
	}
	if stored.Hash != u.Hash {
		return ErrConflict
	}
	stored.Hash, stored.Networks = renewed.Hash, renewed.Networks
	m.users[k] = stored
	return nil
}

// AddLink implements Store.
func (m *Memory) AddLink(_ context.Context, l Link) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := mailed{l.Purpose, l.Key()}
	links, err := with(m.links[k], l)
	if err == nil {
		m.links[k] = links
	}
	return err
}

// Links implements Store.
func (m *Memory) Links(_ context.Context, p Purpose, k Key) ([]Link, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.links[mailed{p, k}]), nil
}

// DropLinks implements Store.
func (m *Memory) DropLinks(_ context.Context, p Purpose, k Key) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.links, mailed{p, k})
	return nil
}

// Take implements Store.
func (m *Memory) Take(_ context.Context, q Quota) (total int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sweep(q.Ends.Add(-day)) // no span is longer, so now is later than this
	t, ok := m.taken[q.Key]
	if t.parts[q.Part] >= q.Limit {
		return 0, ErrThrottled
	}
	if !ok {
		t = tally{parts: make(map[string]int), ends: q.Ends}
		m.taken[q.Key] = t
	}
	t.parts[q.Part]++
	for _, count := range t.parts {
		total += count
	}
	return total, nil
}

// GiveBack implements Store.
func (m *Memory) GiveBack(_ context.Context, q Quota) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if t := m.taken[q.Key]; t.parts[q.Part] > 0 {
		t.parts[q.Part]--
	}
	return nil
}

// Reserve implements Store.
func (m *Memory) Reserve(_ context.Context, k Key, b Backoff, now time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sweep(now)
	next, ok := b.Next(m.counters[k].Counter, now)
	if ok {
		m.counters[k] = reservation{Counter: next, ends: now.Add(b.Forget)}
	}
	return ok, nil
}

// Reset implements Store.
func (m *Memory) Reset(_ context.Context, k Key) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.counters, k)
	return nil
}

// sweep drops the counts whose span is over, once in a span. So one day's
// activity bounds the memory.
func (m *Memory) sweep(now time.Time) {
	if now.Before(m.swept.Add(span)) {
		return
	}
	m.swept = now
	for k, t := range m.taken {
		if !now.Before(t.ends) {
			delete(m.taken, k)
		}
	}
	for k, r := range m.counters {
		if !now.Before(r.ends) {
			delete(m.counters, k)
		}
	}
}
