package linearizable

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/latchkey-auth/latchkey/sessions"
)

// device is a session as its owner has it.
type device struct {
	session int
	handle  sessions.Handle
	access  string
	refresh [2]refreshToken // the last and the one before it
}

type refreshToken struct {
	raw        string
	generation uint32
}

// user is one user with several devices, and the history of all their calls.
type user struct {
	*stack
	id      string
	since   time.Time
	mu      sync.Mutex
	begun   int
	devices []*device
	history []porcupine.Operation
}

// live lets the clients of a user do what the schedule says, all at once, and
// looks at every session when all are done.
func (s *stack) live(ctx context.Context, id string, seed uint64) []porcupine.Operation {
	u := &user{stack: s, id: id, since: time.Now()}
	all := make([]client, clients)
	for i := range all {
		all[i] = client{user: u, number: i}
	}
	for _, r := range schedule(seed) {
		var wg sync.WaitGroup
		for i := range all {
			wg.Go(func() { all[i].follow(ctx, r.steps[i][:]) })
		}
		wg.Wait()
		s.clock.pass(r.passes)
	}
	u.lookAgain(ctx)
	return u.history
}

// lookAgain asks once more for every session, and then presents the token that
// is retired, long after it was.
func (u *user) lookAgain(ctx context.Context) {
	last := &client{user: u, number: clients}
	for _, d := range u.devices {
		last.authorize(ctx, u.instances[0], Write, d)
		last.refresh(ctx, u.instances[0], d, d.refresh[0])
	}
	u.clock.pass(5 * time.Minute)
	for _, d := range u.devices {
		last.refresh(ctx, u.instances[1], d, d.refresh[1])
		last.authorize(ctx, u.instances[1], Write, d)
	}
}

// record makes a call and notes when it began, when it ended and what came of
// it. Who is answered that it is unknown is not answered at all.
func (c *client) record(call Call, do func() Answer) Answer {
	began := time.Since(c.since).Nanoseconds()
	answer := do()
	ended := time.Since(c.since).Nanoseconds()
	if answer == Unknown {
		ended = Never
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.history = append(c.history, porcupine.Operation{
		ClientId: c.number, Input: call, Call: began, Output: answer, Return: ended,
	})
	return answer
}

// client does one thing after the other.
type client struct {
	*user
	number  int
	session int             // that it has begun to sign in to
	epoch   *sessions.Epoch // of that; nil if there is none
}

func (c *client) follow(ctx context.Context, steps []step) {
	for _, s := range steps {
		on, d := c.instances[s.instance], c.pick(s.pick)
		switch {
		case s.operation == Begin && c.epoch == nil:
			c.begin(ctx, on)
		case s.operation == Begin && s.replaces:
			c.start(ctx, on, d)
		case s.operation == Begin:
			c.start(ctx, on, nil)
		case s.operation == RevokeAll, s.operation == Disable, s.operation == Enable:
			c.ofUser(ctx, on, s.operation)
		case s.operation == Grant || s.operation == Take:
			// A change of claims whose answer was lost is made again: what others
			// change meanwhile must be something else.
			if c.number == 0 {
				c.ofUser(ctx, on, s.operation)
			}
		case d == nil:
			// Nobody is signed in yet.
		case s.operation == Revoke:
			c.record(Call{Operation: Revoke, Session: d.session}, func() Answer {
				return answerOf(on.Revoke(ctx, d.handle, "proof"))
			})
		case s.operation == Others:
			c.record(Call{Operation: Others, Session: d.session}, func() Answer {
				return answerOf(on.RevokeOthers(ctx, d.handle, "proof"))
			})
		case s.operation == Refresh:
			c.refresh(ctx, on, d, c.tokenOf(d, s.earlier))
		default:
			c.authorize(ctx, on, s.operation, d)
		}
	}
}

// ofUser makes a call that is about all sessions.
func (c *client) ofUser(ctx context.Context, on instance, operation Operation) {
	c.record(Call{Operation: operation, Session: Everybody}, func() Answer {
		var err error
		switch operation {
		case RevokeAll:
			err = on.RevokeAll(ctx, "public", c.id, "proof")
		case Disable:
			err = on.Disable(ctx, "public", c.id, "proof")
		case Enable:
			err = on.Enable(ctx, "public", c.id)
		case Grant:
			_, _, err = on.MergeUserClaims(ctx, "public", c.id, []byte(`{"st-role":{"v":["admin"],"t":1}}`), nil)
		case Take:
			_, _, err = on.MergeUserClaims(ctx, "public", c.id, []byte(`{"st-role":null}`), nil)
		}
		return answerOf(err)
	})
}

// pick returns one of the devices, nil if there is none.
func (u *user) pick(n int) *device {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.devices) == 0 {
		return nil
	}
	return u.devices[max(0, len(u.devices)-1-n)]
}

func answerOf(err error) Answer {
	switch {
	case err == nil:
		return Done
	case errors.Is(err, sessions.ErrEpoch), errors.Is(err, sessions.ErrEnded), errors.Is(err, sessions.ErrDisabled):
		return Refused
	case errors.Is(err, sessions.ErrStale), errors.Is(err, sessions.ErrTheft):
		return Reused
	}
	return Unknown
}

// begin reads the epoch. What the client does until it goes on with start is
// the time in which the credentials are checked.
func (c *client) begin(ctx context.Context, on instance) {
	c.mu.Lock()
	c.session = c.begun
	c.begun++
	c.mu.Unlock()
	c.record(Call{Operation: Begin, Session: c.session}, func() Answer {
		epoch, err := on.Epoch(ctx, "public", c.id)
		if err == nil {
			c.epoch = &epoch
		}
		return answerOf(err)
	})
}

// start ends the session of the device, if any: it came with the request.
func (c *client) start(ctx context.Context, on instance, replaces *device) {
	request := sessions.StartRequest{Epoch: *c.epoch}
	c.epoch = nil
	if replaces != nil {
		request.Replaces = []sessions.Handle{replaces.handle}
	}
	began := time.Since(c.since).Nanoseconds()
	var grant sessions.Grant
	answer := c.record(Call{Operation: Start, Session: c.session}, func() Answer {
		var err error
		grant, err = on.Start(ctx, request)
		return answerOf(err)
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	if replaces != nil && answer != Refused {
		revoked := c.history[len(c.history)-1]
		revoked.Input, revoked.Call, revoked.Output = Call{Operation: Revoke, Session: replaces.session}, began, answer
		c.history = append(c.history, revoked)
	}
	if answer == Done {
		c.devices = append(c.devices, &device{
			session: c.session, handle: grant.Session.Handle, access: grant.Access,
			refresh: [2]refreshToken{{raw: grant.Refresh}, {raw: grant.Refresh}},
		})
	}
}

func (c *client) authorize(ctx context.Context, on instance, operation Operation, d *device) {
	c.mu.Lock()
	access := d.access
	c.mu.Unlock()
	c.record(Call{Operation: operation, Session: d.session}, func() Answer {
		return on.ask(ctx, operation, access)
	})
}

func (c *client) tokenOf(d *device, earlier bool) refreshToken {
	c.mu.Lock()
	defer c.mu.Unlock()
	if earlier {
		return d.refresh[1]
	}
	return d.refresh[0]
}

func (c *client) refresh(ctx context.Context, on instance, d *device, present refreshToken) {
	var grant sessions.Grant
	c.record(Call{Refresh, d.session, present.generation}, func() Answer {
		var err error
		if grant, err = on.Refresh(ctx, present.raw); err != nil {
			return answerOf(err)
		}
		return Answer(fmt.Sprint(grant.Outcome))
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	if grant.Access != "" {
		d.access = grant.Access
	}
	if child := grant.Session.Generation; grant.Refresh != "" && child > d.refresh[0].generation {
		d.refresh = [2]refreshToken{{grant.Refresh, child}, d.refresh[0]}
	}
}
