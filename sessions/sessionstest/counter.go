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

// errLost is the answer of a network that lost the store's.
var errLost = errors.New("answer lost")

// Counter is a store that counts the calls made to another, by method, and can
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

// Take returns the calls since the last Take, and forgets them.
func (c *Counter) Take() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := maps.Clone(c.calls)
	clear(c.calls)
	return taken
}

// Fail makes calls end in the error that one of the functions returns for the
// method: before the call reaches the store, or after, when its answer is
// lost. A nil function, or a nil error, fails nothing.
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

// Create implements sessions.Store, as all methods below do.
func (c *Counter) Create(ctx context.Context, s sessions.Session) error {
	return c.call("Create", func() error { return c.store.Create(ctx, s) })
}

// Get is counted as Get.
func (c *Counter) Get(ctx context.Context, h sessions.Handle) (s sessions.Session, err error) {
	err = c.call("Get", func() (err error) {
		s, err = c.store.Get(ctx, h)
		return err
	})
	return s, err
}

// Rotate is counted as Rotate, applied or not.
func (c *Counter) Rotate(ctx context.Context, h sessions.Handle, r sessions.Rotation) (s sessions.Session, ok bool, err error) {
	err = c.call("Rotate", func() (err error) {
		s, ok, err = c.store.Rotate(ctx, h, r)
		return err
	})
	return s, ok, err
}

// Revoke is counted as Revoke.
func (c *Counter) Revoke(ctx context.Context, h sessions.Handle, at time.Time, reason string) error {
	return c.call("Revoke", func() error { return c.store.Revoke(ctx, h, at, reason) })
}

// List is counted as List, once for all pages.
func (c *Counter) List(ctx context.Context, u sessions.UserKey, yield func([]sessions.Session) error) error {
	return c.call("List", func() error { return c.store.List(ctx, u, yield) })
}

// SetClaims is counted as SetClaims.
func (c *Counter) SetClaims(ctx context.Context, h sessions.Handle, claims json.RawMessage, version int64) error {
	return c.call("SetClaims", func() error { return c.store.SetClaims(ctx, h, claims, version) })
}

// Epoch is counted as Epoch.
func (c *Counter) Epoch(ctx context.Context, u sessions.UserKey) (count int64, err error) {
	err = c.call("Epoch", func() (err error) {
		count, err = c.store.Epoch(ctx, u)
		return err
	})
	return count, err
}

// BumpEpoch is counted as BumpEpoch.
func (c *Counter) BumpEpoch(ctx context.Context, u sessions.UserKey) error {
	return c.call("BumpEpoch", func() error { return c.store.BumpEpoch(ctx, u) })
}

// Data is counted as Data.
func (c *Counter) Data(ctx context.Context, h sessions.Handle) (d sessions.Data, err error) {
	err = c.call("Data", func() (err error) {
		d, err = c.store.Data(ctx, h)
		return err
	})
	return d, err
}

// PutData is counted as PutData.
func (c *Counter) PutData(ctx context.Context, h sessions.Handle, d sessions.Data, keep time.Time) error {
	return c.call("PutData", func() error { return c.store.PutData(ctx, h, d, keep) })
}

// createsTwice is a store on a network that loses the answer to a creation,
// and whose client then repeats it.
type createsTwice struct{ sessions.Store }

func (c *createsTwice) Create(ctx context.Context, s sessions.Session) error {
	if err := c.Store.Create(ctx, s); err != nil {
		return err
	}
	return c.Store.Create(ctx, s)
}

// createsAnother is a store in which the handle is somebody else's already.
type createsAnother struct{ sessions.Store }

func (c *createsAnother) Create(ctx context.Context, s sessions.Session) error {
	s.Hash[0]++
	if err := c.Store.Create(ctx, s); err != nil {
		return err
	}
	return sessions.ErrExists
}
