package sessionstest

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

func rotateRules() []rule[sessions.Store] {
	return []rule[sessions.Store]{
		{"Rotate", "Rotate applies r if r.Allows the stored session, in one atomic step, and returns the session after it and true.", rotateApplies},
		{"Rotate", "Otherwise it changes nothing and returns the session as it is and false.", rotateRefuses},
		{"Rotate", "It returns ErrNotFound if there is none.", rotateOfNone},
		{"Rotate", "Of concurrent rotations of one generation at most one is applied.", rotateOnce},
		{"Rotate", "It changes neither claims nor data nor the absolute expiry.", rotateKeeps},
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

// rotateCase puts the session of the case and rotates it.
func rotateCase(t *testing.T, st sessions.Store, c rotationCase) (before, after sessions.Session, r sessions.Rotation, applied bool) {
	t.Helper()
	before = newSession("public", somebody())
	r = nextRotation(before, before.Created.Add(time.Minute))
	c.change(&r, &before)
	create(t, st, before)
	after, applied, err := st.Rotate(t.Context(), before.Handle, r)
	if err != nil {
		t.Fatalf("Rotate(%s) = %v, want nil", c.name, err)
	}
	return before, after, r, applied
}

func rotateApplies(t *testing.T, st sessions.Store) {
	for _, c := range rotationCases() {
		if !c.allowed {
			continue
		}
		before, after, r, applied := rotateCase(t, st, c)
		if !applied || !r.Allows(before) {
			t.Errorf("Rotate(%s) = %t, Allows = %t, want true, true", c.name, applied, r.Allows(before))
		}
		same(t, after, r.Apply(before))
		same(t, get(t, st, before.Handle), r.Apply(before))
	}
}

func rotateRefuses(t *testing.T, st sessions.Store) {
	for _, c := range rotationCases() {
		if c.allowed {
			continue
		}
		before, after, r, applied := rotateCase(t, st, c)
		if applied || r.Allows(before) {
			t.Errorf("Rotate(%s) = %t, Allows = %t, want false, false", c.name, applied, r.Allows(before))
		}
		same(t, after, before)
		same(t, get(t, st, before.Handle), before)
	}
}

func rotateOfNone(t *testing.T, st sessions.Store) {
	s := newSession("public", somebody())
	if _, applied, err := st.Rotate(t.Context(), s.Handle, nextRotation(s, s.Created)); applied || !errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("Rotate(no session) = %t, %v, want false, ErrNotFound", applied, err)
	}
	if _, err := st.Get(t.Context(), s.Handle); !errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("Get after Rotate of no session = %v, want ErrNotFound", err)
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
	kept := data(t, st, s.Handle)
	claims := json.RawMessage(`{"role":"writer"}`)
	if err := st.SetClaims(t.Context(), s.Handle, claims, s.ClaimsVersion); err != nil {
		t.Fatalf("SetClaims = %v, want nil", err)
	}
	after := rotated(t, st, s, s.Created)
	if string(after.Claims) != string(claims) || after.ClaimsVersion != 2 {
		t.Errorf("claims after Rotate = %s, version %d, want %s, 2", after.Claims, after.ClaimsVersion, claims)
	}
	if !after.Absolute.Equal(s.Absolute) {
		t.Errorf("absolute expiry after Rotate = %v, want %v", after.Absolute, s.Absolute)
	}
	sameData(t, data(t, st, s.Handle), kept)
}
