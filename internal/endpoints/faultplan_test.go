package endpoints_test

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/latchkey-auth/latchkey/internal/awsclient"
)

var errDown = errors.New("table arn:aws:dynamodb:secret is not there")

// way is how a call to what a function stands on goes wrong.
type way string

// The ways a call can go wrong. Those that only DynamoDB has are in the
// network's test.
const (
	refused way = "refused"
	hung    way = "hung" // until the client of the store gives up
	lost    way = "lost" // applied, and the answer lost
)

// plan says which calls go wrong: those from number `from` on, counted from 0,
// as many as there are to be. It counts all.
type plan struct {
	way  way
	from int
	many int

	mu    sync.Mutex
	calls int
}

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

// call makes a call as the plan says.
func (p *plan) call(ctx context.Context, do func() error) error {
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
	}
	return do()
}
