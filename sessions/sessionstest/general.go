package sessionstest

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

func generalRules() []rule[sessions.Store] {
	return []rule[sessions.Store]{
		{"Store", "A store never looks at a clock and never deletes: it is told the time, and whether a session has expired is judged by its caller.", neverLooksAtAClock},
		{"Store", "Reads see every write that returned before they were called.", readsSeeWrites},
		{"Store", "Any error that is none of this package's means that the outcome is unknown.", givingUpIsNoAnswer},
	}
}

// neverLooksAtAClock uses a session that was over before this was written.
func neverLooksAtAClock(t *testing.T, st sessions.Store) {
	s := newSession("public", somebody())
	s.Created = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	s.Idle, s.Absolute = s.Created.Add(time.Hour), s.Created.Add(2*time.Hour)
	create(t, st, s)
	same(t, get(t, st, s.Handle), s)
	s = rotated(t, st, s, s.Created.Add(time.Minute))
	if err := st.SetClaims(t.Context(), s.Handle, json.RawMessage(`{"a":1}`), 1); err != nil {
		t.Errorf("SetClaims of a session past its expiry = %v, want nil", err)
	}
	if got := listed(t, st, s.Handle.User()); len(got) != 1 {
		t.Errorf("List has %d sessions past their expiry, want 1", len(got))
	}
}

func readsSeeWrites(t *testing.T, st sessions.Store) {
	s := added(t, st)
	u := s.Handle.User()
	for i := range int64(10) {
		s = rotated(t, st, s, s.Created.Add(time.Duration(i)*time.Second))
		same(t, get(t, st, s.Handle), s)
		other := newSession(s.Tenant, s.User)
		create(t, st, other)
		if n := len(listed(t, st, u)); n != int(i)+2 {
			t.Fatalf("List after %d more sessions has %d", i+1, n)
		}
		bump(t, st, u)
		if n := epoch(t, st, u); n != i+1 {
			t.Fatalf("Epoch after %d bumps = %d", i+1, n)
		}
		putData(t, st, s.Handle, i+1)
		if d := data(t, st, s.Handle); d.Version != i+1 {
			t.Fatalf("Data after write %d has version %d", i+1, d.Version)
		}
	}
}

// givingUpIsNoAnswer calls with a context that is over, which no store can
// answer for.
func givingUpIsNoAnswer(t *testing.T, st sessions.Store) {
	s := added(t, st)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range everyCall(ctx, st, s) {
		err := call()
		if err == nil {
			t.Errorf("%s with a cancelled context = nil, want an error", name)
		}
		for _, own := range []error{sessions.ErrNotFound, sessions.ErrExists, sessions.ErrConflict, sessions.ErrCorrupt} {
			if errors.Is(err, own) {
				t.Errorf("%s with a cancelled context = %v, which says what the outcome is", name, err)
			}
		}
	}
	same(t, get(t, st, s.Handle), s)
}

func everyCall(ctx context.Context, st sessions.Store, s sessions.Session) map[string]func() error {
	h, u := s.Handle, s.Handle.User()
	return map[string]func() error{
		"Create": func() error { return st.Create(ctx, newSession(s.Tenant, s.User)) },
		"Get":    func() error { _, err := st.Get(ctx, h); return err },
		"Rotate": func() error {
			_, _, err := st.Rotate(ctx, h, nextRotation(s, s.Created))
			return err
		},
		"Revoke":    func() error { return st.Revoke(ctx, h, s.Created, "no") },
		"List":      func() error { return st.List(ctx, u, func([]sessions.Session) error { return nil }) },
		"SetClaims": func() error { return st.SetClaims(ctx, h, json.RawMessage(`{}`), 1) },
		"Epoch":     func() error { _, err := st.Epoch(ctx, u); return err },
		"BumpEpoch": func() error { return st.BumpEpoch(ctx, u) },
		"Data":      func() error { _, err := st.Data(ctx, h); return err },
		"PutData": func() error {
			return st.PutData(ctx, h, sessions.Data{JSON: json.RawMessage(`{}`), Version: 1}, s.Absolute)
		},
	}
}
