// Package sessionstest is the contract of the stores, as tests.
//
// [TestStore] and [TestKeyStore] have a subtest for each rule of the interfaces
// sessions.Store and token.KeyStore. [TestManager] shows that a Manager over
// the store keeps what package sessions promises: the refresh rules at the
// edges of their windows, the ways to end sessions, and the outcome of
// concurrent calls.
//
// A store passes by calling these from its own tests with a function that opens
// it. One store may be opened for many subtests, because every subtest uses its
// own users. Nothing here sleeps or reads the clock of the machine. So the
// store must not forget sessions that have expired by that clock.
package sessionstest

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// rule is one rule of a contract.
type rule[S any] struct {
	name  string
	holds func(t *testing.T, store S)
}

func check[S any](t *testing.T, open func(t *testing.T) S, rules []rule[S]) {
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) { r.holds(t, open(t)) })
	}
}

// TestStore checks that open returns a sessions.Store.
func TestStore(t *testing.T, open func(t *testing.T) sessions.Store) {
	check(t, open, slices.Concat(sessionRules(), userRules(), dataRules()))
}

// TestKeyStore checks that open returns a token.KeyStore. Unlike the other
// tests it needs an empty store each time.
func TestKeyStore(t *testing.T, open func(t *testing.T) token.KeyStore) {
	check(t, open, keyStoreRules())
}

// epochOfTests is when most tests begin. It can be any instant.
func epochOfTests() time.Time { return time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC) }

// somebody returns a user that no other test has.
func somebody() string { return "user-" + rand.Text() }

// newSession returns a session with every possible field set.
func newSession(tenant, user string) sessions.Session {
	created := epochOfTests()
	s := sessions.Session{
		Handle: sessions.NewHandle(sessions.KeyOf(tenant, user)),
		Tenant: tenant, User: user, RecipeUser: "recipe-" + user,
		Epoch: 7, State: sessions.Live, MACKey: "mac-1",
		Created: created, Idle: created.Add(time.Hour), Absolute: created.Add(24 * time.Hour),
		Claims: json.RawMessage(`{"role":"reader"}`), ClaimsVersion: 1, Device: "Tést/1.0",
	}
	rand.Read(s.Hash[:])
	return s
}

// nextRotation returns the rotation that s allows at now.
func nextRotation(s sessions.Session, now time.Time) sessions.Rotation {
	r := sessions.Rotation{
		From: s.Generation, Hash: s.Hash, MAC: "mac-2",
		Now: now, Idle: now.Add(time.Hour), RotatedBy: now, CreatedSince: s.Created,
	}
	rand.Read(r.Child[:])
	rand.Read(r.Salt[:])
	return r
}

// added creates a session of a new user.
func added(t *testing.T, st sessions.Store) sessions.Session {
	t.Helper()
	s := newSession("public", somebody())
	create(t, st, s)
	return s
}

func create(t *testing.T, st sessions.Store, s sessions.Session) {
	t.Helper()
	if err := st.Create(t.Context(), s); err != nil {
		t.Fatalf("Create(%s) = %v, want nil", s, err)
	}
}

func get(t *testing.T, st sessions.Store, h sessions.Handle) sessions.Session {
	t.Helper()
	s, _, err := st.Get(t.Context(), h)
	if err != nil {
		t.Fatalf("Get(%s) = %v, want nil", h, err)
	}
	return s
}

// rotated applies the rotation that s allows at now.
func rotated(t *testing.T, st sessions.Store, s sessions.Session, now time.Time) sessions.Session {
	t.Helper()
	s, applied, err := st.Rotate(t.Context(), s.Handle, nextRotation(s, now))
	if err != nil || !applied {
		t.Fatalf("Rotate(%s) = %t, %v, want true, nil", s, applied, err)
	}
	return s
}

// revoke marks s revoked and returns the revoked session.
func revoke(t *testing.T, st sessions.Store, s sessions.Session) sessions.Session {
	t.Helper()
	s.State, s.RevokedAt, s.Reason = sessions.Revoked, s.Created.Add(time.Minute), "signed out"
	if err := st.Revoke(t.Context(), s.Handle, s.RevokedAt, s.Reason); err != nil {
		t.Fatalf("Revoke(%s) = %v, want nil", s.Handle, err)
	}
	return s
}

// same reports the fields in which got differs from want. Equal instants in
// different time zones are the same.
func same(t *testing.T, got, want sessions.Session) {
	t.Helper()
	g, w := reflect.ValueOf(inUTC(got)), reflect.ValueOf(inUTC(want))
	var different []string
	for i := range g.NumField() {
		a, b := g.Field(i).Interface(), w.Field(i).Interface()
		if !reflect.DeepEqual(a, b) {
			different = append(different, fmt.Sprintf("%s %v, want %v", g.Type().Field(i).Name, a, b))
		}
	}
	if different != nil {
		t.Errorf("session has %s", strings.Join(different, "; "))
	}
}

func inUTC(s sessions.Session) sessions.Session {
	for _, at := range []*time.Time{&s.RevokedAt, &s.Created, &s.Rotated, &s.Idle, &s.Absolute} {
		*at = at.UTC()
	}
	return s
}

// together runs f(0) to f(n-1) at once and returns when all are done.
func together(n int, f func(i int)) {
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}
