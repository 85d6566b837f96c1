package sessionstest

import (
	"errors"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

func sessionRules() []rule[sessions.Store] {
	return []rule[sessions.Store]{
		{"Create", "Create adds s.", createAdds},
		{"Create", "It returns ErrExists, and changes nothing, if the handle is taken, by a live session or by a revoked one.", createRefusesTaken},
		{"Get", "Get returns the session, live, revoked or expired.", getReturns},
		{"Get", "It returns ErrNotFound if there is none.", getOfNone},
		{"Get", "It returns ErrCorrupt if what is stored is not a whole session or is not the one the handle names.", getOfCorrupt},
	}
}

func createAdds(t *testing.T, st sessions.Store) {
	s := newSession("public", somebody())
	create(t, st, s)
	same(t, get(t, st, s.Handle), s)

	bare := newSession("öffentlich", "\U0001f511 "+somebody())
	bare.Device, bare.Claims = "", []byte(`{}`)
	bare.Created = bare.Created.Add(123 * time.Millisecond)
	create(t, st, bare)
	same(t, get(t, st, bare.Handle), bare)
}

func createRefusesTaken(t *testing.T, st sessions.Store) {
	s := added(t, st)
	again := newSession(s.Tenant, s.User)
	again.Handle = s.Handle
	refused := func(want sessions.Session) {
		t.Helper()
		if err := st.Create(t.Context(), again); !errors.Is(err, sessions.ErrExists) {
			t.Errorf("Create over a %s session = %v, want ErrExists", want.State, err)
		}
		same(t, get(t, st, s.Handle), want)
	}
	refused(s)
	refused(revoke(t, st, s))
}

func getReturns(t *testing.T, st sessions.Store) {
	s := added(t, st)
	same(t, get(t, st, s.Handle), s)
	s = revoke(t, st, s)
	same(t, get(t, st, s.Handle), s)
	expired := newSession("public", somebody())
	expired.Idle = expired.Created.Add(time.Millisecond)
	create(t, st, expired)
	same(t, get(t, st, expired.Handle), expired)
}

func getOfNone(t *testing.T, st sessions.Store) {
	s := added(t, st)
	for name, h := range map[string]sessions.Handle{
		"an unknown handle of a known user": sessions.NewHandle(s.Handle.User()),
		"an unknown user":                   sessions.NewHandle(sessions.KeyOf("public", somebody())),
		"the zero handle":                   {},
	} {
		if _, err := st.Get(t.Context(), h); !errors.Is(err, sessions.ErrNotFound) {
			t.Errorf("Get(%s) = %v, want ErrNotFound", name, err)
		}
	}
}

func getOfCorrupt(t *testing.T, st sessions.Store) {
	for name, spoil := range map[string]func(*sessions.Session){
		"another user":   func(s *sessions.Session) { s.User = "other" },
		"another tenant": func(s *sessions.Session) { s.Tenant = "other" },
		"no state":       func(s *sessions.Session) { s.State = "" },
		"a new state":    func(s *sessions.Session) { s.State = "paused" },
		"no claims":      func(s *sessions.Session) { s.Claims = []byte(`[]`) },
	} {
		s := newSession("public", somebody())
		spoil(&s)
		create(t, st, s)
		if _, err := st.Get(t.Context(), s.Handle); !errors.Is(err, sessions.ErrCorrupt) {
			t.Errorf("Get(session with %s) = %v, want ErrCorrupt", name, err)
		}
	}
}
