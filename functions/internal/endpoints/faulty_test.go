package endpoints_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/latchkey-auth/latchkey/functions/internal/accounts"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

var errDown = errors.New("table arn:aws:dynamodb:secret is not there")

// gate is asked before every call to a store. It counts, and fails calls where
// a test says so.
type gate struct {
	mu    sync.Mutex // sessions are revoked side by side
	calls int
	fail  func(ctx context.Context) error // nil: no call fails
	after func(op string)                 // told of an operation that was done; nil: nobody
}

func (g *gate) done(op string) {
	if g.after != nil {
		g.after(op)
	}
}

func (g *gate) pass(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls++
	if g.fail == nil {
		return nil
	}
	return g.fail(ctx)
}

// sessionStore is a store of sessions behind a gate.
type sessionStore struct {
	sessions.Store
	gate
	contended bool // another write always comes first
}

func (s *sessionStore) Create(ctx context.Context, session sessions.Session) error {
	if err := s.pass(ctx); err != nil {
		return err
	}
	return s.Store.Create(ctx, session)
}

func (s *sessionStore) Get(ctx context.Context, h sessions.Handle) (sessions.Session, error) {
	if err := s.pass(ctx); err != nil {
		return sessions.Session{}, err
	}
	return s.Store.Get(ctx, h)
}

func (s *sessionStore) Rotate(ctx context.Context, h sessions.Handle, r sessions.Rotation) (sessions.Session, bool, error) {
	if err := s.pass(ctx); err != nil {
		return sessions.Session{}, false, err
	}
	return s.Store.Rotate(ctx, h, r)
}

func (s *sessionStore) Revoke(ctx context.Context, h sessions.Handle, at time.Time, reason string) error {
	if err := s.pass(ctx); err != nil {
		return err
	}
	return s.Store.Revoke(ctx, h, at, reason)
}

func (s *sessionStore) List(ctx context.Context, u sessions.UserKey, yield func([]sessions.Session) error) error {
	if err := s.pass(ctx); err != nil {
		return err
	}
	return s.Store.List(ctx, u, yield)
}

func (s *sessionStore) SetClaims(ctx context.Context, h sessions.Handle, claims json.RawMessage, version int64) error {
	if err := s.pass(ctx); err != nil {
		return err
	}
	if s.contended {
		return sessions.ErrConflict
	}
	return s.Store.SetClaims(ctx, h, claims, version)
}

func (s *sessionStore) Epoch(ctx context.Context, u sessions.UserKey) (int64, error) {
	if err := s.pass(ctx); err != nil {
		return 0, err
	}
	defer s.done("Epoch")
	return s.Store.Epoch(ctx, u)
}

func (s *sessionStore) BumpEpoch(ctx context.Context, u sessions.UserKey) error {
	if err := s.pass(ctx); err != nil {
		return err
	}
	return s.Store.BumpEpoch(ctx, u)
}

func (s *sessionStore) Data(ctx context.Context, h sessions.Handle) (sessions.Data, error) {
	if err := s.pass(ctx); err != nil {
		return sessions.Data{}, err
	}
	return s.Store.Data(ctx, h)
}

func (s *sessionStore) PutData(ctx context.Context, h sessions.Handle, d sessions.Data, keep time.Time) error {
	if err := s.pass(ctx); err != nil {
		return err
	}
	if s.contended {
		return sessions.ErrConflict
	}
	return s.Store.PutData(ctx, h, d, keep)
}

// accountStore is a store of accounts behind a gate, which stands where every
// operation begins.
type accountStore struct {
	accounts.Store
	gate
}

func (s *accountStore) Take(ctx context.Context, q accounts.Quota) (bool, error) {
	if err := s.pass(ctx); err != nil {
		return false, err
	}
	return s.Store.Take(ctx, q)
}

func (s *accountStore) ByEmail(ctx context.Context, tenant, email string) (accounts.User, error) {
	defer s.done("ByEmail")
	return s.Store.ByEmail(ctx, tenant, email)
}

// keyStore is a store of keys behind a gate.
type keyStore struct {
	token.KeyStore
	gate
}

func (s *keyStore) Load(ctx context.Context) (token.Records, error) {
	if err := s.pass(ctx); err != nil {
		return token.Records{}, err
	}
	return s.KeyStore.Load(ctx)
}
