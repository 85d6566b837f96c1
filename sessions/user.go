package sessions

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"time"
)

// User is what is kept of a user beside the sessions. The zero User is one of
// whom nothing was ever written.
//
// A session lives only while its epoch is the user's, or it is the one that
// was kept. So all sessions of a user end by one write, however many they are.
type User struct {
	Epoch    int64     // how often all sessions were ended
	Moved    time.Time // when that was last; zero: never
	Reason   string    // why
	Kept     Handle    // the session that outlived it; zero: none
	Op       [16]byte  // of the last move that kept none; see Move
	Disabled bool      // no session lives, and none is started

	Claims        json.RawMessage // the user's layer of claims: a JSON object; nil where none were ever set
	ClaimsVersion int64           // counts changes of Claims, and never goes back; 0 before the first
}

// Admits reports whether the session may live by what is kept of its user.
func (u User) Admits(s Session) bool {
	return !u.Disabled && (s.Epoch == u.Epoch || s.Handle == u.Kept)
}

// Move ends all sessions of a user: it adds one to the epoch.
type Move struct {
	Op     [16]byte // random: a move that is repeated, at once or late, is made once
	At     time.Time
	Reason string

	Keep Handle // the session that lives on; zero: none
	From int64  // with Keep: the epoch by which that session was found live

	Disable bool // the user may start no sessions any more
	Empty   bool // the user's claims are emptied
}

// Allows reports whether m may be applied to u: once only, or, where it keeps
// a session, if the epoch is still the one by which that session lived. It is
// the meaning of the condition that a store puts on its write.
func (m Move) Allows(u User) bool {
	if m.Keep != (Handle{}) {
		return u.Epoch == m.From
	}
	return u.Op != m.Op
}

// Apply returns u after the move. A move that keeps a session leaves Op as it
// is: its own repetition is stopped by the epoch, and a late one of the move
// before it by the Op of that.
func (m Move) Apply(u User) User {
	u.Epoch, u.Moved, u.Reason, u.Kept = u.Epoch+1, m.At, m.Reason, m.Keep
	if m.Keep == (Handle{}) {
		u.Op = m.Op
	}
	u.Disabled = u.Disabled || m.Disable
	if m.Empty {
		u.Claims, u.ClaimsVersion = json.RawMessage(noClaims), u.ClaimsVersion+1
	}
	return u
}

// User returns what is kept of the user.
func (m *Manager) User(ctx context.Context, tenant, user string) (User, error) {
	u, err := m.store.User(ctx, KeyOf(tenant, user))
	if err != nil {
		return User{}, storage("reading the user", err)
	}
	return u, nil
}

// RevokeAll ends every session of the user, those being started at this moment
// included, by one write. After any error the call may be repeated.
func (m *Manager) RevokeAll(ctx context.Context, tenant, user, reason string) error {
	return m.end(ctx, tenant, user, EventAllRevoked, m.move(reason))
}

// Disable is RevokeAll, and no session is started until Enable.
func (m *Manager) Disable(ctx context.Context, tenant, user, reason string) error {
	move := m.move(reason)
	move.Disable = true
	return m.end(ctx, tenant, user, EventDisabled, move)
}

// Dismiss is RevokeAll, and empties the user's claims. Who deletes a user calls
// it first, and RevokeAll last: a sign-in that was under way in between has no
// session that lives.
func (m *Manager) Dismiss(ctx context.Context, tenant, user, reason string) error {
	move := m.move(reason)
	move.Empty = true
	return m.end(ctx, tenant, user, EventAllRevoked, move)
}

// end makes a move. One that is refused was made before: by an attempt whose
// answer was lost.
func (m *Manager) end(ctx context.Context, tenant, user string, kind EventKind, move Move) error {
	if _, _, err := m.store.Move(ctx, KeyOf(tenant, user), move); err != nil {
		return storage("ending all sessions", err)
	}
	m.tell(ctx, kind, Session{Tenant: tenant, User: user}, move.Reason)
	return nil
}

// RevokeOthers ends every session of the user but the one to keep, by one read
// and one write. It returns ErrEnded, and ends nothing, if that one is over. A
// sign-in under way fails as well: the password it was made with may be the
// reason for the call.
func (m *Manager) RevokeOthers(ctx context.Context, keep Handle, reason string) error {
	l, err := m.live(ctx, keep)
	if errors.Is(err, ErrNotFound) {
		return ErrEnded
	}
	if err != nil {
		return err
	}
	move := m.move(reason)
	move.Keep, move.From = keep, l.Owner.Epoch
	u, moved, err := m.store.Move(ctx, keep.User(), move)
	switch {
	case err != nil:
		return storage("ending all others", err)
	case moved, u.Kept == keep && u.Epoch > move.From: // made, by this attempt or by one whose answer was lost
		m.tell(ctx, EventAllRevoked, l.Session, move.Reason)
		return nil
	case u.Epoch <= move.From:
		return unavailable("ending all others", errBehind)
	default: // ended by somebody since it was read
		return ErrEnded
	}
}

// Enable lets a user who was disabled start sessions again. Those that were
// ended stay ended. It returns ErrConflict if the user was disabled once more
// meanwhile.
func (m *Manager) Enable(ctx context.Context, tenant, user string) error {
	u, err := m.User(ctx, tenant, user)
	if err != nil || !u.Disabled {
		return err
	}
	err = m.store.Enable(ctx, KeyOf(tenant, user), u.Epoch)
	if errors.Is(err, ErrConflict) {
		// The answer to an earlier attempt may have been lost.
		if u, err := m.User(ctx, tenant, user); err != nil || !u.Disabled {
			return err
		}
	}
	if err != nil {
		return storage("enabling", err)
	}
	m.tell(ctx, EventEnabled, Session{Tenant: tenant, User: user}, "")
	return nil
}

// move returns a move for the reason.
func (m *Manager) move(reason string) Move {
	move := Move{At: moment(m.cfg.Now), Reason: label(reason, maxReason)}
	rand.Read(move.Op[:])
	return move
}
