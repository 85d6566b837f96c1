package sessions

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"time"
)

// Store keeps sessions and what belongs to their users. Every implementation
// passes the suite in sessionstest, which has a subtest for each of its rules.
//
// A store never looks at a clock: it is told the time, and whether a session is
// over is judged by its caller, as is whether it is whole. Reads see every
// write that returned before they were called. Any error that is none of this
// package's means that the outcome is unknown.
type Store interface {
	SessionStore
	UserStore
	DataStore
}

// SessionStore keeps the sessions themselves.
type SessionStore interface {
	// Create adds s. It returns ErrExists, and changes nothing, if the handle
	// is taken, by a live session or by a revoked one.
	Create(ctx context.Context, s Session) error
	// Get returns the session, live, revoked or expired, and its user. Each is
	// as it was at some moment since the call began. It returns ErrNotFound if
	// there is no session, and ErrCorrupt if what is stored cannot be read.
	Get(ctx context.Context, h Handle) (Session, User, error)
	// Rotate applies r if r.Allows the stored session, in one atomic step, and
	// returns the session after it and true. Otherwise it changes nothing and
	// returns the session as it is and false. It returns ErrNotFound if there
	// is none. Of concurrent rotations of one generation at most one is
	// applied. It changes neither claims nor data nor the absolute expiry.
	Rotate(ctx context.Context, h Handle, r Rotation) (Session, bool, error)
	// Revoke marks the session revoked. Revoking again keeps the first time
	// and reason. Revoking what is not there is no error and creates nothing.
	// No other call makes a revoked session live again.
	Revoke(ctx context.Context, h Handle, at time.Time, reason string) error
	// List calls yield with the user and every session, revoked and expired
	// ones included, page by page in no particular order, until yield returns
	// an error, which List returns. The user is the same in every call, of
	// which there is at least one. Sessions of other users and tenants are
	// never among them. Where some of what is stored cannot be read, List
	// yields all the rest and then returns ErrCorrupt.
	List(ctx context.Context, u UserKey, yield func(User, []Session) error) error
	// Remove deletes the session and its data, if o.Allows the session. It is no
	// error if not, or if nothing is there.
	Remove(ctx context.Context, h Handle, o Over) error
	// SetClaims replaces the claims and adds one to their version, if the
	// session is live and their version is the given one. It returns
	// ErrNotFound if there is no live session, and ErrConflict, changing
	// nothing, if the version is another.
	SetClaims(ctx context.Context, h Handle, claims json.RawMessage, version int64) error
}

// UserStore keeps what belongs to users. Nothing deletes it.
type UserStore interface {
	// User returns the user, the zero User if nothing was ever written.
	User(ctx context.Context, u UserKey) (User, error)
	// Move applies m if m.Allows the user, in one atomic step, and returns the
	// user after it and true. Otherwise it changes nothing and returns the user
	// as it is and false.
	Move(ctx context.Context, u UserKey, m Move) (User, bool, error)
	// Enable clears Disabled, if it is set and the epoch is the given one, and
	// returns ErrConflict, changing nothing, if not.
	Enable(ctx context.Context, u UserKey, epoch int64) error
	// SetUserClaims replaces the claims and adds one to their version, if that
	// is the given one, and returns ErrConflict, changing nothing, if not.
	SetUserClaims(ctx context.Context, u UserKey, claims json.RawMessage, version int64) error
}

// DataStore keeps the data of sessions, apart from the sessions.
type DataStore interface {
	// Data returns the session's data, or the zero Data if none was written.
	Data(ctx context.Context, h Handle) (Data, error)
	// PutData replaces the data if its version is still d.Version-1, and
	// returns ErrConflict, changing nothing, if it is another. The data may be
	// forgotten once keep has passed. It neither reads nor changes the session.
	PutData(ctx context.Context, h Handle, d Data, keep time.Time) error
}

// Over says by what a session is over for good.
type Over struct {
	Before time.Time // an expiry earlier than this
	Epoch  int64     // an epoch below this; the session must not be the one that is kept
}

// Allows reports whether the session is over, so that it may be removed. It is
// the meaning of the condition that a store puts on its delete.
func (o Over) Allows(s Session) bool {
	return s.State == Revoked || s.Expires().Before(o.Before) || s.Epoch < o.Epoch
}

// Rotation is one step of a session's refresh token, with the conditions
// under which it may be taken.
type Rotation struct {
	From  uint32            // generation of the presented token
	Hash  [sha256.Size]byte // digest of the presented token
	Child [sha256.Size]byte // digest of the token that follows it
	Salt  [16]byte          // from which the child was derived
	MAC   string            // id of the key it was derived with

	Now          time.Time // one reading of the clock, for all of it
	Idle         time.Time // idle expiry after the step
	RotatedBy    time.Time // the last rotation must not be later (now less the rotation gap)
	CreatedSince time.Time // the session must not be older (notBefore of the settings)
}

// Allows reports whether r may be applied to s: live, of the presented
// generation and digest, not expired, last rotated long enough ago, and
// created since notBefore. It is the meaning of the condition that a store
// puts on its write.
func (r Rotation) Allows(s Session) bool {
	return s.State == Live &&
		s.Generation == r.From && s.Hash == r.Hash &&
		s.Idle.After(r.Now) && s.Absolute.After(r.Now) &&
		!s.Rotated.After(r.RotatedBy) && !s.Created.Before(r.CreatedSince)
}

// Apply returns s after the step.
func (r Rotation) Apply(s Session) Session {
	s.Generation, s.Hash, s.Previous = r.From+1, r.Child, r.Hash
	s.Salt, s.MACKey = r.Salt, r.MAC
	s.Rotated, s.Idle = r.Now, r.Idle
	return s
}
