package sessionstest

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/latchkey-auth/latchkey/sessions"
)

func userRules() []rule[sessions.Store] {
	return []rule[sessions.Store]{
		{"move", moves},
		{"move-once", movesOnce},
		{"move-keeping-one", movesKeeping},
		{"move-all-count", movesAllCount},
		{"enable", enables},
		{"user-claims", setUserClaims},
	}
}

// newMove returns a move that is unlike all others.
func newMove() sessions.Move {
	m := sessions.Move{At: epochOfTests(), Reason: "all"}
	rand.Read(m.Op[:])
	return m
}

// keeping returns a move that keeps the session.
func keeping(h sessions.Handle, from int64) sessions.Move {
	m := newMove()
	m.Keep, m.From = h, from
	return m
}

func user(t *testing.T, st sessions.Store, key sessions.UserKey) sessions.User {
	t.Helper()
	u, err := st.User(t.Context(), key)
	if err != nil {
		t.Fatalf("User = %v, want nil", err)
	}
	return inOrder(u)
}

// inOrder returns the user in a form that can be compared.
func inOrder(u sessions.User) sessions.User {
	u.Moved = u.Moved.UTC()
	return u
}

// move makes a move and checks that the outcome is that of its Allows and
// Apply.
func move(t *testing.T, st sessions.Store, key sessions.UserKey, m sessions.Move) sessions.User {
	t.Helper()
	want := user(t, st, key)
	allowed := m.Allows(want)
	if allowed {
		want = m.Apply(want)
	}
	got, moved, err := st.Move(t.Context(), key, m)
	if err != nil || moved != allowed || !reflect.DeepEqual(inOrder(got), want) {
		t.Fatalf("Move(%+v) = %+v, %t, %v, want %+v, %t, nil", m, got, moved, err, want, allowed)
	}
	if stored := user(t, st, key); !reflect.DeepEqual(stored, want) {
		t.Fatalf("User after a move = %+v, want %+v", stored, want)
	}
	return want
}

// moves makes every kind of move. The session, and a user with the same name in
// another tenant, must stay as they are.
func moves(t *testing.T, st sessions.Store) {
	s := added(t, st)
	key := s.Handle.User()
	if u := user(t, st, key); !reflect.DeepEqual(u, sessions.User{}) {
		t.Errorf("User never seen = %+v, want the zero User", u)
	}
	if err := st.SetUserClaims(t.Context(), key, json.RawMessage(`{"a":1}`), 0); err != nil {
		t.Fatalf("SetUserClaims = %v, want nil", err)
	}
	disable, empty := newMove(), newMove()
	disable.Disable, empty.Empty = true, true
	for i, m := range []sessions.Move{keeping(s.Handle, 0), newMove(), keeping(s.Handle, 2), disable, empty} {
		if u := move(t, st, key, m); u.Epoch != int64(i)+1 || (u.Kept != sessions.Handle{}) != (m.Keep != sessions.Handle{}) {
			t.Errorf("move %d leaves epoch %d, kept %v", i, u.Epoch, u.Kept)
		}
	}
	if u := user(t, st, key); !u.Disabled || u.ClaimsVersion != 2 || string(u.Claims) != `{}` {
		t.Errorf("User = %+v, want the user disabled with empty claims of version 2", u)
	}
	if u := user(t, st, sessions.KeyOf("other", s.User)); u.Epoch != 0 {
		t.Errorf("the namesake in another tenant has epoch %d, want 0", u.Epoch)
	}
	same(t, get(t, st, s.Handle), s)
}

func movesOnce(t *testing.T, st sessions.Store) {
	key, m := sessions.KeyOf("public", somebody()), newMove()
	for range 3 {
		if u := move(t, st, key, m); u.Epoch != 1 {
			t.Errorf("epoch after one move that is repeated = %d, want 1", u.Epoch)
		}
	}
	// A move that keeps a session does not hide the move before it.
	move(t, st, key, keeping(sessions.NewHandle(key), 1))
	if u := move(t, st, key, m); u.Epoch != 2 || u.Kept == (sessions.Handle{}) {
		t.Errorf("a late repetition leaves epoch %d, kept %v, want 2 and what was kept", u.Epoch, u.Kept)
	}
}

func movesKeeping(t *testing.T, st sessions.Store) {
	key := sessions.KeyOf("public", somebody())
	h := sessions.NewHandle(key)
	move(t, st, key, keeping(h, 1))
	winner := oneWins(t, 20, errLost, func(i int) error {
		m := keeping(h, 0)
		m.Reason = fmt.Sprint(i)
		_, moved, err := st.Move(t.Context(), key, m)
		if err == nil && !moved {
			return errLost
		}
		return err
	})
	if u := user(t, st, key); u.Epoch != 1 || u.Kept != h || u.Reason != fmt.Sprint(winner) {
		t.Errorf("User = %+v, want epoch 1 by call %d", u, winner)
	}
	for _, from := range []int64{0, 2} {
		move(t, st, key, keeping(h, from))
	}
}

func movesAllCount(t *testing.T, st sessions.Store) {
	const callers = 50
	key := sessions.KeyOf("public", somebody())
	together(callers, func(int) {
		if _, moved, err := st.Move(t.Context(), key, newMove()); err != nil || !moved {
			t.Errorf("Move = %t, %v, want true, nil", moved, err)
		}
	})
	if u := user(t, st, key); u.Epoch != callers {
		t.Errorf("epoch after %d concurrent moves = %d", callers, u.Epoch)
	}
}

func enables(t *testing.T, st sessions.Store) {
	key := sessions.KeyOf("public", somebody())
	enable := func(epoch int64, want error) {
		t.Helper()
		if err := st.Enable(t.Context(), key, epoch); !errors.Is(err, want) {
			t.Errorf("Enable at epoch %d = %v, want %v", epoch, err, want)
		}
	}
	enable(0, sessions.ErrConflict)
	move(t, st, key, newMove())
	enable(1, sessions.ErrConflict)
	m := newMove()
	m.Disable = true
	want := move(t, st, key, m)
	enable(1, sessions.ErrConflict)
	enable(2, nil)
	want.Disabled = false
	if u := user(t, st, key); !reflect.DeepEqual(u, want) {
		t.Errorf("User = %+v, want %+v", u, want)
	}
	enable(2, sessions.ErrConflict)
}

func setUserClaims(t *testing.T, st sessions.Store) {
	key := sessions.KeyOf("public", somebody())
	for version := int64(0); version < 4; version++ {
		if version == 2 {
			move(t, st, key, newMove()) // The epoch and the claims are independent.
		}
		before := user(t, st, key)
		for _, other := range []int64{version - 1, version + 1} {
			if err := st.SetUserClaims(t.Context(), key, json.RawMessage(`{"no":1}`), other); !errors.Is(err, sessions.ErrConflict) {
				t.Errorf("SetUserClaims at version %d of %d = %v, want ErrConflict", other, version, err)
			}
		}
		winner := oneWins(t, 10, sessions.ErrConflict, func(i int) error {
			return st.SetUserClaims(t.Context(), key, json.RawMessage(fmt.Sprintf(`{"by":%d}`, i)), version)
		})
		before.Claims, before.ClaimsVersion = json.RawMessage(fmt.Sprintf(`{"by":%d}`, winner)), version+1
		if u := user(t, st, key); !reflect.DeepEqual(u, before) {
			t.Errorf("User = %+v, want %+v", u, before)
		}
	}
}
