//go:build dynamodb

// Package crash_test kills the local run at every moment, and looks at what is
// left after the next start.
package crash_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/latchkey-auth/latchkey/test/dynamolocal"
	"github.com/latchkey-auth/latchkey/test/localrun"
	"github.com/latchkey-auth/latchkey/test/proof"
)

// The process is killed while users sign up, sign in, read, write, refresh,
// store data and revoke: at a change in DynamoDB chosen at random, before it
// arrives, when it was made and not answered, or when it was answered, or when
// a user has just been told; and so at any moment of what the others do. After
// the next start everything that was acknowledged is there. What was not
// acknowledged is asked for again and succeeds, so nobody is locked out.
func TestKilledUnderLoad(t *testing.T) {
	const users, longestLife = 4, 6 // in promises of one kind
	random := randomFor(t)
	tables := newTables(t, localrun.Build(t))
	var people []*actor
	for range users {
		people = append(people, newActor(random))
	}
	// Some 800 users sign up in the long size: the example has room for the
	// notes of 1,000.
	kills := proof.Scale(8, 300)
	for range kills {
		l := tables.live(t)
		each(t, people, func(p *actor) error { return p.check(l.from(p.source)) })
		l.db.arm(1+random.IntN(longestLife), anyPromise(random), anyMoment(random))
		each(t, people, func(p *actor) error { return p.load(l.from(p.source)) })
		l.end()
		if t.Failed() {
			t.Fatalf("the process printed:\n%s", l.Stderr)
		}
	}
	l := tables.live(t)
	defer l.end()
	each(t, people, func(p *actor) error { return p.checkAll(l.from(p.source)) })
	report(t, kills, people)
}

func report(t *testing.T, kills int, people []*actor) {
	var sum tally
	for _, p := range people {
		sum.add(p.tally)
	}
	if slices.Contains([]int{sum.signedUp, sum.stored, sum.refreshed, sum.revoked, sum.lost}, 0) {
		t.Errorf("the load was %+v, want some of each", sum)
	}
	proof.Report(t, "times killed", kills)
	proof.Report(t, "acknowledged, and there afterwards", sum)
}

// Killed at any change that it makes in an empty DynamoDB, be it amid its
// tables or its keys, the next start makes what is missing and serves.
func TestKilledWhileStarting(t *testing.T) {
	random := randomFor(t)
	binary := localrun.Build(t)
	l := newTables(t, binary).live(t)
	changes := l.db.changed()
	l.end()
	for n := range changes {
		if !proof.Long() && random.IntN(changes) >= 3 {
			continue // about three of them
		}
		tables := newTables(t, binary)
		tables.killAt(t, n+1, moment(random.IntN(int(acknowledged))))
		l := tables.live(t)
		p := newActor(random)
		if err := p.checkAll(l.from(p.source)); err != nil {
			t.Errorf("killed at change %d of its start, and started again: %v", n+1, err)
		}
		l.end()
	}
	proof.Report(t, "changes in DynamoDB of a first start", changes)
}

// each lets all users act at once, and reports what they find wrong.
func each(t *testing.T, people []*actor, act func(*actor) error) {
	t.Helper()
	var acting sync.WaitGroup
	for _, p := range people {
		acting.Go(func() {
			if err := act(p); err != nil {
				t.Errorf("user %s: %v", p.email, err)
			}
		})
	}
	acting.Wait()
}

// randomFor returns the source of a test's choices. How the requests of several
// users interleave is not among them.
func randomFor(t *testing.T) *rand.Rand {
	t.Helper()
	return rand.New(rand.NewPCG(proof.Seed(t), 0))
}

// newTables returns tables that nobody else uses, none of them created yet.
func newTables(t *testing.T, binary string) *ownTables {
	t.Helper()
	return &ownTables{binary: binary, engine: dynamolocal.Endpoint(t), prefix: "crash-" + strconv.FormatUint(rand.Uint64(), 36) + "-"}
}
