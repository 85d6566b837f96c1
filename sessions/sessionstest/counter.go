package sessionstest

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

// errLost is the error when the network loses the store's answer.
var errLost = errors.New("answer lost")

// Counter is a store that counts the calls to another store by method. It can
// be told to fail them. It is safe for concurrent use.
type Counter struct {
	store sessions.Store

	mu     sync.Mutex
	calls  map[string]int
	before func(call string) error
	after  func(call string) error
}

// NewCounter returns a Counter in front of store.
func NewCounter(store sessions.Store) *Counter {
	return &Counter{store: store, calls: make(map[string]int)}
}

// Take returns the calls since the last Take and forgets them.
func (c *Counter) Take() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := maps.Clone(c.calls)
	clear(c.calls)
	return taken
}

// Fail makes calls end in the error that one of the functions returns for the
// method: before the call reaches the store, or after it, when the answer is
// lost. A nil function or a nil error fails nothing.
func (c *Counter) Fail(before, after func(call string) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.before, c.after = before, after
}

// call counts the call and makes it.
func (c *Counter) call(name string, f func() error) error {
	c.mu.Lock()
	c.calls[name]++
	before, after := c.before, c.after
	c.mu.Unlock()
	if before != nil {
		if err := before(name); err != nil {
			return err
		}
	}
	err := f()
	if after != nil {
		if lost := after(name); lost != nil {
			return lost
		}
	}
	return err
}

// Create implements sessions.Store, as all methods below do. Each call is
// counted under the method's name.
func (c *Counter) Create(ctx context.Context, s sessions.Session) error {
	return c.call("Create", func() error { return c.store.Create(ctx, s) })
}

// Get is counted once for both items.
func (c *Counter) Get(ctx context.Context, h sessions.Handle) (s sessions.Session, u sessions.User, err error) {
	err = c.call("Get", func() (err error) { s, u, err = c.store.Get(ctx, h); return err })
	return s, u, err
}

// Rotate is counted whether it is applied or not.
func (c *Counter) Rotate(ctx context.Context, h sessions.Handle, r sessions.Rotation) (s sessions.Session, ok bool, err error) {
	err = c.call("Rotate", func() (err error) { s, ok, err = c.store.Rotate(ctx, h, r); return err })
	return s, ok, err
}

// Revoke implements sessions.Store.
func (c *Counter) Revoke(ctx context.Context, h sessions.Handle, at time.Time, reason string) error {
	return c.call("Revoke", func() error { return c.store.Revoke(ctx, h, at, reason) })
}

// List is counted once for all pages.
func (c *Counter) List(ctx context.Context, u sessions.UserKey, yield func(sessions.User, []sessions.Session) error) error {
	return c.call("List", func() error { return c.store.List(ctx, u, yield) })
}

// Remove implements sessions.Store.
func (c *Counter) Remove(ctx context.Context, h sessions.Handle, o sessions.Over) error {
	return c.call("Remove", func() error { return c.store.Remove(ctx, h, o) })
}

// SetClaims implements sessions.Store.
func (c *Counter) SetClaims(ctx context.Context, h sessions.Handle, claims json.RawMessage, version int64) error {
	return c.call("SetClaims", func() error { return c.store.SetClaims(ctx, h, claims, version) })
}

// User implements sessions.Store.
func (c *Counter) User(ctx context.Context, key sessions.UserKey) (u sessions.User, err error) {
	err = c.call("User", func() (err error) { u, err = c.store.User(ctx, key); return err })
	return u, err
}

// Move is counted whether it is applied or not.
func (c *Counter) Move(ctx context.Context, key sessions.UserKey, m sessions.Move) (u sessions.User, ok bool, err error) {
	err = c.call("Move", func() (err error) { u, ok, err = c.store.Move(ctx, key, m); return err })
	return u, ok, err
}

// Enable implements sessions.Store.
func (c *Counter) Enable(ctx context.Context, u sessions.UserKey, epoch int64) error {
	return c.call("Enable", func() error { return c.store.Enable(ctx, u, epoch) })
}

// SetUserClaims implements sessions.Store.
func (c *Counter) SetUserClaims(ctx context.Context, u sessions.UserKey, claims json.RawMessage, version int64) error {
	return c.call("SetUserClaims", func() error { return c.store.SetUserClaims(ctx, u, claims, version) })
}

// Data implements sessions.Store.
func (c *Counter) Data(ctx context.Context, h sessions.Handle) (d sessions.Data, err error) {
	err = c.call("Data", func() (err error) { d, err = c.store.Data(ctx, h); return err })
	return d, err
}

// PutData implements sessions.Store.
func (c *Counter) PutData(ctx context.Context, h sessions.Handle, d sessions.Data, keep time.Time) error {
	return c.call("PutData", func() error { return c.store.PutData(ctx, h, d, keep) })
}
