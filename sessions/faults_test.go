package sessions_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

var errStorage = errors.New("the storage is on fire")

// played is a stage with sessions in every state a call may meet.
type played struct {
	*stage
	user   string
	first  sessions.Grant // its refresh token was retired long ago
	second sessions.Grant // its refresh token was retired just now
	third  sessions.Grant // its refresh token is the current one
	epoch  sessions.Epoch
	told   sessions.Epoch // the same, from another process
	stale  sessions.Epoch // of another user, all of whose sessions were ended since
}

func play(t *testing.T) *played {
	t.Helper()
	s := newStage(t, token.EdDSA)
	p := &played{stage: s, user: "u", first: s.start(t, "u")}
	s.start(t, "u")
	s.start(t, "u")
	var err error
	p.second, err = s.m.Refresh(t.Context(), p.first.Refresh)
	must(t, err)
	s.now = s.now.Add(2 * time.Minute)
	p.third, err = s.m.Refresh(t.Context(), p.second.Refresh)
	must(t, err)
	p.epoch, err = s.m.Epoch(t.Context(), "public", "u")
	must(t, err)
	p.told, err = sessions.ParseEpoch("public", "u", sessions.User{}.EpochText(), s.now)
	must(t, err)
	p.stale, err = s.m.Epoch(t.Context(), "public", "other")
	must(t, err)
	must(t, s.m.RevokeAll(t.Context(), "public", "other", "out"))
	must(t, s.m.Disable(t.Context(), "public", "disabled", "out"))
	s.events = nil
	s.store.Take()
	return p
}

// operation is a call of the Manager. Its error is nil where the call did
// what it is for: for a stolen token, that is ending the session.
type operation struct {
	name string
	call func(ctx context.Context, p *played) error
}

func operations() []operation { return slices.Concat(signIns(), others()) }

func signIns() []operation {
	return []operation{
		{"Epoch", func(ctx context.Context, p *played) error { _, err := p.m.Epoch(ctx, "public", p.user); return err }},
		{"Start", func(ctx context.Context, p *played) error {
			return noTokens(p.m.Start(ctx, sessions.StartRequest{Epoch: p.epoch}))
		}},
		{"Start in place of another", func(ctx context.Context, p *played) error {
			return noTokens(p.m.Start(ctx, sessions.StartRequest{Epoch: p.epoch, Replaces: []sessions.Handle{p.first.Session.Handle}}))
		}},
		{"Start by a backend, with data", func(ctx context.Context, p *played) error {
			return noTokens(p.m.Start(ctx, sessions.StartRequest{Epoch: p.told, Data: json.RawMessage(`{"a":1}`)}))
		}},
		{"Start overtaken by a revoke-all", func(ctx context.Context, p *played) error {
			if err := noTokens(p.m.Start(ctx, sessions.StartRequest{Epoch: p.stale})); !errors.Is(err, sessions.ErrEpoch) {
				return fmt.Errorf("not overtaken: %w", err)
			}
			return nil
		}},
	}
}

func others() []operation {
	handle := func(p *played) sessions.Handle { return p.first.Session.Handle }
	empty := json.RawMessage(`{}`)
	return []operation{
		{"Refresh, current token", func(ctx context.Context, p *played) error { return noTokens(p.m.Refresh(ctx, p.third.Refresh)) }},
		{"Refresh, retired and current token", func(ctx context.Context, p *played) error {
			return noTokens(p.m.Refresh(ctx, p.second.Refresh, p.third.Refresh))
		}},
		{"Refresh, retired token", func(ctx context.Context, p *played) error { return noTokens(p.m.Refresh(ctx, p.second.Refresh)) }},
		{"Refresh, stolen token", func(ctx context.Context, p *played) error {
			if err := noTokens(p.m.Refresh(ctx, p.first.Refresh)); !errors.Is(err, sessions.ErrTheft) && !errors.Is(err, sessions.ErrEnded) {
				return err
			}
			return nil
		}},
		{"Token", func(ctx context.Context, p *played) error { return noTokens(p.m.Token(ctx, p.third.Session.Handle)) }},
		{"Check", func(ctx context.Context, p *played) error { _, err := p.m.Check(ctx, p.third.Claims); return err }},
		{"Info", func(ctx context.Context, p *played) error { _, err := p.m.Info(ctx, handle(p)); return err }},
		{"List", func(ctx context.Context, p *played) error { _, err := p.m.List(ctx, "public", p.user); return err }},
		{"Revoke", func(ctx context.Context, p *played) error { return p.m.Revoke(ctx, handle(p), "out") }},
		{"RevokeMany", func(ctx context.Context, p *played) error {
			return p.m.RevokeMany(ctx, []sessions.Handle{handle(p), handle(p)}, "out")
		}},
		{"RevokeAll", func(ctx context.Context, p *played) error { return p.m.RevokeAll(ctx, "public", p.user, "out") }},
		{"RevokeOthers", func(ctx context.Context, p *played) error { return p.m.RevokeOthers(ctx, handle(p), "out") }},
		{"Disable", func(ctx context.Context, p *played) error { return p.m.Disable(ctx, "public", p.user, "out") }},
		{"Dismiss", func(ctx context.Context, p *played) error { return p.m.Dismiss(ctx, "public", p.user, "out") }},
		{"Enable", func(ctx context.Context, p *played) error { return p.m.Enable(ctx, "public", "disabled") }},
		{"User", func(ctx context.Context, p *played) error { _, err := p.m.User(ctx, "public", p.user); return err }},
		{"MergeUserClaims", func(ctx context.Context, p *played) error {
			_, _, err := p.m.MergeUserClaims(ctx, "public", p.user, empty, nil)
			return err
		}},
		{"Data", func(ctx context.Context, p *played) error { _, err := p.m.Data(ctx, handle(p)); return err }},
		{"PutData", func(ctx context.Context, p *played) error {
			_, err := p.m.PutData(ctx, handle(p), empty, nil)
			return err
		}},
		{"MergeClaims", func(ctx context.Context, p *played) error {
			_, _, err := p.m.MergeClaims(ctx, handle(p), empty, nil)
			return err
		}},
	}
}

// noTokens returns the error of a call, and another if it came with tokens.
func noTokens(g sessions.Grant, err error) error {
	if err != nil && (g.Access != "" || g.Refresh != "") {
		return fmt.Errorf("tokens handed out beside an error: %s", err)
	}
	return err
}

// fault says where one storage call is lost.
type fault struct {
	at     int  // the number of the call, from 0
	answer bool // the call is applied and its answer is lost
	all    bool // every call from there on is lost
}

// inject makes the stage fail as the fault says, from its next call on.
func (s *stage) inject(f fault) {
	n := -1
	lose := func(string) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		n++
		if n == f.at || (f.all && n > f.at) {
			return errStorage
		}
		return nil
	}
	if f.answer {
		s.store.Fail(nil, lose)
	} else {
		s.store.Fail(lose, nil)
	}
}

// TestEveryStorageCallFails loses every storage call of every operation, its
// request or its answer, alone or with all that follow it.
func TestEveryStorageCallFails(t *testing.T) {
	for _, op := range operations() {
		p := play(t)
		if err := op.call(t.Context(), p); err != nil {
			t.Fatalf("%s = %v, want nil", op.name, err)
		}
		calls := 0
		for _, n := range p.store.Take() {
			calls += n
		}
		if calls == 0 {
			t.Errorf("%s asks nothing of the store", op.name)
		}
		for at := range calls {
			for _, f := range []fault{{at, false, false}, {at, true, false}, {at, false, true}, {at, true, true}} {
				failOnce(t, op, f)
			}
		}
	}
}

func failOnce(t *testing.T, op operation, f fault) {
	t.Helper()
	p := play(t)
	p.inject(f)
	err := op.call(t.Context(), p)
	p.store.Fail(nil, nil)
	if !errors.Is(err, sessions.ErrUnavailable) || !errors.Is(err, errStorage) {
		t.Errorf("%s, %+v = %v, want ErrUnavailable and its cause", op.name, f, err)
	}
	p.onlyWhatHappened(t, op, f)
	if err := op.call(t.Context(), p); err != nil {
		t.Errorf("%s again after %+v = %v, want nil", op.name, f, err)
	}
}

// onlyWhatHappened checks that no session was reported ended that is live.
func (p *played) onlyWhatHappened(t *testing.T, op operation, f fault) {
	t.Helper()
	for _, e := range p.events {
		switch e.Kind {
		case sessions.EventStarted, sessions.EventRefreshed, sessions.EventFresh, sessions.EventReissued, sessions.EventReplayed:
			t.Errorf("%s, %+v reports that a session was %s, and failed", op.name, f, e.Kind)
		default:
			s, _, err := p.store.Get(t.Context(), e.Handle)
			if err == nil && s.State != sessions.Revoked {
				t.Errorf("%s, %+v reports %s of a session that is %s", op.name, f, e.Kind, s.State)
			}
		}
	}
}

// TestCallerGivesUp checks that a context that is over ends every operation,
// and that the error says so.
func TestCallerGivesUp(t *testing.T) {
	for _, op := range operations() {
		p := play(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := op.call(ctx, p); !errors.Is(err, sessions.ErrUnavailable) || !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a cancelled context = %v, want ErrUnavailable for it", op.name, err)
		}
		if len(p.events) != 0 {
			t.Errorf("%s with a cancelled context reports %s", op.name, p.events[0].Kind)
		}
	}
}
