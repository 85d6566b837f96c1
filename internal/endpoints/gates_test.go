package endpoints_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/accounts/accountstest"
	"github.com/latchkey-auth/latchkey/internal/awsclient"
	"github.com/latchkey-auth/latchkey/internal/logins"
	"github.com/latchkey-auth/latchkey/internal/mail"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/sessionstest"
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

// gate stands before every call to a store. It counts them, and has them go as
// the plan says.
type gate struct {
	mu    sync.Mutex // sessions are revoked side by side, and a load of keys may be under way
	calls int
	lost  int // calls under way whose answer is to be lost
	plan  *plan
	told  func(op string) // of each that was done; nil: nobody
}

// arm makes calls go by the plan from now on; by nil all go well.
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

// before returns the error that a call ends in without being made.
func (g *gate) before(op string) error {
	g.mu.Lock()
	g.calls++
	way := g.plan.next()
	if way == lost {
		g.lost++
	}
	g.mu.Unlock()
	switch {
	case way == refused:
		return errDown
	case way == hung:
		<-time.After(awsclient.Budget)
		return context.DeadlineExceeded
	case way == contended && (op == "SetClaims" || op == "PutData"):
		return sessions.ErrConflict
	}
	return nil
}

// after returns the error that comes in place of an answer.
func (g *gate) after(op string) error {
	if g.told != nil {
		g.told(op)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.lost == 0 {
		return nil
	}
	g.lost--
	return errDown
}

func (g *gate) call(op string, do func() error) error {
	if err := g.before(op); err != nil {
		return err
	}
	err := do()
	if instead := g.after(op); instead != nil {
		return instead
	}
	return err
}

// sessionStore is a store of sessions behind a gate.
type sessionStore struct {
	*sessionstest.Counter
	gate
}

func (s *sessionStore) open(store sessions.Store) {
	s.Counter = sessionstest.NewCounter(store)
	s.Fail(s.before, s.after)
}

// accountStore is a store of accounts behind a gate.
type accountStore struct {
	accountstest.Hook
	gate
}

func (s *accountStore) open(store accounts.Store) {
	s.Hook = accountstest.Hook{Store: store, Call: s.call}
}

// keyStore is a store of keys whose loads are behind a gate.
type keyStore struct {
	token.KeyStore
	gate
}

func (s *keyStore) Load(ctx context.Context) (r token.Records, err error) {
	err = s.call("Load", func() error { r, err = s.KeyStore.Load(ctx); return err })
	return r, err
}

// providerStore is a store of providers whose loads are behind a gate.
type providerStore struct {
	logins.Store
	gate
}

func (s *providerStore) Load(ctx context.Context) (all []logins.Provider, err error) {
	err = s.call("Load", func() error { all, err = s.Store.Load(ctx); return err })
	return all, err
}

// sealer opens keys behind a gate.
type sealer struct {
	token.Sealer
	gate
}

func (s *sealer) Open(ctx context.Context, purpose, id string, sealed []byte) (secret []byte, err error) {
	err = s.call("Open", func() error { secret, err = s.Sealer.Open(ctx, purpose, id, sealed); return err })
	return secret, err
}

// postbox takes requests for mails, behind a gate. Nobody mails.
type postbox struct {
	gate
	closed bool // no mails are sent
	asked  []mail.Request
}

// requests is what a function is given of it when it starts.
func (p *postbox) requests() mail.Requests {
	if p.closed {
		return nil
	}
	return p
}

func (p *postbox) Request(_ context.Context, r mail.Request) error {
	return p.call("Request", func() error { p.asked = append(p.asked, r); return nil })
}
