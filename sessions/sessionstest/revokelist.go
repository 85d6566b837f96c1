package sessionstest

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

func revokeRules() []rule[sessions.Store] {
	return []rule[sessions.Store]{
		{"Revoke", "Revoke marks the session revoked.", revokeMarks},
		{"Revoke", "Revoking again keeps the first time and reason.", revokeKeepsFirst},
		{"Revoke", "Revoking what is not there is no error and creates nothing.", revokeOfNone},
		{"Revoke", "No other call makes a revoked session live again.", revokedStays},
	}
}

func revokeMarks(t *testing.T, st sessions.Store) {
	s := added(t, st)
	want := revoke(t, st, s)
	same(t, get(t, st, s.Handle), want)
}

func revokeKeepsFirst(t *testing.T, st sessions.Store) {
	want := revoke(t, st, added(t, st))
	if err := st.Revoke(t.Context(), want.Handle, want.RevokedAt.Add(time.Hour), "another reason"); err != nil {
		t.Errorf("Revoke again = %v, want nil", err)
	}
	same(t, get(t, st, want.Handle), want)
}

func revokeOfNone(t *testing.T, st sessions.Store) {
	s := newSession("public", somebody())
	if err := st.Revoke(t.Context(), s.Handle, s.Created, "gone"); err != nil {
		t.Errorf("Revoke(no session) = %v, want nil", err)
	}
	if _, err := st.Get(t.Context(), s.Handle); !errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("Get after Revoke of no session = %v, want ErrNotFound", err)
	}
	if n := len(listed(t, st, s.Handle.User())); n != 0 {
		t.Errorf("List after Revoke of no session has %d, want 0", n)
	}
}

func revokedStays(t *testing.T, st sessions.Store) {
	s := added(t, st)
	want := revoke(t, st, s)
	for name, call := range everyCall(t.Context(), st, s) {
		call() // Some of these fail, as they should.
		got := get(t, st, s.Handle)
		if got.State != sessions.Revoked {
			t.Errorf("state after %s = %s, want %s", name, got.State, sessions.Revoked)
		}
		want.Reason, want.RevokedAt = got.Reason, got.RevokedAt
		same(t, got, want)
	}
}

func listRules() []rule[sessions.Store] {
	return []rule[sessions.Store]{
		{"List", "List calls yield with every session of the user, revoked and expired ones included, page by page in no particular order, until yield returns an error, which List returns.", listYieldsAll},
		{"List", "Sessions of other users and tenants are never among them.", listOfOthers},
	}
}

func listed(t *testing.T, st sessions.Store, u sessions.UserKey) map[sessions.Handle]sessions.Session {
	t.Helper()
	all := make(map[sessions.Handle]sessions.Session)
	err := st.List(t.Context(), u, func(page []sessions.Session) error {
		for _, s := range page {
			if _, twice := all[s.Handle]; twice {
				t.Errorf("List yields %s twice", s)
			}
			all[s.Handle] = s
		}
		return nil
	})
	if err != nil {
		t.Fatalf("List = %v, want nil", err)
	}
	return all
}

func listYieldsAll(t *testing.T, st sessions.Store) {
	const many = 120
	user := somebody()
	want := make([]sessions.Session, many)
	together(many, func(i int) {
		want[i] = newSession("public", user)
		if i%3 == 1 {
			want[i].Idle = want[i].Created
		}
		if err := st.Create(t.Context(), want[i]); err != nil {
			t.Errorf("Create = %v, want nil", err)
		}
	})
	want[0] = revoke(t, st, want[0])
	putData(t, st, want[0].Handle, 1)
	u := want[0].Handle.User()
	bump(t, st, u)
	got := listed(t, st, u)
	if len(got) != many {
		t.Fatalf("List has %d sessions, want %d", len(got), many)
	}
	for _, s := range want {
		same(t, got[s.Handle], s)
	}
	enough, calls := errors.New("enough"), 0
	err := st.List(t.Context(), u, func([]sessions.Session) error { calls++; return enough })
	if !errors.Is(err, enough) || calls != 1 {
		t.Errorf("List with a yield that fails = %v after %d calls, want its error after 1", err, calls)
	}
}

func listOfOthers(t *testing.T, st sessions.Store) {
	user := somebody()
	mine := newSession("public", user)
	create(t, st, mine)
	create(t, st, newSession("public", user+"x"))
	create(t, st, newSession("publi", "c"+user))
	create(t, st, newSession("other", user))
	got := listed(t, st, mine.Handle.User())
	if _, found := got[mine.Handle]; !found || len(got) != 1 {
		t.Errorf("List has %d sessions, the user's own: %t, want only his own", len(got), found)
	}
}

func claimsRules() []rule[sessions.Store] {
	return []rule[sessions.Store]{
		{"SetClaims", "SetClaims replaces the claims and adds one to their version, if the session is live and their version is the given one.", setClaimsReplaces},
		{"SetClaims", "It returns ErrNotFound if there is no live session, and ErrConflict, changing nothing, if the version is another.", setClaimsRefuses},
	}
}

func setClaimsReplaces(t *testing.T, st sessions.Store) {
	s := added(t, st)
	for _, claims := range []string{`{"a":1}`, `{"b":"ü","c":[1,2,{"d":null}]}`, `{}`} {
		if err := st.SetClaims(t.Context(), s.Handle, json.RawMessage(claims), s.ClaimsVersion); err != nil {
			t.Fatalf("SetClaims(%s) = %v, want nil", claims, err)
		}
		s.Claims, s.ClaimsVersion = json.RawMessage(claims), s.ClaimsVersion+1
		same(t, get(t, st, s.Handle), s)
	}
}

func setClaimsRefuses(t *testing.T, st sessions.Store) {
	claims := json.RawMessage(`{"role":"admin"}`)
	s := added(t, st)
	for _, version := range []int64{-1, 0, 2} {
		if err := st.SetClaims(t.Context(), s.Handle, claims, version); !errors.Is(err, sessions.ErrConflict) {
			t.Errorf("SetClaims at version %d of 1 = %v, want ErrConflict", version, err)
		}
	}
	same(t, get(t, st, s.Handle), s)
	s = revoke(t, st, s)
	for _, version := range []int64{1, 2} {
		if err := st.SetClaims(t.Context(), s.Handle, claims, version); !errors.Is(err, sessions.ErrNotFound) {
			t.Errorf("SetClaims of a revoked session = %v, want ErrNotFound", err)
		}
	}
	same(t, get(t, st, s.Handle), s)
	none := sessions.NewHandle(s.Handle.User())
	if err := st.SetClaims(t.Context(), none, claims, 1); !errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("SetClaims of no session = %v, want ErrNotFound", err)
	}
}
