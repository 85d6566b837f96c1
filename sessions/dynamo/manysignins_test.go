//go:build dynamodb

package dynamo_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/test/proof"
)

// metered is a client that adds up the read units that DynamoDB bills, and the
// deletes that it is asked for.
type metered struct {
	dynamo.Client
	mu      sync.Mutex
	units   float64
	deletes int
}

func (c *metered) add(units *types.ConsumedCapacity, deletes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.deletes += deletes; units != nil {
		c.units += aws.ToFloat64(units.CapacityUnits)
	}
}

func (c *metered) taken() (units float64, deletes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	units, deletes, c.units, c.deletes = c.units, c.deletes, 0, 0
	return units, deletes
}

func (c *metered) GetItem(ctx context.Context, in *dynamodb.GetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	out, err := c.Client.GetItem(ctx, in, opts...)
	if err == nil {
		c.add(out.ConsumedCapacity, 0)
	}
	return out, err
}

func (c *metered) Query(ctx context.Context, in *dynamodb.QueryInput, opts ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	out, err := c.Client.Query(ctx, in, opts...)
	if err == nil {
		c.add(out.ConsumedCapacity, 0)
	}
	return out, err
}

func (c *metered) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	c.add(nil, 1)
	return c.Client.DeleteItem(ctx, in, opts...)
}

func newMetered(t *testing.T) (*world, *metered) {
	w := newWorld(t)
	m := &metered{Client: w.client}
	w.store = dynamo.New(m, w.table)
	w.manage(t)
	return w, m
}

// TestManySignIns: what a sign-in costs depends on the live sessions and on what
// ended in the last hour, not on how often the user signed in.
func TestManySignIns(t *testing.T) {
	w, m := newMetered(t)
	many := proof.Scale(230, 100_000)
	for range many {
		m.taken()
		w.signIn()
		w.now = w.now.Add(time.Minute)
	}
	if units, _ := m.taken(); units > 20 {
		t.Errorf("sign-in %d reads %v units, want 20 at most", many, units)
	} else {
		proof.Report(t, "read units of the last of many sign-ins", units)
	}
	if live, err := w.List(t.Context(), "public", "u"); err != nil || len(live) != 100 {
		t.Errorf("%d sessions live, %v, want 100", len(live), err)
	}
}

// TestManyEndedSessions lists where thousands of sessions ended long ago: each
// list is whole, removes a bounded number and so leaves less to the next.
func TestManyEndedSessions(t *testing.T) {
	w, m := newMetered(t)
	live := w.signIn()
	many := proof.Scale(450, 20_000)
	slots, wg := make(chan struct{}, 16), sync.WaitGroup{}
	for range many {
		s := live.Session
		s.Handle = sessions.NewHandle(s.Handle.User())
		s.State, s.RevokedAt = sessions.Revoked, s.Created
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := w.store.Create(t.Context(), s); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	w.now = w.now.Add(2 * time.Hour)
	longest, removed := time.Duration(0), 0
	for removed < many {
		began := time.Now()
		all, err := w.List(t.Context(), "public", "u")
		longest = max(longest, time.Since(began))
		_, deletes := m.taken()
		if err != nil || len(all) != 1 || deletes == 0 || deletes > 200 {
			t.Fatalf("List = %d sessions, %v, and makes %d deletes, want 1 and up to 200", len(all), err, deletes)
		}
		removed += deletes / 2
	}
	proof.Report(t, "longest list among ended sessions", longest.Round(time.Millisecond))
}
