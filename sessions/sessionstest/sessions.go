package sessionstest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

func sessionRules() []rule[sessions.Store] {
	return []rule[sessions.Store]{
		{"no-clock", neverLooksAtAClock},
		{"giving-up-is-no-answer", givingUpIsNoAnswer},
		{"create", createAdds},
		{"create-taken", createRefusesTaken},
		{"get", getReturns},
		{"rotate", rotates},
		{"rotate-once", rotateOnce},
		{"rotate-keeps", rotateKeeps},
		{"revoke", revokeMarks},
		{"revoke-nothing", revokeOfNone},
		{"revoke-is-final", revokedStays},
		{"revoke-during-rotate", revokeDuringRotate},
		{"revoke-together", concurrentRevokes},
		{"list", listYieldsAll},
		{"list-of-others", listOfOthers},
		{"remove", removes},
		{"claims", setClaims},
	}
}

// neverLooksAtAClock uses a session that ended before this test was written.
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

// givingUpIsNoAnswer calls with a context that has ended. No store can answer
// then.
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
		"Create":        func() error { return st.Create(ctx, newSession(s.Tenant, s.User)) },
		"Get":           func() error { _, _, err := st.Get(ctx, h); return err },
		"Rotate":        func() error { _, _, err := st.Rotate(ctx, h, nextRotation(s, s.Created)); return err },
		"Revoke":        func() error { return st.Revoke(ctx, h, s.Created, "no") },
		"List":          func() error { return st.List(ctx, u, func(sessions.User, []sessions.Session) error { return nil }) },
		"Remove":        func() error { return st.Remove(ctx, sessions.NewHandle(u), sessions.Over{}) },
		"SetClaims":     func() error { return st.SetClaims(ctx, h, json.RawMessage(`{}`), 1) },
		"User":          func() error { _, err := st.User(ctx, u); return err },
		"Move":          func() error { _, _, err := st.Move(ctx, u, newMove()); return err },
		"Enable":        func() error { return st.Enable(ctx, u, 1) },
		"SetUserClaims": func() error { return st.SetUserClaims(ctx, u, json.RawMessage(`{}`), 0) },
		"Data":          func() error { _, err := st.Data(ctx, h); return err },
		"PutData":       func() error { return st.PutData(ctx, h, dataOf(1), s.Absolute) },
	}
}

func createAdds(t *testing.T, st sessions.Store) {
	s := newSession("public", somebody())
	create(t, st, s)
	same(t, get(t, st, s.Handle), s)

	bare := newSession("öffentlich", "\U0001f511 "+somebody())
	bare.Device, bare.Claims, bare.Epoch = "", []byte(`{}`), 0
	bare.Created = bare.Created.Add(123 * time.Millisecond)
	create(t, st, bare)
	same(t, get(t, st, bare.Handle), bare)
}

func createRefusesTaken(t *testing.T, st sessions.Store) {
	s := added(t, st)
	again := newSession(s.Tenant, s.User)
	again.Handle = s.Handle
	for range 2 {
		if err := st.Create(t.Context(), again); !errors.Is(err, sessions.ErrExists) {
			t.Errorf("Create over a %s session = %v, want ErrExists", s.State, err)
		}
		same(t, get(t, st, s.Handle), s)
		s = revoke(t, st, s)
	}
	next := newSession("public", somebody())
	winner := oneWins(t, 20, sessions.ErrExists, func(i int) error {
		mine := next
		mine.Device = fmt.Sprint(i)
		return st.Create(t.Context(), mine)
	})
	if got := get(t, st, next.Handle).Device; got != fmt.Sprint(winner) {
		t.Errorf("session is that of call %s, want %d", got, winner)
	}
}

// getReturns reads sessions in every state, each with its user.
func getReturns(t *testing.T, st sessions.Store) {
	s, expired := added(t, st), newSession("public", somebody())
	expired.Idle = expired.Created.Add(time.Millisecond)
	create(t, st, expired)
	for i, want := range []sessions.Session{s, revoke(t, st, added(t, st)), expired} {
		for range i {
			move(t, st, want.Handle.User(), newMove())
		}
		got, u, err := st.Get(t.Context(), want.Handle)
		if err != nil || u.Epoch != int64(i) {
			t.Errorf("Get = epoch %d, %v, want %d, nil", u.Epoch, err, i)
		}
		same(t, got, want)
	}
	for name, h := range map[string]sessions.Handle{
		"an unknown handle of a known user": sessions.NewHandle(s.Handle.User()),
		"an unknown user":                   sessions.NewHandle(sessions.KeyOf("public", somebody())),
		"the zero handle":                   {},
	} {
		if _, _, err := st.Get(t.Context(), h); !errors.Is(err, sessions.ErrNotFound) {
			t.Errorf("Get(%s) = %v, want ErrNotFound", name, err)
		}
	}
}

// rotationCase is a rotation at the edge of one of its conditions.
type rotationCase struct {
	name    string
	change  func(*sessions.Rotation, *sessions.Session)
	allowed bool
}

func rotationCases() []rotationCase {
	const ms = time.Millisecond
	type rot = *sessions.Rotation
	type ses = *sessions.Session
	return []rotationCase{
		{"the first", func(rot, ses) {}, true},
		{"the hundredth", func(r rot, s ses) { s.Generation, r.From, s.Rotated = 99, 99, s.Created }, true},
		{"a generation ahead", func(r rot, _ ses) { r.From++ }, false},
		{"a generation behind", func(_ rot, s ses) { s.Generation, s.Rotated = 1, s.Created }, false},
		{"another token", func(r rot, _ ses) { rand.Read(r.Hash[:]) }, false},
		{"just before the idle expiry", func(r rot, s ses) { s.Idle = r.Now.Add(ms) }, true},
		{"at the idle expiry", func(r rot, s ses) { s.Idle = r.Now }, false},
		{"just before the absolute expiry", func(r rot, s ses) { s.Absolute = r.Now.Add(ms) }, true},
		{"at the absolute expiry", func(r rot, s ses) { s.Absolute = r.Now }, false},
		{"rotated just long enough ago", func(r rot, s ses) { s.Rotated = r.RotatedBy }, true},
		{"rotated too recently", func(r rot, s ses) { s.Rotated = r.RotatedBy.Add(ms) }, false},
		{"created just late enough", func(r rot, s ses) { r.CreatedSince = s.Created }, true},
		{"created too early", func(r rot, s ses) { r.CreatedSince = s.Created.Add(ms) }, false},
		{"created whenever", func(r rot, _ ses) { r.CreatedSince = time.Time{} }, true},
		{"revoked", func(r rot, s ses) { s.State, s.RevokedAt, s.Reason = sessions.Revoked, r.Now, "over" }, false},
	}
}

func rotates(t *testing.T, st sessions.Store) {
	for _, c := range rotationCases() {
		want := newSession("public", somebody())
		r := nextRotation(want, want.Created.Add(time.Minute))
		c.change(&r, &want)
		create(t, st, want)
		allows := r.Allows(want)
		after, applied, err := st.Rotate(t.Context(), want.Handle, r)
		if err != nil || applied != c.allowed || allows != c.allowed {
			t.Errorf("Rotate(%s) = %t, %v, Allows = %t, want %t", c.name, applied, err, allows, c.allowed)
		}
		if c.allowed {
			want = r.Apply(want)
		}
		same(t, after, want)
		same(t, get(t, st, want.Handle), want)
	}
	s := newSession("public", somebody())
	if _, applied, err := st.Rotate(t.Context(), s.Handle, nextRotation(s, s.Created)); applied || !errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("Rotate(no session) = %t, %v, want false, ErrNotFound", applied, err)
	}
	isNot(t, st, s.Handle)
}

// isNot checks that there is no such session.
func isNot(t *testing.T, st sessions.Store, h sessions.Handle) {
	t.Helper()
	if _, _, err := st.Get(t.Context(), h); !errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("Get of no session = %v, want ErrNotFound", err)
	}
}

func rotateOnce(t *testing.T, st sessions.Store) {
	const callers = 200
	s := added(t, st)
	var winners atomic.Int32
	results := make([]sessions.Session, callers)
	together(callers, func(i int) {
		after, applied, err := st.Rotate(t.Context(), s.Handle, nextRotation(s, s.Created))
		if err != nil {
			t.Errorf("Rotate = %v, want nil", err)
		}
		if applied {
			winners.Add(1)
		}
		results[i] = after
	})
	if n := winners.Load(); n != 1 {
		t.Errorf("%d of %d rotations of one generation were applied, want 1", n, callers)
	}
	stored := get(t, st, s.Handle)
	for _, got := range results {
		same(t, got, stored)
	}
}

func rotateKeeps(t *testing.T, st sessions.Store) {
	s := added(t, st)
	putData(t, st, s.Handle, 1)
	if err := st.SetClaims(t.Context(), s.Handle, json.RawMessage(`{"a":2}`), s.ClaimsVersion); err != nil {
		t.Fatalf("SetClaims = %v, want nil", err)
	}
	after := rotated(t, st, s, s.Created)
	if string(after.Claims) != `{"a":2}` || after.ClaimsVersion != 2 || !after.Absolute.Equal(s.Absolute) || after.Epoch != s.Epoch {
		t.Errorf("after Rotate claims = %s, version %d, epoch %d, end %v", after.Claims, after.ClaimsVersion, after.Epoch, after.Absolute)
	}
	sameData(t, data(t, st, s.Handle), dataOf(1))
}

func revokeMarks(t *testing.T, st sessions.Store) {
	want := revoke(t, st, added(t, st))
	same(t, get(t, st, want.Handle), want)
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
	isNot(t, st, s.Handle)
	if n := len(listed(t, st, s.Handle.User())); n != 0 {
		t.Errorf("List after Revoke of no session has %d, want 0", n)
	}
}

func revokedStays(t *testing.T, st sessions.Store) {
	s := added(t, st)
	want := revoke(t, st, s)
	for name, call := range everyCall(t.Context(), st, s) {
		call() // Some of these calls fail, as they should.
		got := get(t, st, s.Handle)
		if got.State != sessions.Revoked {
			t.Errorf("state after %s = %s, want %s", name, got.State, sessions.Revoked)
		}
		want.Reason, want.RevokedAt = got.Reason, got.RevokedAt
		same(t, got, want)
	}
}

func revokeDuringRotate(t *testing.T, st sessions.Store) {
	for range 20 {
		s := added(t, st)
		together(4, func(i int) {
			var err error
			if i == 0 {
				err = st.Revoke(t.Context(), s.Handle, s.Created, "race")
			} else {
				_, _, err = st.Rotate(t.Context(), s.Handle, nextRotation(s, s.Created))
			}
			if err != nil {
				t.Errorf("call %d = %v, want nil", i, err)
			}
		})
		if got := get(t, st, s.Handle); got.State != sessions.Revoked || got.Reason != "race" {
			t.Fatalf("state after Revoke returned = %s, reason %q", got.State, got.Reason)
		}
	}
}

func concurrentRevokes(t *testing.T, st sessions.Store) {
	s := added(t, st)
	together(20, func(i int) {
		if err := st.Revoke(t.Context(), s.Handle, s.Created.AddDate(0, 0, i), fmt.Sprint(i)); err != nil {
			t.Errorf("Revoke = %v, want nil", err)
		}
	})
	got := get(t, st, s.Handle)
	if days := int(got.RevokedAt.Sub(s.Created).Hours() / 24); got.Reason != fmt.Sprint(days) {
		t.Errorf("reason of revocation %d is that of %s", days, got.Reason)
	}
}

// listed returns what a list yields.
func listed(t *testing.T, st sessions.Store, key sessions.UserKey) map[sessions.Handle]sessions.Session {
	t.Helper()
	all := make(map[sessions.Handle]sessions.Session)
	calls := 0
	err := st.List(t.Context(), key, func(u sessions.User, page []sessions.Session) error {
		calls++
		if want := user(t, st, key); u.Epoch != want.Epoch || u.Kept != want.Kept {
			t.Errorf("List yields the user at epoch %d, want %d", u.Epoch, want.Epoch)
		}
		for _, s := range page {
			if _, twice := all[s.Handle]; twice {
				t.Errorf("List yields %s twice", s)
			}
			all[s.Handle] = s
		}
		return nil
	})
	if err != nil || calls == 0 {
		t.Fatalf("List = %v after %d calls, want nil after one at least", err, calls)
	}
	return all
}

func listYieldsAll(t *testing.T, st sessions.Store) {
	const many = 220
	who := somebody()
	want := make([]sessions.Session, many)
	together(many, func(i int) {
		want[i] = newSession("public", who)
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
	for range 2 {
		got := listed(t, st, u)
		if len(got) != many {
			t.Fatalf("List has %d sessions, want %d", len(got), many)
		}
		for _, s := range want {
			same(t, got[s.Handle], s)
		}
		move(t, st, u, newMove()) // The second list already has a user.
	}
	enough, calls := errors.New("enough"), 0
	err := st.List(t.Context(), u, func(sessions.User, []sessions.Session) error { calls++; return enough })
	if !errors.Is(err, enough) || calls != 1 {
		t.Errorf("List with a yield that fails = %v after %d calls, want its error after 1", err, calls)
	}
}

func listOfOthers(t *testing.T, st sessions.Store) {
	who := somebody()
	mine := newSession("public", who)
	create(t, st, mine)
	create(t, st, newSession("public", who+"x"))
	create(t, st, newSession("publi", "c"+who))
	create(t, st, newSession("other", who))
	got := listed(t, st, mine.Handle.User())
	if _, found := got[mine.Handle]; !found || len(got) != 1 {
		t.Errorf("List has %d sessions, the user's own: %t, want only those", len(got), found)
	}
}

// removes asks for the removal of a live session, and of one session for each
// way in which a session can be over.
func removes(t *testing.T, st sessions.Store) {
	for _, c := range []struct {
		name   string
		change func(*sessions.Session, *sessions.Over)
		gone   bool
	}{
		{"live", func(*sessions.Session, *sessions.Over) {}, false},
		{"revoked", func(s *sessions.Session, _ *sessions.Over) { s.State, s.RevokedAt = sessions.Revoked, s.Created }, true},
		{"at its idle expiry", func(s *sessions.Session, o *sessions.Over) { o.Before = s.Idle }, false},
		{"past its idle expiry", func(s *sessions.Session, o *sessions.Over) { o.Before = s.Idle.Add(time.Millisecond) }, true},
		{"past its end", func(s *sessions.Session, o *sessions.Over) { s.Absolute, o.Before = s.Created, s.Created.Add(1e6) }, true},
		{"of the epoch", func(s *sessions.Session, o *sessions.Over) { o.Epoch = s.Epoch }, false},
		{"of an earlier epoch", func(s *sessions.Session, o *sessions.Over) { o.Epoch = s.Epoch + 1 }, true},
		{"of no epoch", func(s *sessions.Session, o *sessions.Over) { s.Epoch, o.Epoch = 0, 1 }, true},
	} {
		s := newSession("public", somebody())
		over := sessions.Over{Before: s.Created, Epoch: 0}
		c.change(&s, &over)
		create(t, st, s)
		putData(t, st, s.Handle, 1)
		if err := st.Remove(t.Context(), s.Handle, over); err != nil || over.Allows(s) != c.gone {
			t.Errorf("Remove(%s) = %v, Allows = %t, want nil, %t", c.name, err, over.Allows(s), c.gone)
		}
		_, _, err := st.Get(t.Context(), s.Handle)
		if d := data(t, st, s.Handle); errors.Is(err, sessions.ErrNotFound) != c.gone || (d.Version == 0) != c.gone {
			t.Errorf("after Remove(%s) Get = %v and data have version %d, want both gone: %t", c.name, err, d.Version, c.gone)
		}
	}
	if err := st.Remove(t.Context(), sessions.NewHandle(sessions.UserKey{}), sessions.Over{Epoch: 9}); err != nil {
		t.Errorf("Remove of nothing = %v, want nil", err)
	}
}

func setClaims(t *testing.T, st sessions.Store) {
	s := added(t, st)
	refused := func(want error, versions ...int64) {
		t.Helper()
		for _, version := range versions {
			if err := st.SetClaims(t.Context(), s.Handle, json.RawMessage(`{"no":1}`), version); !errors.Is(err, want) {
				t.Errorf("SetClaims at version %d of %d = %v, want %v", version, s.ClaimsVersion, err, want)
			}
		}
		same(t, get(t, st, s.Handle), s)
	}
	for _, claims := range []string{`{"a":1}`, `{"b":"ü","c":[1,2,{"d":null}]}`, `{}`} {
		refused(sessions.ErrConflict, s.ClaimsVersion-1, s.ClaimsVersion+1)
		if err := st.SetClaims(t.Context(), s.Handle, json.RawMessage(claims), s.ClaimsVersion); err != nil {
			t.Fatalf("SetClaims(%s) = %v, want nil", claims, err)
		}
		s.Claims, s.ClaimsVersion = json.RawMessage(claims), s.ClaimsVersion+1
		same(t, get(t, st, s.Handle), s)
	}
	winner := oneWins(t, 30, sessions.ErrConflict, func(i int) error {
		return st.SetClaims(t.Context(), s.Handle, json.RawMessage(fmt.Sprintf(`{"by":%d}`, i)), s.ClaimsVersion)
	})
	s.Claims, s.ClaimsVersion = json.RawMessage(fmt.Sprintf(`{"by":%d}`, winner)), s.ClaimsVersion+1
	s = revoke(t, st, s)
	refused(sessions.ErrNotFound, s.ClaimsVersion, s.ClaimsVersion+1)
	none := sessions.NewHandle(s.Handle.User())
	if err := st.SetClaims(t.Context(), none, json.RawMessage(`{}`), 1); !errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("SetClaims of no session = %v, want ErrNotFound", err)
	}
}

// oneWins runs n calls at once. One must succeed and all others must return
// refusal. It returns the number of the winner.
func oneWins(t *testing.T, n int, refusal error, call func(i int) error) int {
	t.Helper()
	var winners atomic.Int32
	var winner atomic.Int64
	together(n, func(i int) {
		switch err := call(i); {
		case err == nil:
			winners.Add(1)
			winner.Store(int64(i))
		case !errors.Is(err, refusal):
			t.Errorf("call %d = %v, want nil or %v", i, err, refusal)
		}
	})
	if got := winners.Load(); got != 1 {
		t.Fatalf("%d of %d calls succeeded, want 1", got, n)
	}
	return int(winner.Load())
}
