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
// A store never looks at a clock: it is told the time. Its caller decides
// whether a session is over, and whether it is whole. Reads see every write
// that returned before they were called. Any error that is not one of this
// package means that what came of the call is unknown.
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
	// Get returns the session, be it live, revoked or expired, and its user.
	// Each is in the state of some moment since the call began. It returns
	// ErrNotFound if there is no session, and ErrCorrupt if what is stored
	// cannot be read.
	Get(ctx context.Context, h Handle) (Session, User, error)
	// Rotate applies r in one atomic step if r.Allows the stored session, and
	// returns the session after it and true. Otherwise it changes nothing, and
	// returns the session as it is and false. It returns ErrNotFound if there
	// is no session. Of concurrent rotations of one generation at most one is
	// applied. It changes neither claims nor data nor the absolute expiry.
	Rotate(ctx context.Context, h Handle, r Rotation) (Session, bool, error)
	// Revoke marks the session revoked. Revoking again keeps the first time
	// and reason. Revoking what is not there is no error and creates nothing.
	// No other call makes a revoked session live again.
	Revoke(ctx context.Context, h Handle, at time.Time, reason string) error
	// List calls yield with the user and every session, including revoked and
	// expired ones, page by page in no particular order. If yield returns an
	// error, List stops and returns it. There is at least one call, and the
	// user is the same in every call. Sessions of other users and tenants are
	// never among them. If some of what is stored cannot be read, List yields
	// all the rest and then returns ErrCorrupt.
	List(ctx context.Context, u UserKey, yield func(User, []Session) error) error
	// Remove deletes the session and its data if o.Allows the session. It is no
	// error if it does not, or if nothing is there.
	Remove(ctx context.Context, h Handle, o Over) error
	// SetClaims replaces the claims and adds one to their version if the
	// session is live and their version is the given one. It returns
	// ErrNotFound if there is no live session, and ErrConflict if the version
	// is another; then it changes nothing.
	SetClaims(ctx context.Context, h Handle, claims json.RawMessage, version int64) error
}

// UserStore keeps what belongs to users. Nothing deletes it.
type UserStore interface {
	// User returns the user, the zero User if nothing was ever written.
	User(ctx context.Context, u UserKey) (User, error)
	// Move applies m in one atomic step if m.Allows the user, and returns the
	// user after it and true. Otherwise it changes nothing, and returns the
	// user as it is and false.
	Move(ctx context.Context, u UserKey, m Move) (User, bool, error)
	// Enable clears Disabled if it is set and the epoch is the given one.
	// Otherwise it returns ErrConflict and changes nothing.
	Enable(ctx context.Context, u UserKey, epoch int64) error
	// SetUserClaims replaces the claims and adds one to their version if that
	// is the given one. Otherwise it returns ErrConflict and changes nothing.
	SetUserClaims(ctx context.Context, u UserKey, claims json.RawMessage, version int64) error
}

// DataStore keeps the data of sessions, apart from the sessions.
type DataStore interface {
	// Data returns the session's data, or the zero Data if none was written.
	Data(ctx context.Context, h Handle) (Data, error)
	// PutData replaces the data if its version is still d.Version-1. Otherwise
	// it returns ErrConflict and changes nothing. The data may be deleted after
	// keep. PutData neither reads nor changes the session.
	PutData(ctx context.Context, h Handle, d Data, keep time.Time) error
}

// Over says which sessions are over for good.
type Over struct {
	Before time.Time // those that expired before this
	Epoch  int64     // those of an epoch below this; never the session that is kept
}

// Allows reports whether the session is over and may be removed. A store puts
// the same condition on its delete.
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

// Allows reports whether r may be applied to s: s is live, has the presented
// generation and digest, has not expired, was last rotated long enough ago, and
// was not created before notBefore. A store puts the same condition on its
// write.
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
