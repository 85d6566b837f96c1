package endpoints_test

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// gate stands before every call to a store. It counts, and fails calls where a
// test or a plan says so.
type gate struct {
	mu    sync.Mutex // sessions are revoked side by side
	calls int
	fail  func(ctx context.Context) error // nil: no call fails
	after func(op string)                 // told of an operation that was done; nil: nobody
	plan  *plan                           // nil: none
}

func (g *gate) call(ctx context.Context, op string, do func() error) error {
	p, err := g.pass(ctx)
	if err != nil {
		return err
	}
	if g.after != nil {
		defer g.after(op)
	}
	return p.call(ctx, do)
}

// pass counts a call and returns the plan that it goes by.
func (g *gate) pass(ctx context.Context) (*plan, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls++
	if g.fail == nil {
		return g.plan, nil
	}
	return g.plan, g.fail(ctx)
}

// count returns how many calls were made.
func (g *gate) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.calls
}

// arm makes calls go by the plan from now on. A load of keys may be under way.
func (g *gate) arm(p *plan) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.plan = p
}

// sessionStore is a store of sessions behind a gate.
type sessionStore struct {
	sessions.Store
	gate
	contended bool // another write always comes first
}

func (s *sessionStore) Create(ctx context.Context, session sessions.Session) error {
	return s.call(ctx, "Create", func() error { return s.Store.Create(ctx, session) })
}

func (s *sessionStore) Get(ctx context.Context, h sessions.Handle) (got sessions.Session, err error) {
	err = s.call(ctx, "Get", func() error { got, err = s.Store.Get(ctx, h); return err })
	return got, err
}

func (s *sessionStore) Rotate(ctx context.Context, h sessions.Handle, r sessions.Rotation) (got sessions.Session, ok bool, err error) {
	err = s.call(ctx, "Rotate", func() error { got, ok, err = s.Store.Rotate(ctx, h, r); return err })
	return got, ok, err
}

func (s *sessionStore) Revoke(ctx context.Context, h sessions.Handle, at time.Time, reason string) error {
	return s.call(ctx, "Revoke", func() error { return s.Store.Revoke(ctx, h, at, reason) })
}

func (s *sessionStore) List(ctx context.Context, u sessions.UserKey, yield func([]sessions.Session) error) error {
	return s.call(ctx, "List", func() error { return s.Store.List(ctx, u, yield) })
}

func (s *sessionStore) SetClaims(ctx context.Context, h sessions.Handle, claims json.RawMessage, version int64) error {
	return s.call(ctx, "SetClaims", func() error {
		if s.contended {
			return sessions.ErrConflict
		}
		return s.Store.SetClaims(ctx, h, claims, version)
	})
}

func (s *sessionStore) Epoch(ctx context.Context, u sessions.UserKey) (count int64, err error) {
	err = s.call(ctx, "Epoch", func() error { count, err = s.Store.Epoch(ctx, u); return err })
	return count, err
}

func (s *sessionStore) BumpEpoch(ctx context.Context, u sessions.UserKey) error {
	return s.call(ctx, "BumpEpoch", func() error { return s.Store.BumpEpoch(ctx, u) })
}

func (s *sessionStore) Data(ctx context.Context, h sessions.Handle) (d sessions.Data, err error) {
	err = s.call(ctx, "Data", func() error { d, err = s.Store.Data(ctx, h); return err })
	return d, err
}

func (s *sessionStore) PutData(ctx context.Context, h sessions.Handle, d sessions.Data, keep time.Time) error {
	return s.call(ctx, "PutData", func() error {
		if s.contended {
			return sessions.ErrConflict
		}
		return s.Store.PutData(ctx, h, d, keep)
	})
}

// accountStore is a store of accounts behind a gate.
type accountStore struct {
	accounts.Store
	gate
}

func (s *accountStore) Create(ctx context.Context, u accounts.User) error {
	return s.call(ctx, "Create", func() error { return s.Store.Create(ctx, u) })
}

func (s *accountStore) ByEmail(ctx context.Context, tenant, email string) (u accounts.User, err error) {
	err = s.call(ctx, "ByEmail", func() error { u, err = s.Store.ByEmail(ctx, tenant, email); return err })
	return u, err
}

func (s *accountStore) UpdateHash(ctx context.Context, u accounts.User, hash accounts.Secret) error {
	return s.call(ctx, "UpdateHash", func() error { return s.Store.UpdateHash(ctx, u, hash) })
}

func (s *accountStore) Take(ctx context.Context, q accounts.Quota) (ok bool, err error) {
	err = s.call(ctx, "Take", func() error { ok, err = s.Store.Take(ctx, q); return err })
	return ok, err
}

func (s *accountStore) GiveBack(ctx context.Context, q accounts.Quota) error {
	return s.call(ctx, "GiveBack", func() error { return s.Store.GiveBack(ctx, q) })
}

func (s *accountStore) Reserve(ctx context.Context, k accounts.Key, b accounts.Backoff, now time.Time) (ok bool, err error) {
	err = s.call(ctx, "Reserve", func() error { ok, err = s.Store.Reserve(ctx, k, b, now); return err })
	return ok, err
}

func (s *accountStore) Reset(ctx context.Context, k accounts.Key) error {
	return s.call(ctx, "Reset", func() error { return s.Store.Reset(ctx, k) })
}

// keyStore is a store of keys behind a gate.
type keyStore struct {
	token.KeyStore
	gate
}

func (s *keyStore) Load(ctx context.Context) (r token.Records, err error) {
	err = s.call(ctx, "Load", func() error { r, err = s.KeyStore.Load(ctx); return err })
	return r, err
}

// sealer opens keys behind a gate.
type sealer struct {
	token.Sealer
	gate
}

func (s *sealer) Open(ctx context.Context, purpose, id string, sealed []byte) (secret []byte, err error) {
	err = s.call(ctx, "Open", func() error { secret, err = s.Sealer.Open(ctx, purpose, id, sealed); return err })
	return secret, err
}
