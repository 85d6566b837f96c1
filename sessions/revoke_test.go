package sessions_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// TestRevokesSixteenAtOnce holds every revocation back until sixteen are under
// way: with fewer the call would never return, and more there must not be.
func TestRevokesSixteenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, token.EdDSA)
		handles := make([]sessions.Handle, 48)
		for i := range handles {
			handles[i] = sessions.NewHandle(sessions.KeyOf("public", "u"))
		}
		var underWay, most atomic.Int32
		full := make(chan struct{})
		s.store.Fail(func(string) error {
			n := underWay.Add(1)
			defer underWay.Add(-1)
			if n == 16 && most.Swap(16) < 16 {
				close(full)
			}
			<-full
			if n > 16 {
				t.Errorf("%d writes under way, want 16 at most", n)
			}
			return nil
		}, nil)
		must(t, s.m.RevokeMany(t.Context(), handles, "all"))
	})
}

// TestRevokeManyTriesAll fails one write: the others are made all the same,
// and the call says that it did not succeed.
func TestRevokeManyTriesAll(t *testing.T) {
	s := newStage(t, token.EdDSA)
	var grants []sessions.Grant
	var handles []sessions.Handle
	for range 3 {
		g := s.start(t, "u")
		grants, handles = append(grants, g), append(handles, g.Session.Handle)
	}
	s.inject(fault{at: 0})
	err := s.m.RevokeMany(t.Context(), handles, "all")
	s.store.Fail(nil, nil)
	if !errors.Is(err, sessions.ErrUnavailable) {
		t.Errorf("RevokeMany with one write lost = %v, want ErrUnavailable", err)
	}
	over := 0
	for _, g := range grants {
		if _, err := s.m.Check(t.Context(), g.Claims); errors.Is(err, sessions.ErrEnded) {
			over++
		}
	}
	if over != 2 {
		t.Errorf("%d of 3 sessions ended when one write was lost, want 2", over)
	}
	must(t, s.m.RevokeMany(t.Context(), handles, "all"))
}
