package logins

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
)

var _ Store = (*Memory)(nil)

// Memory is a Store that lives as long as the process. It is safe for
// concurrent use. The caller must not change what it passes in or gets back.
type Memory struct {
	mu        sync.Mutex
	providers map[string]Provider // by name
}

// NewMemory returns an empty Memory.
func NewMemory() *Memory { return &Memory{providers: map[string]Provider{}} }

// Load implements Store.
func (m *Memory) Load(context.Context) ([]Provider, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	byName := func(a, b Provider) int { return strings.Compare(a.Name(), b.Name()) }
	return slices.SortedFunc(maps.Values(m.providers), byName), nil
}

// Put implements Store.
func (m *Memory) Put(_ context.Context, p Provider) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.providers[p.Name()] = p
	return nil
}

// Delete implements Store.
func (m *Memory) Delete(_ context.Context, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, there := m.providers[name]; !there {
		return ErrNotFound
	}
	delete(m.providers, name)
	return nil
}
