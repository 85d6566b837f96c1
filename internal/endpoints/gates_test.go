package endpoints_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/awsclient"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

var errDown = errors.New("table arn:aws:dynamodb:secret is not there")

// way is how a call to what a function stands on goes wrong.
type way string

// The ways a call can go wrong. Those that only DynamoDB has are in its test.
const (
	refused   way = "refused"
	hung      way = "hung"      // until the client of the store gives up
	lost      way = "lost"      // applied, and the answer lost
	contended way = "contended" // another write came first
)

// forGood is as many calls as there may be.
const forGood = 1 << 30

// plan says which calls go wrong: those from number `from` on, counted from 0,
// as many as there are to be. It counts all.
type plan struct {
	way  way
	from int
	many int

	mu    sync.Mutex
	calls int
}

// down is the plan by which every call is refused.
func down() *plan { return &plan{way: refused, many: forGood} }

func (p *plan) String() string {
	return fmt.Sprintf("%d calls %s from number %d on", p.many, p.way, p.from)
}

// next counts one call, and returns how it goes wrong: "" for not at all.
func (p *plan) next() way {
	if p == nil {
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.calls
	p.calls++
	if n < p.from || n >= p.from+p.many {
		return ""
	}
	return p.way
}

// count returns how many calls were made.
func (p *plan) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}

// gate stands before every call to a store. It counts them, and makes them as
// the plan says.
type gate struct {
	mu    sync.Mutex // sessions are revoked side by side, and a load of keys may be under way
	calls int
	plan  *plan           // nil: all calls go well
	after func(op string) // told of an operation that was done; nil: nobody
}

// arm makes calls go by the plan from now on.
func (g *gate) arm(p *plan) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.plan = p
}

// count returns how many calls were made.
func (g *gate) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.calls
}

func (g *gate) call(ctx context.Context, op string, do func() error) error {
	g.mu.Lock()
	p := g.plan
	g.calls++
	g.mu.Unlock()
	if g.after != nil {
		defer g.after(op)
	}
	switch p.next() {
	case refused:
		return errDown
	case hung:
		ctx, cancel := context.WithTimeout(ctx, awsclient.Budget)
		defer cancel()
		<-ctx.Done()
		return ctx.Err()
	case lost:
		do()
		return errDown
	case contended:
		if op == "SetClaims" || op == "PutData" {
			return sessions.ErrConflict
		}
	}
	return do()
}

// sessionStore is a store of sessions behind a gate.
type sessionStore struct {
	to sessions.Store
	gate
}

func (s *sessionStore) Create(ctx context.Context, session sessions.Session) error {
	return s.call(ctx, "Create", func() error { return s.to.Create(ctx, session) })
}

func (s *sessionStore) Get(ctx context.Context, h sessions.Handle) (got sessions.Session, err error) {
	err = s.call(ctx, "Get", func() error { got, err = s.to.Get(ctx, h); return err })
	return got, err
}

func (s *sessionStore) Rotate(ctx context.Context, h sessions.Handle, r sessions.Rotation) (got sessions.Session, ok bool, err error) {
	err = s.call(ctx, "Rotate", func() error { got, ok, err = s.to.Rotate(ctx, h, r); return err })
	return got, ok, err
}

func (s *sessionStore) Revoke(ctx context.Context, h sessions.Handle, at time.Time, reason string) error {
	return s.call(ctx, "Revoke", func() error { return s.to.Revoke(ctx, h, at, reason) })
}

func (s *sessionStore) List(ctx context.Context, u sessions.UserKey, yield func([]sessions.Session) error) error {
	return s.call(ctx, "List", func() error { return s.to.List(ctx, u, yield) })
}

func (s *sessionStore) SetClaims(ctx context.Context, h sessions.Handle, claims json.RawMessage, version int64) error {
	return s.call(ctx, "SetClaims", func() error { return s.to.SetClaims(ctx, h, claims, version) })
}

func (s *sessionStore) Epoch(ctx context.Context, u sessions.UserKey) (count int64, err error) {
	err = s.call(ctx, "Epoch", func() error { count, err = s.to.Epoch(ctx, u); return err })
	return count, err
}

func (s *sessionStore) BumpEpoch(ctx context.Context, u sessions.UserKey) error {
	return s.call(ctx, "BumpEpoch", func() error { return s.to.BumpEpoch(ctx, u) })
}

func (s *sessionStore) Data(ctx context.Context, h sessions.Handle) (d sessions.Data, err error) {
	err = s.call(ctx, "Data", func() error { d, err = s.to.Data(ctx, h); return err })
	return d, err
}

func (s *sessionStore) PutData(ctx context.Context, h sessions.Handle, d sessions.Data, keep time.Time) error {
	return s.call(ctx, "PutData", func() error { return s.to.PutData(ctx, h, d, keep) })
}

// accountStore is a store of accounts behind a gate.
type accountStore struct {
	to accounts.Store
	gate
}

func (s *accountStore) Create(ctx context.Context, u accounts.User) error {
	return s.call(ctx, "Create", func() error { return s.to.Create(ctx, u) })
}

func (s *accountStore) ByEmail(ctx context.Context, tenant, email string) (u accounts.User, err error) {
	err = s.call(ctx, "ByEmail", func() error { u, err = s.to.ByEmail(ctx, tenant, email); return err })
	return u, err
}

func (s *accountStore) ByID(ctx context.Context, tenant, id string) (u accounts.User, err error) {
	err = s.call(ctx, "ByID", func() error { u, err = s.to.ByID(ctx, tenant, id); return err })
	return u, err
}

func (s *accountStore) UpdateHash(ctx context.Context, u accounts.User, hash accounts.Secret) error {
	return s.call(ctx, "UpdateHash", func() error { return s.to.UpdateHash(ctx, u, hash) })
}

func (s *accountStore) Take(ctx context.Context, q accounts.Quota) (ok bool, err error) {
	err = s.call(ctx, "Take", func() error { ok, err = s.to.Take(ctx, q); return err })
	return ok, err
}

func (s *accountStore) GiveBack(ctx context.Context, q accounts.Quota) error {
	return s.call(ctx, "GiveBack", func() error { return s.to.GiveBack(ctx, q) })
}

func (s *accountStore) Reserve(ctx context.Context, k accounts.Key, b accounts.Backoff, now time.Time) (ok bool, err error) {
	err = s.call(ctx, "Reserve", func() error { ok, err = s.to.Reserve(ctx, k, b, now); return err })
	return ok, err
}

func (s *accountStore) Reset(ctx context.Context, k accounts.Key) error {
	return s.call(ctx, "Reset", func() error { return s.to.Reset(ctx, k) })
}

// keyStore is a store of keys whose loads are behind a gate.
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
