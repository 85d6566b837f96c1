package sessions

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"time"
)

// User is what is stored about a user besides the sessions. The zero User is
// one about whom nothing was ever written.
//
// A session lives only while its epoch is the user's, or while it is the one
// that was kept. So one write ends all sessions of a user, however many there
// are.
type User struct {
	Epoch    int64     // how often all sessions were ended
	Moved    time.Time // when all sessions were last ended; zero: never
	Reason   string    // why they were ended
	Kept     Handle    // the session that was not ended; zero: none
	Op       [16]byte  // of the last move that kept none; see Move
	Disabled bool      // no session lives, and none is started

	Claims        json.RawMessage // the user's layer of claims: a JSON object; nil where none were ever set
	ClaimsVersion int64           // counts changes of Claims, and never goes back; 0 before the first
}

// Admits reports whether what is stored about the user lets the session live.
func (u User) Admits(s Session) bool {
	return !u.Disabled && (s.Epoch == u.Epoch || s.Handle == u.Kept)
}

// Move ends all sessions of a user: it adds one to the epoch.
type Move struct {
	Op     [16]byte // random, so that a repeated move, even a late one, is made once
	At     time.Time
	Reason string

	Keep Handle // the session that lives on; zero: none
	From int64  // with Keep: the epoch by which that session was found live

	Disable bool // the user may start no sessions any more
	Empty   bool // the user's claims are emptied
}

// Allows reports whether m may be applied to u: only once, or, if it keeps a
// session, only while the epoch is the one by which that session lived. A store
// puts the same condition on its write.
func (m Move) Allows(u User) bool {
	if m.Keep != (Handle{}) {
		return u.Epoch == m.From
	}
	return u.Op != m.Op
}

// Apply returns u after the move. A move that keeps a session does not change
// Op. The epoch stops its own repetition, and Op stops a late repetition of the
// move before it.
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

// User returns what is stored about the user.
func (m *Manager) User(ctx context.Context, tenant, user string) (User, error) {
	u, err := m.store.User(ctx, KeyOf(tenant, user))
	if err != nil {
		return User{}, storage("reading the user", err)
	}
	return u, nil
}

// RevokeAll ends every session of the user by one write, including those that
// are being started at this moment. After any error the call may be repeated.
func (m *Manager) RevokeAll(ctx context.Context, tenant, user, reason string) error {
	return m.end(ctx, tenant, user, EventAllRevoked, m.move(reason))
}

// RevokeAllOnce is RevokeAll, but does nothing if the last call that ended all
// sessions of the user had the same id. So a notice that arrives twice, however
// late, does not end sessions that began since.
func (m *Manager) RevokeAllOnce(ctx context.Context, tenant, user, reason, id string) error {
	move := m.move(reason)
	sum := sha256.Sum256([]byte("latchkey: move by a notice\n" + id))
	copy(move.Op[:], sum[:])
	return m.end(ctx, tenant, user, EventAllRevoked, move)
}

// Disable is RevokeAll, and no session is started until Enable.
func (m *Manager) Disable(ctx context.Context, tenant, user, reason string) error {
	move := m.move(reason)
	move.Disable = true
	return m.end(ctx, tenant, user, EventDisabled, move)
}

// Dismiss is RevokeAll, and empties the user's claims. To delete a user, call
// it first and last: a sign-in in between then leaves no live session, and
// nothing that was written in between is left in the claims.
func (m *Manager) Dismiss(ctx context.Context, tenant, user, reason string) error {
	move := m.move(reason)
	move.Empty = true
	return m.end(ctx, tenant, user, EventAllRevoked, move)
}

// end makes a move. If the store refuses it, an earlier attempt made it and its
// answer was lost.
func (m *Manager) end(ctx context.Context, tenant, user string, kind EventKind, move Move) error {
	if _, _, err := m.store.Move(ctx, KeyOf(tenant, user), move); err != nil {
		return storage("ending all sessions", err)
	}
	m.tell(ctx, kind, Session{Tenant: tenant, User: user}, move.Reason)
	return nil
}

// RevokeOthers ends every session of the user but the one to keep, by one read
// and one write. It returns ErrEnded, and ends nothing, if that session is
// over. A sign-in at the same time fails too, because its password may be the
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
	case moved, u.Kept == keep && u.Epoch > move.From: // made now, or by an attempt whose answer was lost
		m.tell(ctx, EventAllRevoked, l.Session, move.Reason)
		return nil
	case u.Epoch <= move.From:
		return unavailable("ending all others", errBehind)
	default: // ended by somebody since it was read
		return ErrEnded
	}
}

// Enable lets a disabled user start sessions again. Sessions that were ended
// stay ended. It returns ErrConflict if the user was disabled again in the
// meantime.
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
